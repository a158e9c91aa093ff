"""Which columns of a table hold which of our fields: as staff choose them, as commands take them, as readers use them.

A mapping is field to columns. A field without columns is not read, also where a column is called as it is; one that the
mapping does not speak of is the column of its own name.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from catalogue.feeds import cells
from catalogue.feeds.rows import FeedError
from catalogue.messages import Message
from catalogue.messages.message import shorten

Columns: TypeAlias = dict[str, tuple[str, ...]]

# Fields that several columns may hold together, and how their cells are joined: spaces keep a backslash at the end of a
# cell from escaping the separator.
JOINED = {
    "category": " > ", "additional_category": " | ", "colour": " | ", "size": " | ", "photo": " | ", "photo_url": " | ",
}  # fmt: skip
# Fields that say more of another one, and nothing without it.
MORE_OF = {
    "category_fr": ("category",), "category_slug": ("category",),
    "additional_category_fr": ("additional_category",), "additional_category_slug": ("additional_category",),
    "brand_fr": ("brand",), "brand_slug": ("brand",),
    "colour_fr": ("colour",), "colour_slug": ("colour",), "colour_hex": ("colour",), "currency": ("price",),
    "photo_alt": ("photo", "photo_url"),
}  # fmt: skip
# Of a heading, in characters: what comes after that does not tell it from others.
HEADING_AT_MOST = 100
_NEXT_ADDRESS = re.compile(r"\s*[,;\s]\s*(?=https?:)", re.IGNORECASE)
_NEXT_LEVEL = re.compile(r"\s/\s|»")
_LETTER_SIZES = re.compile(r"(?:\d?X{0,4}[SML](?:/|$))+", re.IGNORECASE)
_NEXT_PAIR = re.compile(r"[,\n]\s*(?=[a-z_]+\s*=)")


def columns_of(given: Mapping[str, str | Sequence[str]]) -> Columns:
    """Return a mapping of which some fields may have one column, as a text."""
    return {field: (one,) if isinstance(one, str) else tuple(one) for field, one in given.items()}


def column_names(header: Sequence[str]) -> list[str]:
    """Return what each column is called, each otherwise: its heading, with a number where others have the same.

    A column without a heading is called by its position: "#3".
    """
    headings = [shorten(" ".join(heading.split()), HEADING_AT_MOST) for heading in header]
    often, seen = Counter(heading.casefold() for heading in headings), Counter[str]()
    names: list[str] = []
    used = {heading.casefold() for heading in headings if often[heading.casefold()] == 1}
    for position, heading in enumerate(headings, start=1):
        key = heading.casefold()
        if heading and often[key] == 1:
            names.append(heading)
            continue
        seen[key] += 1
        number = position if not heading else seen[key]
        name = f"{heading} #{number}".strip()
        while name.casefold() in used:
            name += "'"
        used.add(name.casefold())
        names.append(name)
    return names


def read_columns(text: str) -> Columns:
    """Return a mapping, parsed from a text such as "sku=reference,size=Taille,size=Pointure,price=". Raises FeedError.

    A field that stands several times has several columns; one without a column is not read. Lines part pairs too.
    """
    columns: Columns = {}
    # A comma may also be part of a heading: a pair begins where a field is named.
    for pair in filter(None, (part.strip(" ,\r\n") for part in _NEXT_PAIR.split(text.removeprefix("\ufeff")))):
        name, equals, column = (part.strip() for part in pair.partition("="))
        if not (equals and name):
            raise FeedError("feed.not_a_mapping", pair=pair)
        columns[name] = (*columns.get(name, ()), *([column] if column else []))
    return columns


def written_columns(columns: Columns) -> str:
    """Return the text that `read_columns` reads."""
    return ",".join(f"{field}={column}" for field, several in columns.items() for column in several or ("",))


def positions(header: list[str], columns: Columns, *, fields: Sequence[str], file: str) -> dict[str, tuple[int, ...]]:
    """Return the indexes of the columns of each field that the file has, in the file's order.

    Raises FeedError if a column that is named is missing or there twice, if there is no sku, or if a field that takes
    one column is given several.
    """
    if unknown := set(columns) - set(fields):
        raise FeedError("feed.unknown_field", unknown=sorted(unknown), fields=fields)
    lower = [heading.lower() for heading in header]
    by_name = {name.lower(): index for index, name in enumerate(column_names(header))}
    found: dict[str, tuple[int, ...]] = {}
    for field in fields:
        wanted = columns.get(field, (field,))
        if len(wanted) > 1 and field not in JOINED:
            raise FeedError("feed.field_twice", field=field, columns=wanted)
        indexes = set()
        for column in map(str.lower, wanted):
            if lower.count(column) > 1:
                raise FeedError("feed.column_twice", file=file, column=column)
            if column in lower or column in by_name:
                indexes.add(lower.index(column) if column in lower else by_name[column])
            elif field in columns or field == "sku":
                raise FeedError("feed.no_column", file=file, column=column, columns=header, field=field)
        if indexes:
            found[field] = tuple(sorted(indexes))
    if "sku" not in found:
        raise FeedError("feed.no_column", file=file, column="sku", columns=header, field="sku")
    return found


def as_ours(field: str, text: str) -> str:
    """Return a cell of a foreign column, whose several values are parted in some other way, as our own would have it.

    Several sizes are S/M/L, 36;38 or 36, 38, 40; one is 36/38 or 38,5.
    """
    if any(sign in text for sign in "|>"):
        return text
    match field:
        case "photo" | "photo_url":
            return _NEXT_ADDRESS.sub("|", text)
        case "colour":
            return re.sub(r"[/;]|,(?!\d)", "|", text)
        case "size" | "variant_size" if ";" in text:
            return text.replace(";", "|")
        case "size" | "variant_size" if text.count(",") > 1 or re.search(r",(?!\d)", text):
            return text.replace(",", "|")
        case "size" | "variant_size" if text.count("/") > 1 and _LETTER_SIZES.fullmatch(text.strip()):
            return text.replace("/", "|")
        case "variant_sku" | "variant_barcode" | "variant_stock" | "variant_colour":
            return re.sub("[,;]", "|", text)
        case "category":
            return _NEXT_LEVEL.sub(" > ", text)
        case "additional_category":
            return _NEXT_LEVEL.sub(" > ", re.sub("[,;]", "|", text))
    return text


def joined(field: str, texts: Sequence[str]) -> str:
    """Return the cells of a field's columns as one; one that says `[clear]` counts where no other says anything."""
    if len(texts) == 1:
        return texts[0]
    said = [text for text in texts if text.strip()]
    kept = [text for text in said if not cells.is_clear(text)]
    return JOINED[field].join(kept) if kept else next(iter(said), "")


