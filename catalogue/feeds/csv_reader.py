r"""Articles from a CSV file that names their photos.

The first line names the columns. Those called as below are read, in any order; `columns` says which column of a foreign
file holds which of them. Only `sku` is needed.

    sku             the shop's own number, kept exactly; the same one again updates the article
    name            a new article without one is called as its sku
    name_fr  description  description_fr
    slug            the article's part of its address; a new article's is made from the name
    category        a path in the tree, as in `Women > Dresses`, each by its name or its French name; made if there is
                    none. A single name is also the one category below that is called so
    brand           by its name or its French name; made if there is none
    price           39.90, 39,90, 1 299,00, 39,90 €; none is shown of a new article without one
    currency        EUR; a new article has the shop's
    colour          several: red|blue
    size            several: S|M|L; each once
    stock           pieces; those of a new article without a number are not counted
    published       yes or no; a new article is, unless the import says otherwise
    photo           a file in the folder of photos; several: front.jpg|back.jpg; or addresses: https://…
    photo_url       addresses of pictures, which the worker fetches; several: https://…|https://…
    photo_alt       what the photos show, in the same order

A column that is not there and a cell that is empty change nothing. `[clear]` (or `[vider]`) in a cell takes away what
the article has there.

`category_slug`, `category_fr`, `brand_slug`, `brand_fr`, `colour_slug`, `colour_fr` and `colour_hex` say more of what
is made: part by part as the column that they speak of. What is there already keeps what it has.

`\|` is a separator within a text. An apostrophe before what a spreadsheet would take for a formula is not part of the
cell: `'=1` is `=1`. UTF-8 (with or without a byte order mark) unless `encoding` says otherwise; UTF-16 with its mark is
known too. Columns are parted by comma, semicolon or tab, whichever the first line has most of.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings

from catalogue.feeds import cells
from catalogue.feeds.formulas import unescape_formula
from catalogue.feeds.lists import split
from catalogue.feeds.photo_addresses import check_number
from catalogue.feeds.photo_files import find_inside
from catalogue.feeds.rows import ArticleRow, CellError, FeedError, Reader, RowError, TaxonomyRow, together
from catalogue.feeds.table_reader import LeftOut, addresses, some
from catalogue.feeds.tables import BadRecord, Table, open_table
from catalogue.messages import Message

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
    "price": ("price", cells.read_price),
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
    "brand", "brand_fr", "brand_slug",
    "colour", "colour_fr", "colour_slug", "colour_hex",
)  # fmt: skip
# An empty cell of these columns leaves the shop's default.
_DEFAULTED = {"currency", "published", "slug", "name"}
PHOTO_FIELDS = ("photo", "photo_url", "photo_alt")
# Rows that say whether a column has addresses of photos, or names of files.
_LOOKED_AT = 100
_NEXT_PAIR = re.compile(r",\s*(?=[a-z_]+\s*=)")
_NOTHING: dict[str, Any] = {"category": (), "brand": "", "colour": ()}
_EMPTY: dict[str, Any] = {
    "price": None,
    "stock": None,
    "size": [],
    "description": "",
    "description_fr": "",
    "name_fr": "",
}
_ADDRESS = re.compile("https?:", re.IGNORECASE)
FIELDS = ("sku", *_VALUES, *_TERM_FIELDS, *PHOTO_FIELDS)


class CsvReader(Reader):
    """Reads a CSV file; the module describes the columns."""

    def __init__(
        self,
        path: Path,
        *,
        photos: Path | None = None,
        columns: Mapping[str, str] | None = None,
        encoding: str | None = None,
        alone: bool = False,
    ) -> None:
        """`photos` is the folder that photo paths start from, by default the file's own. `columns`: field to column.

        A file that comes `alone` has no photos beside it: the columns that name them are ignored.
        """
        self.path = path
        self.photos = photos or path.parent
        self.columns = dict(columns or {})
        self.encoding = encoding
        self.alone = alone
        self._left_out = LeftOut()

    def count(self) -> int:
        with open_table(self.path, encoding=self.encoding) as table:
            self._positions(table.header)
            return sum(1 for _ in table.records())

    def unused_columns(self) -> list[str]:
        """Return the names of the columns that hold no field."""
        with open_table(self.path, encoding=self.encoding) as table:
            positions = self._positions(table.header)
            if self.alone and "photo" in positions and _names_files(table, positions["photo"]):
                # No files come with it.
                del positions["photo"]
            return [name for i, name in enumerate(table.header) if i not in positions.values()]

    def notes(self) -> list[Message]:
        unused = self.unused_columns()
        notes = [Message.of("feed.unused_columns", columns=some(unused))] if unused else []
        return notes + self._left_out.notes()

    def __iter__(self) -> Iterator[ArticleRow | RowError]:
        self._left_out = LeftOut()
        with open_table(self.path, encoding=self.encoding) as table:
            positions = self._positions(table.header)
            for line, record in table.records():
                if isinstance(record, BadRecord):
                    yield record.error
                else:
                    yield self._read(line, {name: unescape_formula(record[i]) for name, i in positions.items()})

    def _read(self, line: str, texts: dict[str, str]) -> ArticleRow | RowError:
        said = {name: text for name, text in texts.items() if text.strip()}
        # All that is wrong with the row, so that it is put right at once.
        wrong: list[Message] = []
        values: dict[str, Any] = {}
        groups: dict[str, Any] = {}

        def read(name: str, meaning: Callable[[], Any]) -> Any:
            try:
                return meaning()
            except CellError as error:
                wrong.append(error.in_column(name))
                return None

        sku = read("sku", lambda: cells.read_sku(texts["sku"]))
        for name, (attribute, meaning) in _VALUES.items():
            if name in said:
                value = read(name, partial(_value, name, said[name], meaning))
                # What is empty once it is read, as `<p></p>` and `€` are, says nothing either.
                if cells.is_clear(said[name]) or value not in ("", None, []):
                    values[attribute] = value
        if values.get("price") is not None:
            values |= read("price", partial(_read_price, said["price"], values.get("currency") or "")) or {}
        for name, (attribute, separator) in _TERMS.items():
            if name in said:
                if cells.is_clear(said[name]):
                    groups[attribute] = _NOTHING[name]
                elif terms := read(name, partial(_read_terms, name, separator, texts)):
                    groups[attribute] = terms
        for name in ("photo", "photo_url"):
            if name in said:
                photos = read(name, partial(self._read_photos, line, name, texts, groups))
                groups |= photos or {}
        if wrong:
            return RowError(line, texts["sku"][: cells.MAX_SKU], together(wrong))
        return ArticleRow(line, sku, values, **groups)

    def _read_photos(self, line: str, column: str, texts: dict[str, str], before: dict[str, Any]) -> dict[str, Any]:
        """Return the attributes of ArticleRow that say which photos there are, each file or address once."""
        names, alts = texts[column], texts.get("photo_alt", "")
        if cells.is_clear(names):
            return {} if before.get("photos") else {"photos": ()}
        # Spelt as in `photos` below.
        parts = [cells.read_text(part, at_most=3 * len(part)) for part in split(names, SEPARATOR)]
        said = _parallel("photo_alt", alts, SEPARATOR, len(parts))
        # The first of two that name one file.
        alt_of = dict(reversed([pair for pair in zip(parts, said, strict=True) if pair[0]]))
        only_addresses = column == "photo_url"
        photos = cells.read_list(names, SEPARATOR, at_most=len(names) if only_addresses else cells.MAX_PATH)
        if not photos:
            return {}
        given = [only_addresses or _ADDRESS.match(photo) is not None for photo in photos]
        if before.get("photos") or before.get("photo_urls") or (any(given) and not all(given)):
            raise CellError("photo.files_and_addresses")
        if any(given):
            # A bad one is left out and told; it costs no article.
            found: dict[str, str] = {}
            for photo in photos:
                for address in addresses([photo], line, self._left_out):
                    found.setdefault(address, alt_of[photo])
            check_number(found)
            read: dict[str, Any] = {"photo_urls": tuple(found)} if found else {}
            said = list(found.values())
        elif self.alone:
            # No files come with it.
            return {}
        else:
            read = {"photos": tuple(find_inside(self.photos, photo) for photo in photos)}
            said = [alt_of[photo] for photo in photos]
        return read | ({"alts": tuple(map(_name, said))} if alts and read else {})

    def _positions(self, header: list[str]) -> dict[str, int]:
        """Return the column index of each field in the file. Raises FeedError if a column is missing or there twice."""
        lower = [name.lower() for name in header]
        if unknown := set(self.columns) - set(FIELDS):
            raise FeedError("feed.unknown_field", unknown=sorted(unknown), fields=FIELDS)
        positions = {}
        for name in FIELDS:
            column = self.columns.get(name, name).lower()
            if lower.count(column) > 1:
                raise FeedError("feed.column_twice", file=self.path.name, column=column)
            if column in lower:
                positions[name] = lower.index(column)
            elif name in self.columns or name == "sku":
                missing = self.columns.get(name, name)
                raise FeedError("feed.no_column", file=self.path.name, column=missing, columns=header, field=name)
        return positions


def _names_files(table: Table, position: int) -> bool:
    some = islice((record for _, record in table.records() if isinstance(record, list)), _LOOKED_AT)
    parts = (part.strip() for record in some for part in split(record[position], SEPARATOR))
    return any(part and not _ADDRESS.match(part) for part in parts)


def _value(name: str, text: str, meaning: Callable[[str], Any]) -> Any:
    if not cells.is_clear(text):
        return meaning(text)
    if name in _DEFAULTED:
        raise CellError("cell.not_cleared")
    return _EMPTY[name]


def _read_price(text: str, currency: str) -> dict[str, Any]:
    """Return price and currency. Raises CellError if the cell names another one than the column of currencies."""
    amount = cells.read_amount(text, currency=currency or str(settings.CURRENCY))
    if amount is None:
        return {}
    price, named = amount
    if named and currency and named != currency:
        raise CellError("cell.other_currency", one=named, other=currency)
    return {"price": price, **({"currency": named} if named else {})}


def read_columns(text: str) -> dict[str, str]:
    """Return field to column, parsed from a text such as "sku=reference,name=label". Raises FeedError."""
    columns = {}
    # A comma may also be part of a heading: a pair begins where a field is named.
    for pair in filter(None, (part.strip(" ,") for part in _NEXT_PAIR.split(text))):
        name, equals, column = pair.partition("=")
        if not (equals and name.strip() and column.strip()):
            raise FeedError("feed.not_a_mapping", pair=pair)
        columns[name.strip()] = column.strip()
    return columns


def _read_terms(name: str, separator: str, texts: dict[str, str]) -> Any:
    """Return the terms of a cell: plain names, or TaxonomyRows if other columns give details of them."""
    parts = split(texts[name], separator) if separator else [texts[name]]
    details: dict[str, list[str]] = {}
    for detail, (attribute, meaning) in _DETAILS.items():
        column = f"{name}_{detail}"
        if texts.get(column, "").strip():
            said = _parallel(column, texts[column], separator, len(parts))
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


def _parallel(column: str, text: str, separator: str, wanted: int) -> list[str]:
    """Return the `wanted` parts of a cell that describes those of another; all empty if the cell is."""
    if not text:
        return [""] * wanted
    parts = split(text, separator) if separator else [text]
    if len(parts) != wanted:
        unequal = CellError("cell.parts", parts=len(parts), needed=wanted)
        raise CellError(unequal.in_column(column))
    return parts
