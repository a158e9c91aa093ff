r"""Articles from a CSV file that names their photos.

The first line names the columns. Those called as below are read, in any order; `columns` says which column of a foreign
file holds which of them. Only `sku` is needed. Several columns may hold one of category (its levels, in the order of
the file), additional_category, colour, size, photo and photo_url. In a column of another name several values may also
be parted as other shops do it: 36, 38, 40; S/M/L; red/blue; Women / Dresses; addresses with commas between.

    sku             the shop's own number, kept exactly; the same one again updates the article
    name            a new article without one is called as its sku
    name_fr  description  description_fr
    slug            the article's part of its address; a new article's is made from the name
    style_number    of the design: the articles with the same one are its colours, and link to each other
    category        a path in the tree, as in `Women > Dresses`, each by its name or its French name; made if there is
                    none. A single name is also the one category below that is called so
    additional_category    further ones, each a path: Women > Sale|New
    brand           by its name or its French name; made if there is none
    price           39.90, 39,90, 1 299,00, 39,90 €; none is shown of a new article without one
    regular_price   the price before a reduction, shown struck through; higher than the price
    currency        EUR; a new article has the shop's
    colour          several: red|blue
    size            several: S|M|L; each once
    variant_size, variant_colour, variant_sku, variant_barcode, variant_stock    what is sold apart, with numbers and
                    pieces of its own, part by part: S|M, D-1-S|D-1-M, 3|0. The stock is then their sum
    stock           pieces; those of a new article without a number are not counted
    published       yes or no; a new article is, unless the import says otherwise
    photo           a file in the folder of photos; several: front.jpg|back.jpg; or addresses: https://…
    photo_url       addresses of pictures, which the worker fetches; several: https://…|https://…
    photo_alt       what the photos show, in the same order

A column that is not there and a cell that is empty change nothing. `[clear]` (or `[vider]`) in a cell takes away what
the article has there.

`category_slug`, `category_fr` (and those of `additional_category`), `brand_slug`, `brand_fr`, `colour_slug`,
`colour_fr` and `colour_hex` say more of what is made: part by part as the column that they speak of. What is there
already keeps what it has.

`\|` is a separator within a text. An apostrophe before what a spreadsheet would take for a formula is not part of the
cell: `'=1` is `=1`. UTF-8 (with or without a byte order mark) unless `encoding` says otherwise; UTF-16 with its mark is
known too. Columns are parted by comma, semicolon or tab, whichever the first line has most of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from catalogue.feeds import cells
from catalogue.feeds.columns import as_ours, columns_of, joined, positions
from catalogue.feeds.csv_fields import VALUE_FIELDS, RowCells, read_groups, read_values
from catalogue.feeds.csv_photos import PHOTO_FIELDS, names_files, read_photos
from catalogue.feeds.csv_variants import VARIANT_FIELDS, read_variants
from catalogue.feeds.formulas import unescape_formula
from catalogue.feeds.photo_files import find_inside
from catalogue.feeds.rows import ArticleRow, PhotoOrigin, Reader, RowError, together
from catalogue.feeds.table_reader import LeftOut, some
from catalogue.feeds.tables import BadRecord, open_table
from catalogue.messages import Message

FIELDS = ("sku", *VALUE_FIELDS, *VARIANT_FIELDS, *PHOTO_FIELDS)


class CsvReader(Reader):
    """Reads a CSV file; the module describes the columns."""

    def __init__(
        self,
        path: Path,
        *,
        photos: Path | Callable[[str], PhotoOrigin] | None = None,
        columns: Mapping[str, str | Sequence[str]] | None = None,
        encoding: str | None = None,
        alone: bool = False,
    ) -> None:
        """`photos` is the folder that photo paths start from, by default the file's own, or what finds a photo by its
        name, or raises CellError. `columns`: field to columns.

        A file that comes `alone` has no photos beside it: the columns that name them are ignored.
        """
        self.path = path
        self._find = photos if callable(photos) else partial(find_inside, photos or path.parent)
        self.columns = columns_of(columns or {})
        self.encoding = encoding
        self.alone = alone
        # What the file calls the column of each field.
        self._called: dict[str, str] = {}
        self._left_out = LeftOut()

    def count(self) -> int:
        with open_table(self.path, encoding=self.encoding) as table:
            self._positions(table.header)
            return sum(1 for _ in table.records())

    def unused_columns(self) -> list[str]:
        """Return the names of the columns that hold no field."""
        with open_table(self.path, encoding=self.encoding) as table:
            positions = self._positions(table.header)
            if self.alone and "photo" in positions and names_files(table, positions["photo"]):
                # No files come with it.
                del positions["photo"]
            used = {index for indexes in positions.values() for index in indexes}
            return [name for index, name in enumerate(table.header) if index not in used]

    def notes(self) -> list[Message]:
        unused = self.unused_columns()
        notes = [Message.of("feed.unused_columns", columns=some(unused))] if unused else []
        return notes + self._left_out.notes()

    def __iter__(self) -> Iterator[ArticleRow | RowError]:
        self._left_out = LeftOut()
        with open_table(self.path, encoding=self.encoding) as table:
            positions = self._positions(table.header)
            self._called = {name: table.header[indexes[0]] for name, indexes in positions.items()}
            for line, record in table.records():
                if isinstance(record, BadRecord):
                    yield record.error
                else:
                    yield self._read(line, self._texts(table.header, record, positions))

    def _texts(self, header: list[str], record: list[str], positions: Mapping[str, Sequence[int]]) -> dict[str, str]:
        def cell(name: str, index: int) -> str:
            text = unescape_formula(record[index])
            return text if header[index].lower() == name else as_ours(name, text)

        return {name: joined(name, [cell(name, index) for index in indexes]) for name, indexes in positions.items()}

    def _read(self, line: str, texts: dict[str, str]) -> ArticleRow | RowError:
        row = RowCells(texts, self._called)
        sku = row.read("sku", lambda: cells.read_sku(texts["sku"]))
        values, groups = read_values(row), read_groups(row)
        groups |= read_variants(row, values)
        find = None if self.alone else self._find
        for name in ("photo", "photo_url"):
            if name in row.said:
                meaning = partial(read_photos, line, name, texts, groups, find=find, left_out=self._left_out)
                groups |= row.read(name, meaning) or {}
        if row.wrong:
            return RowError(line, texts["sku"][: cells.MAX_SKU], together(row.wrong))
        return ArticleRow(line, sku, values, **groups, called=self._called)

    def _positions(self, header: list[str]) -> dict[str, tuple[int, ...]]:
        return positions(header, self.columns, fields=FIELDS, file=self.path.name)
