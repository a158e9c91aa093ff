"""Articles from a feed of Google Merchant or of Meta (Facebook, Instagram) as a table.

The first line names the attributes, in any order, with spaces or underscores (`image link` is `image_link`); comments
before it are skipped. Columns are separated by tabs, commas or semicolons, several additional pictures by commas.
Encodings are those of a CSV file.
"""

from __future__ import annotations

from catalogue.feeds import google_merchant
from catalogue.feeds.grouping import Line, Texts
from catalogue.feeds.rows import ArticleRow, FeedError
from catalogue.feeds.table_reader import TableReader


def attribute_of(column: str) -> str:
    """Return the attribute that a column header names."""
    return column.strip().lower().removeprefix("g:").replace(" ", "_")


class GoogleMerchantTsvReader(TableReader):
    """Reads a feed as a table; `google_merchant` describes the attributes."""

    def field_of(self, heading: str) -> str | None:
        name = attribute_of(heading)
        return name if name in google_merchant.ATTRIBUTES else None

    def check_fields(self) -> None:
        if "id" not in self.present:
            raise FeedError("feed.no_id", file=self.path.name)

    def line_of(self, line: str, texts: Texts) -> Line:
        return google_merchant.item(line, texts)

    def article(self, lines: list[Line]) -> ArticleRow:
        tells_sales = "sale_price" in self.present
        return google_merchant.article_of(lines, self._left_out, tells_sales=tells_sales)
