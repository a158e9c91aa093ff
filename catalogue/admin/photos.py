"""The photos in an article's form: upload of several at once, ordering by dragging, validation of each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from adminsortable2.admin import SortableTabularInline
from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalogue.admin.form_photos import FormPhotos
from catalogue.admin.styles import STYLES
from catalogue.messages.rendering import render
from catalogue.models import Article, Photo, PhotoDraft
from catalogue.photos import drafts
from catalogue.photos.drafts import DraftFile
from catalogue.photos.uploads import RefusedFile
from catalogue.photos.validators import validate_photo


class PhotoField(forms.FileField):
    """A photo's file. Its errors name the file, which the field itself no longer knows."""

    def clean(self, data: Any, initial: Any = None) -> Any:
        if isinstance(data, RefusedFile):
            raise ValidationError(named(data, [render(data.message)]), code=data.message.code)
        try:
            return super().clean(data, initial)
        except ValidationError as error:
            raise ValidationError(named(data, error.messages)) from error

    def run_validators(self, value: Any) -> None:
        # A draft was validated when it was kept.
        if not isinstance(value, DraftFile):
            super().run_validators(value)


def named(file: Any, reasons: Iterable[str]) -> list[str]:
    """Return the reasons why a file is refused, each with its name, if it has one."""
    name = getattr(file, "name", "")
    return [f"{name}: {reason}" if name else reason for reason in reasons]


class DraftField(forms.CharField):
    """The draft that a row has. It is no change of its own: the file that it stands for is."""

    widget = forms.HiddenInput

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False


class PhotoForm(forms.ModelForm):  # type: ignore[type-arg]  # no [] at run time
    """A photo, validated as an image that can be decoded."""

    # Not the admin's own widget: it links to the original, and originals are never served.
    file = PhotoField(
        label=_("file"),
        validators=[validate_photo],
        widget=forms.FileInput(
            attrs={
                # Browsers of desktops leave out of image/* what they cannot show.
                "accept": "image/*,.heic,.heif",
                "data-max-bytes": settings.PHOTO_MAX_BYTES,
                "data-too-large": _("This file is too large. Choose a smaller one."),
                "data-move": _("Arrow keys move this photo up and down."),
                "data-place": _("Position %s of %s"),
            }
        ),
    )
    draft = DraftField(required=False)

    class Meta:
        model = Photo
        fields = ("file", "alt", "position")


class PhotoFormSet(SortableTabularInline.formset):  # type: ignore[misc]  # no stubs
    """An article's photos, with the drafts that the rows have."""

    def __init__(self, *args: Any, photos: FormPhotos | None = None, **kwargs: Any) -> None:
        self.photos = photos
        super().__init__(*args, **kwargs)
        # In a new form, rows for the drafts that it goes on with.
        if photos is not None and photos.resumed:
            self.extra = len(photos.resumed) + 1
            first = self.initial_form_count()
            photos.shown = dict(enumerate(photos.resumed, first))

    def add_fields(self, form: forms.ModelForm[Photo], index: int | None) -> None:
        super().add_fields(form, index)
        if self.photos is not None and index is not None:
            # Read by PhotoInline.thumbnail, which is given the photo alone.
            vars(form.instance).update(draft=self.photos.shown.get(index), row=form.prefix)
        # The fields are in rows of a table, whose column headings are no labels to a screen reader.
        for field in form.fields.values():
            field.widget.attrs["aria-label"] = field.label

    def clean(self) -> None:
        super().clean()
        article: Article = self.instance
        photos = self.photos
        if photos is None or photos.may_lack_photos or any(self.errors) or getattr(article, "is_refused", False):
            return
        deleted = [form.instance.pk for form in self.deleted_forms]
        new = any(form.cleaned_data.get("file") for form in self.forms if form not in self.deleted_forms)
        if not article.published or new or (article.pk and has_photos(article, but=deleted)):
            return
        raise ValidationError(_("No photo: customers cannot find this product by photo."), code="no_photo")

    def save_new(self, form: Any, commit: bool = True) -> Photo:
        photo: Photo = super().save_new(form, commit=commit)
        self.mark_saved(form, photo)
        return photo

    def save_existing(self, form: Any, obj: Photo, commit: bool = True) -> Photo:
        photo: Photo = super().save_existing(form, obj, commit=commit)
        self.mark_saved(form, photo)
        return photo

    def mark_saved(self, form: Any, photo: Photo) -> None:
        file = form.cleaned_data.get("file")
        if isinstance(file, DraftFile):
            file.close()
            drafts.mark_saved(file.draft, photo)


def has_photos(article: Article, *, but: list[int]) -> bool:
    """Return whether an article has other photos than those, or waits for one; or is for sale without one as it is."""
    return (
        article.photos.exclude(pk__in=but).exists()
        or article.photo_sources.filter(due__isnull=False).exists()
        or Article.objects.without_photos().filter(pk=article.pk, published=True).exists()
    )


class PhotoInline(SortableTabularInline):  # type: ignore[misc]  # no stubs
    """An article's photos. Dragging sets the order in which shoppers see them."""

    model = Photo
    form = PhotoForm
    formset = PhotoFormSet
    # Its rows may have drafts (KeepsPhotos).
    shows_drafts = True
    fields: ClassVar[tuple[str, ...]] = ("thumbnail", "file", "alt", "draft", "position")
    readonly_fields: ClassVar[tuple[str, ...]] = ("thumbnail",)
    extra = 1
    add_text = _("Add another photo")

    class Media:
        css = {"all": STYLES}
        js = [forms.Script("admin/photos.js", type="module"), forms.Script("admin/article_form.js", type="module")]

    def get_fields(self, request: HttpRequest, obj: Article | None = None) -> list[str]:
        fields: list[str] = list(super().get_fields(request, obj))
        # To those who only look, Django shows a link to the original, and originals are never served.
        return fields if self.has_change_permission(request, obj) else [name for name in fields if name != "file"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Photo]:
        photos: QuerySet[Photo] = super().get_queryset(request)
        return photos.select_related("article")

    @admin.display(description=_("photo"))
    def thumbnail(self, photo: Photo) -> str:
        draft: PhotoDraft | None = getattr(photo, "draft", None)
        if draft is not None:
            return draft_thumbnail(draft, row=vars(photo)["row"], replaces=bool(photo.pk))
        return thumbnail(photo) if photo.pk else ""


def thumbnail(photo: Photo) -> SafeString:
    return format_html(
        '<img class="thumbnail" src="{}" alt="{}" loading="lazy">', photo.image_url(320), photo.description
    )


def draft_thumbnail(draft: PhotoDraft, *, row: str, replaces: bool) -> SafeString:
    """Return a draft's picture and name, and a box to tick for those who have no script to remove its row."""
    return format_html(
        '<img class="thumbnail" src="{}" alt=""><span class="draft-name">{}</span><span class="quiet">{}</span>'
        '<label class="draft-remove"><input type="checkbox" name="{}-undraft"> {}</label>',
        reverse("admin:catalogue_article_draft", args=[draft.pk]),
        draft.name,
        gettext("Replaces the photo when you save.") if replaces else gettext("Not saved yet."),
        row,
        gettext("Remove"),
    )
