"""The photos in an article's form: upload of several at once, ordering by dragging, validation of each."""

from __future__ import annotations

from typing import ClassVar

from adminsortable2.admin import SortableTabularInline
from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from catalogue.models import Photo
from catalogue.photos.validators import validate_photo


class PhotoForm(forms.ModelForm):  # type: ignore[type-arg]  # no [] at run time
    """A photo, validated as an image that can be decoded."""

    # Not the admin's own widget: it links to the original, and originals are never served.
    file = forms.FileField(
        label=_("file"),
        validators=[validate_photo],
        widget=forms.FileInput(
            attrs={
                "accept": "image/*",
                "data-max-bytes": settings.PHOTO_MAX_BYTES,
                "data-too-large": _("This file is too large to be sent. Choose a smaller one."),
                "data-drop": _("Drop photos here, or choose several at once"),
                "data-move": _("Arrow keys move this photo up and down."),
                "data-place": _("Place %s of %s"),
            }
        ),
    )

    class Meta:
        model = Photo
        fields = ("file", "alt", "position")


class PhotoFormSet(SortableTabularInline.formset):  # type: ignore[misc]  # no stubs
    """An article's photos. Browsers do not resend files after an error, so the message asks to choose them again."""

    def add_fields(self, form: forms.ModelForm[Photo], index: int | None) -> None:
        super().add_fields(form, index)
        # The fields are in rows of a table, whose column headings are no labels to a screen reader.
        for field in form.fields.values():
            field.widget.attrs["aria-label"] = field.label

    def clean(self) -> None:
        super().clean()
        if any(self.errors) and any(form.files.get(form.add_prefix("file")) for form in self.forms if not form.errors):
            raise forms.ValidationError(
                _("Nothing is saved yet. Choose the other new photos again too: a browser does not keep them.")
            )


class PhotoInline(SortableTabularInline):  # type: ignore[misc]  # no stubs
    """An article's photos. Dragging sets the order in which shoppers see them."""

    model = Photo
    form = PhotoForm
    formset = PhotoFormSet
    fields: ClassVar[tuple[str, ...]] = ("thumbnail", "file", "alt", "position")
    readonly_fields: ClassVar[tuple[str, ...]] = ("thumbnail",)
    extra = 1

    class Media:
        css = {"all": ["admin/shop.css"]}
        js = [forms.Script("admin/photos.js", type="module")]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Photo]:
        photos: QuerySet[Photo] = super().get_queryset(request)
        return photos.select_related("article")

    @admin.display(description=_("photo"))
    def thumbnail(self, photo: Photo) -> str:
        return thumbnail(photo) if photo.pk else ""


def thumbnail(photo: Photo) -> SafeString:
    return format_html(
        '<img class="thumbnail" src="{}" alt="{}" loading="lazy">', photo.image_url(320), photo.description
    )