def problems(chosen: Sequence[str]) -> dict[int, Message]:
    """Return what is wrong with the fields chosen for the columns ("" for none), by the index of the column.

    What is wrong with all of them, as that none is the sku, is told of the first.
    """
    wrong: dict[int, Message] = {}
    first: dict[str, int] = {}
    for index, field in enumerate(chosen):
        if not field:
            continue
        if field in first and field not in JOINED:
            wrong[index] = Message.of("columns.field_twice")
        elif field in MORE_OF and not any(base in chosen for base in MORE_OF[field]):
            wrong[index] = Message.of("columns.nothing_to_describe")
        first.setdefault(field, index)
    if "sku" not in first:
        wrong.setdefault(0, Message.of("columns.no_sku"))
    return wrong


def mapping_of(names: Sequence[str], chosen: Iterable[str], fields: Sequence[str]) -> Columns:
    """Return the mapping of columns to the fields chosen for them, "" for those that are not used."""
    columns: Columns = {}
    for name, field in zip(names, chosen, strict=True):
        if field:
            columns[field] = (*columns.get(field, ()), name)
    # What is not chosen is not read, also where a column is called so.
    called = {name.lower() for name in names}
    return columns | {field: () for field in fields if field in called and field not in columns}


def chosen_of(names: Sequence[str], columns: Columns, fields: Sequence[str]) -> list[str]:
    """Return the field that a mapping gives each column, "" for none: the converse of `mapping_of`."""
    field_of = {column.lower(): field for field in fields for column in columns.get(field, (field,))}
    return [field_of.get(name.lower(), "") for name in names]
