"""The form in which staff say what each column of an import's table is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalogue import imports
from catalogue.feeds.columns import problems
from catalogue.feeds.csv_reader import FIELDS
from catalogue.messages.rendering import render
from catalogue.models import ImportRun, MappedBy

# What staff call the fields, in the groups that the drop-downs have.
_GROUPS: tuple[tuple[Any, dict[str, Any]], ...] = (
    (
        _("Product"),
        {
            "sku": _("SKU (product number)"), "name": _("Name"), "name_fr": _("Name in French"),
            "description": _("Description"), "description_fr": _("Description in French"), "published": _("Published"),
            "style_number": _("Style number"),
        },
    ),
    (
        _("Price and stock"),
        {
            "price": _("Price incl. tax"), "regular_price": _("Price before the reduction"),
            "currency": _("Currency"), "stock": _("Stock"),
        },
    ),
    (
        _("Category and features"),
        {
            "category": _("Category"), "additional_category": _("Additional categories"), "brand": _("Brand"),
            "colour": _("Colour"), "size": _("Size"),
        },
    ),
    (
        _("Photos"),
        {
            "photo_url": _("Photo addresses (URLs)"), "photo": _("Photo files or addresses"),
            "photo_alt": _("What the photos show"),
        },
    ),
    (
        _("Variants"),
        {
            "variant_size": _("Variant size"), "variant_colour": _("Variant colour"),
            "variant_sku": _("Variant SKU"), "variant_barcode": _("Barcode (EAN)"),
            "variant_stock": _("Variant stock"),
        },
    ),
    (
        _("Details"),
        {
            "slug": _("Page address (slug)"), "category_fr": _("Category in French"),
            "category_slug": _("Category address (slug)"),
            "additional_category_fr": _("Additional categories in French"),
            "additional_category_slug": _("Additional category addresses (slugs)"),
            "brand_fr": _("Brand in French"),
            "brand_slug": _("Brand address (slug)"), "colour_fr": _("Colour in French"),
            "colour_slug": _("Colour address (slug)"), "colour_hex": _("Colour code, e.g. #1f3a5f"),
        },
    ),
)  # fmt: skip
LABELS: dict[str, Any] = {field: label for _group, labels in _GROUPS for field, label in labels.items()}


def choices() -> list[Any]:
    """Return the choices of a column: not used, and all fields in groups."""
    groups = [(group, list(labels.items())) for group, labels in _GROUPS]
    other = [(field, field) for field in FIELDS if field not in LABELS]
    return [("", _("– not used –")), *groups, *([(_("Other"), other)] if other else [])]


class ColumnsForm(forms.Form):
    """A field for each column of a table."""

    def __init__(self, run: ImportRun, data: Any = None) -> None:
        super().__init__(data, auto_id="id_%s")
        self.run = run
        self._fields = imports.chosen(run)
        all_choices = choices()
        for index, (name, field) in enumerate(zip(imports.names_of(run), self._fields, strict=True)):
            select = forms.Select(attrs={"aria-describedby": f"id_column_{index}_samples"})
            self.fields[f"column_{index}"] = forms.ChoiceField(
                label=name, choices=all_choices, required=False, initial=field, widget=select
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors:
            for index, message in problems(self.chosen(cleaned)).items():
                self.add_error(f"column_{index}", render(message))
        return cleaned

    def chosen(self, cleaned: dict[str, Any]) -> list[str]:
        """Return the field of each column, "" for none."""
        return [cleaned.get(f"column_{index}", "") for index in range(len(self._fields))]

    def columns(self) -> Iterator[dict[str, Any]]:
        """Yield each column for the page: its field, some of its cells, and whether it is a guess."""
        guessed = self.run.mapped_by == MappedBy.GUESS and not self.is_bound
        for index, (column, field) in enumerate(zip(self.run.table, self._fields, strict=True)):
            yield {
                "field": self[f"column_{index}"],
                "samples": column["samples"],
                "used": bool(field),
                "guessed": guessed and bool(field) and field != column["name"].lower(),
            }

    @property
    def used(self) -> int:
        return sum(map(bool, self._fields))
