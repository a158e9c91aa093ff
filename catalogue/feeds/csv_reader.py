"""Articles from a CSV file that names their photos.

The first line names the columns. Those called as below are read, in any order; `columns` says which column of a foreign
file holds which of them. Only `sku` is needed. What has no column is left as it is.

    sku             the shop's own number, kept exactly; the same one again updates the article
    name            empty: the sku
    name_fr  description  description_fr
    category        made if there is none of that slug; `Women > Dresses` is a path in the tree
    brand           likewise
    price           39.90 or 39,90; empty: none is shown
    currency        EUR; empty: the shop's
    colour          several: red|blue
    size            several: S|M|L
    stock           pieces; empty: not counted
    published       yes or no; empty: yes
    photo           a file in the folder of photos; several: front.jpg|back.jpg

UTF-8 (with or without a byte order mark) unless `encoding` says otherwise; UTF-16 with its mark is known too. Columns
are parted by comma, semicolon or tab, whichever the first line has most of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from catalogue.feeds import cells
from catalogue.feeds.photo_files import find_inside
from catalogue.feeds.rows import ArticleRow, FeedError, Reader, RefusedRow
from catalogue.feeds.tables import open_table

SEPARATOR, PATH_SEPARATOR = "|", ">"


def _name(text: str) -> str:
    return cells.read_text(text, at_most=cells.MAX_NAME)


def _description(text: str) -> str:
    return cells.read_text(text, at_most=cells.MAX_DESCRIPTION)


def _names(text: str) -> tuple[str, ...]:
    return cells.read_list(text, SEPARATOR, at_most=cells.MAX_NAME)


# Columns that are one attribute of the article: the attribute, and what the cell means.
_VALUES: dict[str, tuple[str, Callable[[str], Any]]] = {
    "name": ("name", _name),
    "name_fr": ("name_fr", _name),
    "description": ("description", _description),
    "description_fr": ("description_fr", _description),
    "price": ("price", cells.read_price),
    "currency": ("currency", cells.read_currency),
    "size": ("sizes", lambda text: list(_names(text))),
    "stock": ("stock", cells.read_stock),
    "published": ("published", cells.read_flag),
}
# Columns that are rows of their own: the attribute of ArticleRow, and what the cell means.
_GROUPS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "category": ("category", lambda text: cells.read_path(text.split(PATH_SEPARATOR))),
    "brand": ("brand", _name),
    "colour": ("colours", _names),
}
# Where an empty cell says nothing, so that the shop's own default holds.
_DEFAULTED = {"currency", "published"}
FIELDS = ("sku", *_VALUES, *_GROUPS, "photo")


class CsvReader(Reader):
    """A CSV file; see the module."""

    def __init__(
        self,
        path: Path,
        *,
        photos: Path | None = None,
        columns: Mapping[str, str] | None = None,
        encoding: str | None = None,
    ) -> None:
        """`photos` is the folder that photos are named from, by default the file's own. `columns`: field to column."""
        self.path = path
        self.photos = photos or path.parent
        self.columns = dict(columns or {})
        self.encoding = encoding

    def count(self) -> int:
        with open_table(self.path, encoding=self.encoding) as table:
            self._positions(table.header)
            return sum(1 for _ in table.records())

    def unused_columns(self) -> list[str]:
        """Return the names of the columns that mean nothing here."""
        with open_table(self.path, encoding=self.encoding) as table:
            used = self._positions(table.header).values()
            return [name for i, name in enumerate(table.header) if i not in used]

    def __iter__(self) -> Iterator[ArticleRow | RefusedRow]:
        with open_table(self.path, encoding=self.encoding) as table:
            positions = self._positions(table.header)
            for place, record in table.records():
                if isinstance(record, RefusedRow):
                    yield record
                else:
                    yield self._read(place, {name: record[i] for name, i in positions.items()})

    def _read(self, place: str, texts: dict[str, str]) -> ArticleRow | RefusedRow:
        sku, name = texts["sku"], "sku"
        try:
            if not cells.check_text(sku, at_most=cells.MAX_SKU).strip():
                raise ValueError("it is empty. Give each article a number of its own")
            values: dict[str, Any] = {}
            for name, (attribute, meaning) in _VALUES.items():
                if name in texts and not (name in _DEFAULTED and not texts[name].strip()):
                    values[attribute] = meaning(texts[name])
            groups: dict[str, Any] = {}
            for name, (attribute, group) in _GROUPS.items():
                if name in texts:
                    groups[attribute] = group(texts[name])
            name = "photo"
            if name in texts:
                groups["photos"] = tuple(
                    find_inside(self.photos, photo)
                    for photo in cells.read_list(texts[name], SEPARATOR, at_most=cells.MAX_PATH)
                )
        except ValueError as error:
            return RefusedRow(place, sku[: cells.MAX_SKU], f"{name}: {error}")
        return ArticleRow(place, sku, values, **groups)

    def _positions(self, header: list[str]) -> dict[str, int]:
        """Return for each field that has a column which one it is. Raises FeedError where that is not clear."""
        lower = [name.lower() for name in header]
        if unknown := set(self.columns) - set(FIELDS):
            raise FeedError(f"There is no field {', '.join(sorted(unknown))}. The fields are {', '.join(FIELDS)}.")
        positions = {}
        for name in FIELDS:
            column = self.columns.get(name, name).lower()
            if lower.count(column) > 1:
                raise FeedError(f"Two columns of {self.path.name} are called {column!r}. Rename one.")
            if column in lower:
                positions[name] = lower.index(column)
            elif name in self.columns or name == "sku":
                raise FeedError(
                    f"{self.path.name} has no column {self.columns.get(name, name)!r}. Its columns are "
                    f"{', '.join(header)[:300] or 'none'}. Map the field {name} to one of them."
                )
        return positions
