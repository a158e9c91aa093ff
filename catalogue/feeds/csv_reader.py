r"""Articles from a CSV file that names their photos.

The first line names the columns. Those called as below are read, in any order; `columns` says which column of a foreign
file holds which of them. Only `sku` is needed. What has no column is left as it is.

    sku             the shop's own number, kept exactly; the same one again updates the article
    name            empty: the sku
    name_fr  description  description_fr
    slug            the article's part of its address; empty: made from the name
    category        made if there is none of that slug; `Women > Dresses` is a path in the tree
    brand           likewise
    price           39.90 or 39,90; empty: none is shown
    currency        EUR; empty: the shop's
    colour          several: red|blue
    size            several: S|M|L; each once
    stock           pieces; empty: not counted
    published       yes or no; empty: yes
    photo           a file in the folder of photos; several: front.jpg|back.jpg
    photo_alt       what the photos show, in the same order

`category_slug`, `category_fr`, `brand_slug`, `brand_fr`, `colour_slug`, `colour_fr` and `colour_hex` say more of what
is made: part by part as the column that they speak of. What is there already keeps what it has.

`\|` is a separator within a text. An apostrophe before what a spreadsheet would take for a formula is not part of the
cell: `'=1` is `=1`. UTF-8 (with or without a byte order mark) unless `encoding` says otherwise; UTF-16 with its mark is
known too. Columns are parted by comma, semicolon or tab, whichever the first line has most of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from catalogue.feeds import cells
from catalogue.feeds.formulas import unescape_formula
from catalogue.feeds.lists import split
from catalogue.feeds.photo_files import find_inside
from catalogue.feeds.rows import ArticleRow, CellError, FeedError, Reader, RowError, TaxonomyRow
from catalogue.feeds.tables import open_table

SEPARATOR, PATH_SEPARATOR = "|", ">"


def _name(text: str) -> str:
    return cells.read_text(text, at_most=cells.MAX_NAME)


def _description(text: str) -> str:
    return cells.read_text(text, at_most=cells.MAX_DESCRIPTION)


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
_DEFAULTED = {"currency", "published", "slug"}
PHOTO_FIELDS = ("photo", "photo_alt")
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

    def count(self) -> int:
        with open_table(self.path, encoding=self.encoding) as table:
            self._positions(table.header)
            return sum(1 for _ in table.records())

    def unused_columns(self) -> list[str]:
        """Return the names of the columns that hold no field."""
        with open_table(self.path, encoding=self.encoding) as table:
            used = self._positions(table.header).values()
            return [name for i, name in enumerate(table.header) if i not in used]

    def __iter__(self) -> Iterator[ArticleRow | RowError]:
        with open_table(self.path, encoding=self.encoding) as table:
            positions = self._positions(table.header)
            for line, record in table.records():
                if isinstance(record, RowError):
                    yield record
                else:
                    yield self._read(line, {name: unescape_formula(record[i]) for name, i in positions.items()})

    def _read(self, line: str, texts: dict[str, str]) -> ArticleRow | RowError:
        sku, name = texts["sku"], "sku"
        try:
            if not cells.check_text(sku, at_most=cells.MAX_SKU).strip():
                raise CellError("cell.empty")
            values: dict[str, Any] = {}
            for name, (attribute, meaning) in _VALUES.items():
                if name in texts and not (name in _DEFAULTED and not texts[name].strip()):
                    values[attribute] = meaning(texts[name])
            groups: dict[str, Any] = {}
            for name, (attribute, separator) in _TERMS.items():
                if name in texts:
                    groups[attribute] = _read_terms(name, separator, texts)
            name = "photo"
            if name in texts:
                groups |= self._read_photos(texts[name], texts.get("photo_alt", ""))
        except CellError as error:
            return RowError(line, sku[: cells.MAX_SKU], error.in_column(name))
        return ArticleRow(line, sku, values, **groups)

    def _read_photos(self, names: str, alts: str) -> dict[str, Any]:
        """Return the attributes of ArticleRow that concern photos, each file once."""
        parts = [part.strip() for part in split(names, SEPARATOR)]
        said = _parallel("photo_alt", alts, SEPARATOR, len(parts))
        # If a file is named twice, the first alternative text counts.
        alt_of = dict(reversed([pair for pair in zip(parts, said, strict=True) if pair[0]]))
        photos = cells.read_list(names, SEPARATOR, at_most=cells.MAX_PATH)
        read = {"photos": tuple(find_inside(self.photos, photo) for photo in photos)}
        return read | ({"alts": tuple(_name(alt_of[photo]) for photo in photos)} if alts else {})

    def _positions(self, header: list[str]) -> dict[str, int]:
        """Return the column index of each field in the file. Raises FeedError if a column is missing or there twice."""
        lower = [name.lower() for name in header]
        if unknown := set(self.columns) - set(FIELDS):
            raise FeedError("feed.unknown_field", unknown=sorted(unknown), fields=FIELDS)
        positions = {}
        for name in FIELDS:
            if self.alone and name in PHOTO_FIELDS:
                continue
            column = self.columns.get(name, name).lower()
            if lower.count(column) > 1:
                raise FeedError("feed.column_twice", file=self.path.name, column=column)
            if column in lower:
                positions[name] = lower.index(column)
            elif name in self.columns or name == "sku":
                missing = self.columns.get(name, name)
                raise FeedError("feed.no_column", file=self.path.name, column=missing, columns=header, field=name)
        return positions


def read_columns(text: str) -> dict[str, str]:
    """Return field to column, parsed from a text such as "sku=reference,name=label". Raises FeedError."""
    columns = {}
    for pair in filter(None, (part.strip() for part in text.split(","))):
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
