"""Reads the cells of a CSV file that say what an article is: its values, and its category, brand and colours."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from django.conf import settings

from catalogue.feeds import cells
from catalogue.feeds.categories import CATEGORIES_AT_MOST
from catalogue.feeds.lists import split
from catalogue.feeds.rows import CellError, TaxonomyRow
from catalogue.messages import Message
from catalogue.models import MAX_STYLE_NUMBER

SEPARATOR, PATH_SEPARATOR = "|", ">"


def _name(text: str) -> str:
    return cells.read_text(text, at_most=cells.MAX_NAME)


def _description(text: str) -> str:
    return cells.read_description(text, at_most=cells.MAX_DESCRIPTION)


def _names(text: str) -> tuple[str, ...]:
    return cells.read_list(text, SEPARATOR, at_most=cells.MAX_NAME)


def _slug(text: str) -> str:
    return cells.read_slug(text, at_most=cells.MAX_SLUG)


# Columns that hold one attribute of the article: the attribute, and the parser of the cell.
_VALUES: dict[str, tuple[str, Callable[[str], Any]]] = {
    "name": ("name", _name),
    "name_fr": ("name_fr", _name),
    "slug": ("slug", lambda text: cells.read_slug(text, at_most=cells.MAX_ARTICLE_SLUG)),
    "description": ("description", _description),
    "description_fr": ("description_fr", _description),
    "style_number": ("style_number", lambda text: cells.read_text(text, at_most=MAX_STYLE_NUMBER)),
    "price": ("price", cells.read_price),
    "regular_price": ("regular_price", cells.read_price),
    "currency": ("currency", cells.read_currency),
    "size": ("sizes", lambda text: list(_names(text))),
    "stock": ("stock", cells.read_stock),
    "published": ("published", cells.read_flag),
}
# Columns that name categories, brands or colours: the attribute of ArticleRow, and the separator of several names.
_TERMS = {"category": ("category", PATH_SEPARATOR), "brand": ("brand", ""), "colour": ("colours", SEPARATOR)}
# Suffixes of the columns with their details: the attribute of TaxonomyRow, and the parser of each part.
_DETAILS: dict[str, tuple[str, Callable[[str], str]]] = {
    "slug": ("slug", _slug),
    "fr": ("name_fr", _name),
    "hex": ("hex", cells.read_hex),
}
_TERM_FIELDS = (
    "category", "category_fr", "category_slug",
    "additional_category", "additional_category_fr", "additional_category_slug",
    "brand", "brand_fr", "brand_slug",
    "colour", "colour_fr", "colour_slug", "colour_hex",
)  # fmt: skip
# An empty cell of these columns leaves the shop's default.
_DEFAULTED = {"currency", "published", "slug", "name"}
_NOTHING: dict[str, Any] = {"category": (), "brand": "", "colour": ()}
_EMPTY: dict[str, Any] = {
    "price": None,
    "regular_price": None,
    "stock": None,
    "size": [],
    "description": "",
    "description_fr": "",
    "name_fr": "",
    "style_number": "",
}
VALUE_FIELDS = (*_VALUES, *_TERM_FIELDS)


class RowCells:
    """The cells of one row by field, and what is wrong with them: all of it, so that it is put right at once.

    `called` has what the file calls the columns of the fields, as messages do.
    """

    def __init__(self, texts: dict[str, str], called: Mapping[str, str]) -> None:
        self.texts = texts
        self.called = called
        self.said = {name: text for name, text in texts.items() if text.strip()}
        self.wrong: list[Message] = []

    def read(self, name: str, meaning: Callable[[], Any]) -> Any:
        """Return what a cell means; None for one that is invalid, which is noted."""
        try:
            return meaning()
        except CellError as error:
            self.wrong.append(error.in_column(self.called.get(name, name)))
            return None


def read_values(row: RowCells) -> dict[str, Any]:
    """Return the attributes of the article that the row states."""
    values: dict[str, Any] = {}
    for name, (attribute, meaning) in _VALUES.items():
        if name in row.said:
            value = row.read(name, partial(_value, name, row.said[name], meaning))
            # What is empty once it is read, as `<p></p>` and `€` are, says nothing either.
            if cells.is_clear(row.said[name]) or value not in ("", None, []):
                values[attribute] = value
    for name in ("price", "regular_price"):
        if values.get(name) is not None:
            values |= row.read(name, partial(_read_price, name, row.said[name], values.get("currency") or "")) or {}
    return values


def read_groups(row: RowCells) -> dict[str, Any]:
    """Return the category, brand and colours that the row states, by the attribute of ArticleRow."""
    groups: dict[str, Any] = {}
    for name, (attribute, separator) in _TERMS.items():
        if name in row.said:
            if cells.is_clear(row.said[name]):
                groups[attribute] = _NOTHING[name]
            elif terms := row.read(name, partial(_read_terms, name, separator, row.texts)):
                groups[attribute] = terms
    if (name := "additional_category") in row.said:
        if cells.is_clear(row.said[name]):
            groups["additional_categories"] = ()
        elif paths := row.read(name, partial(_read_paths, row.texts)):
            groups["additional_categories"] = paths
    return groups


def _read_paths(texts: dict[str, str]) -> Any:
    """Return the paths of the additional categories, one a part."""
    columns = ("additional_category", "additional_category_fr", "additional_category_slug")
    parts = split(texts[columns[0]], SEPARATOR)
    if len(parts) > CATEGORIES_AT_MOST:
        raise CellError("cell.too_many_categories", number=len(parts), limit=CATEGORIES_AT_MOST)
    details = {name: parallel(name, texts.get(name, ""), SEPARATOR, len(parts)) for name in columns[1:]}
    paths = [
        _read_terms(columns[0], PATH_SEPARATOR, {columns[0]: part, **{name: of[i] for name, of in details.items()}})
        for i, part in enumerate(parts)
    ]
    return tuple(dict.fromkeys(path for path in paths if path))


def _value(name: str, text: str, meaning: Callable[[str], Any]) -> Any:
    if not cells.is_clear(text):
        return meaning(text)
    if name in _DEFAULTED:
        raise CellError("cell.not_cleared")
    return _EMPTY[name]


def _read_price(name: str, text: str, currency: str) -> dict[str, Any]:
    """Return a price and the currency. Raises CellError if the cell names another one than the column of currencies."""
    amount = cells.read_amount(text, currency=currency or str(settings.CURRENCY))
    if amount is None:
        return {}
    price, named = amount
    if named and currency and named != currency:
        raise CellError("cell.other_currency", one=named, other=currency)
    return {name: price, **({"currency": named} if named else {})}


def _read_terms(name: str, separator: str, texts: dict[str, str]) -> Any:
    """Return the terms of a cell: plain names, or TaxonomyRows if other columns give details of them."""
    parts = split(texts[name], separator) if separator else [texts[name]]
    details: dict[str, list[str]] = {}
    for detail, (attribute, meaning) in _DETAILS.items():
        column = f"{name}_{detail}"
        if texts.get(column, "").strip():
            said = parallel(column, texts[column], separator, len(parts))
            try:
                details[attribute] = [meaning(part) if part.strip() else "" for part in said]
            except CellError as error:
                raise CellError(error.in_column(column)) from error
    rows = [
        TaxonomyRow(_name(part), **{attribute: of[i] for attribute, of in details.items()})
        for i, part in enumerate(parts)
    ]
    terms = tuple(row if details else row.name for row in rows if row.name)
    if separator == PATH_SEPARATOR:
        cells.check_depth(terms)
        return terms
    return tuple(dict.fromkeys(terms)) if separator else next(iter(terms), "")


def parallel(column: str, text: str, separator: str, wanted: int) -> list[str]:
    """Return the `wanted` parts of a cell that describes those of another; all empty if the cell is."""
    if not text:
        return [""] * wanted
    parts = split(text, separator) if separator else [text]
    if len(parts) != wanted:
        unequal = CellError("cell.parts", parts=len(parts), needed=wanted)
        raise CellError(unequal.in_column(column))
    return parts
