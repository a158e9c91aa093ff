"""The sizes in an article's form, each with its own SKU, barcode and stock."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from catalogue.admin.concurrent import KeepsOthersChanges
from catalogue.models import Article, Variant, is_counted, sizes_of


class CountsStockBySize(KeepsOthersChanges):
    """Mixin: the stock of an article that is counted by size is their sum, which is not edited by itself."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "stock" in self.fields and self.instance.pk and is_counted(self.instance.variants.all()):
            self.fields["stock"].disabled = True
            self.fields["stock"].help_text = _("Calculated from the sizes.")
            self.fields["stock"].widget.attrs["title"] = _("Calculated from the sizes.")


class VariantFormSet(forms.BaseInlineFormSet):  # type: ignore[type-arg]  # no [] at run time
    """An article's sizes."""

    def add_fields(self, form: forms.ModelForm[Variant], index: int | None) -> None:
        super().add_fields(form, index)
        # The fields are in rows of a table, whose column headings are no labels to a screen reader.
        for field in form.fields.values():
            field.widget.attrs["aria-label"] = field.label

    def save_existing(self, form: forms.ModelForm[Variant], obj: Variant, commit: bool = True) -> Variant:
        # A size that was taken out of the list of sizes is deleted by now.
        if not Variant.objects.filter(pk=obj.pk).exists():
            return obj
        saved: Variant = super().save_existing(form, obj, commit)
        return saved


class VariantInline(admin.TabularInline):  # type: ignore[type-arg]  # no [] at run time
    """An article's sizes; what is added or deleted here is also in its list of sizes."""

    model = Variant
    form = KeepsOthersChanges
    formset = VariantFormSet
    fields = ("size", "colour", "sku", "barcode", "stock")
    autocomplete_fields: ClassVar[tuple[str, ...]] = ("colour",)
    extra = 0
    add_text = _("Add another size")
    verbose_name = _("size, SKU and stock")
    verbose_name_plural = _("sizes, SKUs and stock")


def follow_variants(article: Article) -> None:
    """Make an article's sizes those of its variants, in the order that they have."""
    present = sizes_of(Variant.objects.filter(article=article))
    ordered = [size for size in article.sizes if size in present]
    article.sizes = [*ordered, *(size for size in present if size not in ordered)]
    article.save(update_fields=["sizes", "updated"])
