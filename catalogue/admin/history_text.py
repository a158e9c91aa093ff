"""Changes in words: what was done, and each field before and after, in the reader's language."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.formats import number_format
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext, ngettext

from catalogue.history import LeftOut
from catalogue.messages.rendering import render
from catalogue.models import Article, Brand, Category, ChangeSet, Colour, Edit, Photo, Variant
from catalogue.models.recording import Recorded

How, Did, Kind = ChangeSet.How, Edit.Did, Edit.Kind
MODELS: dict[str, type[Recorded]] = {model.KIND: model for model in (Article, Photo, Category, Brand, Colour)}
RELATED: dict[str, type[Article] | type[Category] | type[Brand] | type[Colour]] = {
    "category_id": Category, "brand_id": Brand, "colours": Colour, "additional_categories": Category,
    "article_id": Article,
}  # fmt: skip
TEXT_AT_MOST = 160


def what(change: ChangeSet) -> str:
    """Return what a change set did, as its title."""
    if change.how == How.UNDO:
        return gettext("Undo: %(what)s") % {"what": what(change.undoes) if change.undoes else "…"}
    if change.how == How.BULK:
        return bulk_text(change)
    if change.how == How.IMPORT:
        return gettext("Import: %(name)s") % {"name": change.params.get("name") or change.import_run or "…"}
    if change.how == How.FEED:
        return gettext("No longer in the feed: %(name)s") % {"name": change.params.get("name") or "…"}
    first = getattr(change, "first_edit", None) or change.edits.order_by("pk").first()
    if first is None:
        return capfirst(str(How(change.how).label))
    more = getattr(change, "edit_count", 1) - 1
    text = ngettext("%(first)s and %(n)d more", "%(first)s and %(n)d more", more)
    return text % {"first": edit_text(first), "n": more} if more > 0 else edit_text(first)


def bulk_text(change: ChangeSet) -> str:
    params = change.params
    match change.action:
        case "publish":
            return gettext("Publish products")
        case "hide":
            return gettext("Hide products")
        case "delete":
            return gettext("Delete products")
        case "restore":
            return gettext("Restore products")
        case "purge":
            return gettext("Delete products permanently")
        case "change_category":
            category = Category.objects.filter(pk=params.get("category")).first()
            return gettext("Change category: %(name)s") % {"name": category or "…"}
        case "propose":
            return gettext("Suggestions from photos")
        case "confirm":
            return gettext("Confirm suggestions")
        case "merge":
            return gettext("Merge: %(gone)s into %(keep)s") % {"gone": params["skus"][1], "keep": params["skus"][0]}
    return price_text(params)


def price_text(params: dict[str, Any]) -> str:
    value = number_format(Decimal(params["value"]), force_grouping=True)
    if params["how"] == "to":
        text = gettext("Change prices to %(value)s") % {"value": value}
    else:
        text = gettext("Change prices by %(value)s") % {"value": f"{value} %" if params["how"] == "percent" else value}
    return gettext("%(change)s, old price struck through") % {"change": text} if params.get("keep") else text


def edit_text(edit: Edit) -> str:
    """Return what was done to one row, without its fields."""
    if edit.kind == Kind.PHOTO:
        return {
            Did.CREATED: gettext("Photo added"),
            Did.CHANGED: gettext("Photo changed"),
            Did.BINNED: gettext("Photo deleted"),
            Did.RESTORED: gettext("Photo restored"),
        }.get(Did(edit.did), gettext("Photo deleted"))
    return gettext("%(name)s: %(what)s") % {"name": edit.name, "what": Did(edit.did).label}


def number_text(change: ChangeSet) -> str:
    """Return how many articles or other rows a change set changed."""
    n: int = getattr(change, "edit_count", 0)
    return ngettext("%(n)d item", "%(n)d items", n) % {"n": n}


def rows_of(edits: Sequence[Edit]) -> list[dict[str, Any]]:
    """Return edits for the page: what was done, where the row is, and each field before and after."""
    words = _Words(edits)
    return [
        {
            "text": edit_text(edit),
            "name": edit.name,
            "url": words.url_of(edit),
            "picture": words.picture_of(edit),
            "fields": [] if edit.kind == Kind.PHOTO and edit.did != Did.CHANGED else words.fields_of(edit),
        }
        for edit in edits
    ]


def left_out_rows(stored: Iterable[Any]) -> list[dict[str, str]]:
    rows = [each if isinstance(each, LeftOut) else LeftOut.from_json(each) for each in stored]
    return [
        {"name": row.name, "field": field_name(row.field) if row.field else "", "why": render(row.why)} for row in rows
    ]


def field_name(name: str) -> str:
    if name == "variants":
        return capfirst(str(Variant._meta.verbose_name_plural))
    for model in MODELS.values():
        if name in model.RECORDED or (name in Article.RECORDED_RELATIONS and model is Article):
            return capfirst(str(model._meta.get_field(name).verbose_name))  # type: ignore[union-attr]  # no relation
    return name


def proposed_text(names: Iterable[str]) -> str:
    """Return what of an article is proposed, in words."""
    return ", ".join(field_name("category_id" if name == "category" else name) for name in names)


class _Words:
    """The names of what edits refer to, read in a fixed number of queries."""

    def __init__(self, edits: Sequence[Edit]) -> None:
        wanted: defaultdict[str, set[int]] = defaultdict(set)
        for edit in edits:
            for name in RELATED.keys() & edit.fields.keys():
                for value in edit.fields[name]:
                    wanted[name].update(value if isinstance(value, list) else [] if value is None else [value])
            for variants in edit.fields.get("variants", []):
                wanted["colours"].update(colour for _, colour, *_ in variants or [] if colour)
        self._names = {name: RELATED[name]._base_manager.in_bulk(keys) for name, keys in wanted.items()}
        articles = {edit.article_id for edit in edits if edit.article_id}
        self._live = set(Article.objects.filter(pk__in=articles).values_list("pk", flat=True))
        photos = [edit.row_id for edit in edits if edit.kind == Kind.PHOTO]
        self._photos = Photo.all_objects.filter(pk__in=photos).select_related("article").in_bulk()

    def picture_of(self, edit: Edit) -> str:
        photo = self._photos.get(edit.row_id) if edit.kind == Kind.PHOTO else None
        return photo.image_url(320) if photo else ""

    def url_of(self, edit: Edit) -> str:
        if edit.article_id in self._live:
            return reverse("admin:catalogue_article_change", args=[edit.article_id])
        return ""

    def fields_of(self, edit: Edit) -> list[dict[str, str]]:
        return [
            {"field": field_name(name), "before": self._text(name, before), "after": self._text(name, after)}
            for name, (before, after) in edit.values.items()
        ]

    def _text(self, name: str, value: Any) -> str:
        if value in (None, "", []):
            return ""
        if name == "variants":
            return Truncator(", ".join(map(self._variant_text, value))).chars(TEXT_AT_MOST)
        if name in RELATED:
            return ", ".join(self._name(name, key) for key in (value if isinstance(value, list) else [value]))
        if name == "proposed":
            return proposed_text(value)
        if isinstance(value, bool):
            return gettext("yes") if value else gettext("no")
        if isinstance(value, list):
            return ", ".join(map(str, value))
        if name in {"price", "regular_price"}:
            return str(number_format(Decimal(value), decimal_pos=2))
        if name == "file":
            return gettext("another photo")
        return Truncator(str(value)).chars(TEXT_AT_MOST)

    def _variant_text(self, variant: list[Any]) -> str:
        """Return one as in "S / Red (D-17-S, 4006381333931): 3"."""
        size, colour, sku, barcode, stock = variant
        named = " / ".join(filter(None, [size, self._name("colours", colour) if colour else ""]))
        numbers = ", ".join(filter(None, [sku, barcode]))
        text = f"{named} ({numbers})" if named and numbers else named or numbers
        return text if stock is None else f"{text}: {stock}"

    def _name(self, name: str, key: int) -> str:
        row = self._names[name].get(key)
        return str(row) if row else gettext("(deleted)")
