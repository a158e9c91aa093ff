"""Reads the cells of a CSV file that tell the variants of an article apart: parallel lists, a part for each variant."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from catalogue.feeds import cells
from catalogue.feeds.csv_fields import SEPARATOR, RowCells
from catalogue.feeds.lists import split
from catalogue.feeds.rows import CellError, VariantRow
from catalogue.feeds.variants import with_sizes

# By column: the attribute of a variant, the parser of a part, and what [clear] leaves.
_VALUES: dict[str, tuple[str, Callable[[str], Any], Any]] = {
    "variant_sku": ("sku", cells.read_sku, ""),
    "variant_barcode": ("barcode", cells.read_barcode, ""),
    "variant_stock": ("stock", cells.read_stock, None),
}
VARIANT_FIELDS = ("variant_size", "variant_colour", *_VALUES)
# More variants than this in one article indicate a malformed file.
VARIANTS_AT_MOST = 1_000


def read_variants(row: RowCells, values: dict[str, Any]) -> dict[str, Any]:
    """Return the variants that the row states, by the attribute of ArticleRow; their sizes are added to `values`.

    Of several columns all have as many parts, or are empty.
    """
    said = {name: row.said[name] for name in VARIANT_FIELDS if name in row.said}
    if not said:
        return {}
    if all(map(cells.is_clear, said.values())):
        return {"variants": ()}
    parts = {name: split(text, SEPARATOR) for name, text in said.items()}
    number = max(map(len, parts.values()))
    if number > VARIANTS_AT_MOST:
        row.read(next(iter(parts)), partial(_refuse, "cell.too_many_variants", number=number, limit=VARIANTS_AT_MOST))
        return {}
    for name, each in parts.items():
        if len(each) == 1 and cells.is_clear(each[0]):
            # One word clears the column.
            parts[name] = each * number
        elif len(each) != number:
            row.read(name, partial(_refuse, "cell.parts", parts=len(each), needed=number))
            return {}
    if "variant_size" not in parts and len(sizes := values.get("sizes", [])) == number:
        # As many sizes as parts: each is of one.
        parts["variant_size"] = sizes
    variants = [_variant(row, {name: each[i].strip() for name, each in parts.items()}) for i in range(number)]
    if sizes := with_sizes(values.get("sizes", []), variants):
        values["sizes"] = sizes
    return {"variants": tuple(variants)}


def _variant(row: RowCells, texts: dict[str, str]) -> VariantRow:
    size, colour = (
        row.read(name, partial(cells.read_name, texts.get(name, ""))) for name in ("variant_size", "variant_colour")
    )
    values = {
        attribute: nothing if cells.is_clear(texts[name]) else row.read(name, partial(meaning, texts[name]))
        for name, (attribute, meaning, nothing) in _VALUES.items()
        if texts.get(name)
    }
    return VariantRow(size or "", colour or "", values)


def _refuse(code: str, **params: int) -> None:
    raise CellError(code, **params)
