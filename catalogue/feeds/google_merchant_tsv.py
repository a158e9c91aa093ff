"""Articles from a Google Merchant feed as a text file (TSV).

The first line names the attributes, in any order, with spaces or underscores (`image link` is `image_link`). Columns
are separated by tabs, several additional pictures by commas. Encodings are those of a CSV file.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from catalogue.feeds import google_merchant
from catalogue.feeds.grouping import GroupingReader, Line
from catalogue.feeds.rows import ArticleRow, FeedError, RowError
from catalogue.feeds.tables import open_table


def attribute_of(column: str) -> str:
    """Return the attribute that a column header names."""
    return column.strip().lower().removeprefix("g:").replace(" ", "_")


class GoogleMerchantTsvReader(GroupingReader):
    """Reads a feed as TSV; `google_merchant` describes the attributes."""

    def __init__(self, path: Path, *, encoding: str | None = None) -> None:
        self.path = path
        self.encoding = encoding

    def lines(self) -> Iterator[Line | RowError]:
        with open_table(self.path, encoding=self.encoding, delimiters="\t") as table:
            names = [attribute_of(column) for column in table.header]
            if "id" not in names:
                raise FeedError("feed.no_id", file=self.path.name)
            for line, record in table.records():
                if isinstance(record, RowError):
                    yield record
                    continue
                texts: dict[str, list[str]] = {}
                for name, text in zip(names, record, strict=True):
                    if name in google_merchant.ATTRIBUTES and text:
                        texts.setdefault(name, []).append(text)
                yield google_merchant.item(line, texts)

    def article(self, lines: list[Line]) -> ArticleRow:
        return google_merchant.article_of(lines)
