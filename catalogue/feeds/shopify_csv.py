"""Articles from a product CSV as Shopify exports it, in its columns of before or after 2024.

    Handle, or URL handle       the sku; all lines of one handle are one article
    Title, Vendor               name and brand
    Body (HTML), Description    description, as plain text
    Type, Product Category      the category; the first that is given, with a path as in Women > Dresses
    Published, Status           published if the one says true and the other, if it is there, active
    Variant Price, Price        the lowest price of the variants that can be bought (of all, if none can);
                                the file names no currency, so a new article has the shop's
    Variant Compare At Price, Compare-at price    the regular price before a reduction, if it is higher
    Variant Inventory Qty       the stock, of all variants together; not counted where a variant is not tracked, or is
                                sold on when there is none left
    Variant SKU, Variant Barcode    of each variant, with its size, colour and stock
    Option1 Name … Option3 Value    sizes and colours, where an option is called so (Size, Taille, Color, Couleur …)
    Image Src, Image Position, Image Alt Text, Variant Image    addresses of pictures, which the worker fetches

A variant that will not do keeps its whole article out, since half of an article would pass for all of it. Encodings are
those of a CSV file. Other columns are not read.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from catalogue.feeds import cells, options
from catalogue.feeds.grouping import BadLine, BadLineError, Line, Texts
from catalogue.feeds.offers import Offer, price_values
from catalogue.feeds.photo_addresses import check_number
from catalogue.feeds.rows import ArticleRow, CellError, FeedError, RowError, VariantRow
from catalogue.feeds.table_reader import TableReader
from catalogue.feeds.variants import read_barcode, told_variants, with_sizes

# Column names since 2024, and the older ones, which this module uses.
_NEWER = {
    "url handle": "handle", "description": "body (html)", "published on online store": "published",
    "sku": "variant sku", "price": "variant price", "compare-at price": "variant compare at price",
    "barcode": "variant barcode",
    "inventory tracker": "variant inventory tracker",
    "inventory quantity": "variant inventory qty", "continue selling when out of stock": "variant inventory policy",
    "product image url": "image src", "variant image url": "variant image",
}  # fmt: skip
_OPTIONS = ("option1", "option2", "option3")
_COLUMNS = {
    "handle", "title", "body (html)", "vendor", "type", "product category", "published", "status", "variant sku",
    "variant barcode", "variant price", "variant compare at price", "variant inventory tracker",
    "variant inventory qty", "variant inventory policy", "image src",
    "image position", "image alt text", "variant image",
    *(f"{option} {part}" for option in _OPTIONS for part in ("name", "value")),
}  # fmt: skip


def column_of(name: str) -> str:
    """Return the older name of a column, in lower case."""
    return _NEWER.get(name.strip().lower(), name.strip().lower())


class ShopifyCsvReader(TableReader):
    """Reads products exported by Shopify; see the module."""

    def field_of(self, heading: str) -> str | None:
        name = column_of(heading)
        return name if name in _COLUMNS else None

    def check_fields(self) -> None:
        if "handle" not in self.present:
            raise FeedError("feed.no_handle", file=self.path.name)

    def line_of(self, line: str, texts: Texts) -> Line | BadLine:
        handle = "".join(texts.get("handle", [])).strip()
        if not handle:
            return BadLine(RowError(line, "", CellError("cell.empty").in_column("handle")))
        return Line(line, handle, handle, texts, starts=bool("".join(texts.get("title", [])).strip()))

    def article(self, lines: list[Line]) -> ArticleRow:
        first = lines[0]
        values: dict[str, Any] = {}
        if title := _first(lines, "title", at_most=cells.MAX_NAME):
            values["name"] = title
        if any(line.first("body (html)") for line in lines):
            values["description"] = next(filter(None, (line.read("body (html)", _description) for line in lines)), "")
        published = [_is_published(line) for line in lines if line.first("published") or line.first("status")]
        if published:
            # Shopify writes both on the first line of a product.
            values["published"] = published[0]
        sku = first.read("handle", cells.read_sku)
        variants = [line for line in lines if line.first("variant price") or line.first("option1 value")]
        values |= self._offer(variants)
        sizes, colours = list(self._options(lines, "sizes")), self._options(lines, "colours")
        told = told_variants(self._variants(lines, variants), sku=sku)
        if sizes := with_sizes(sizes, told):
            values["sizes"] = sizes
        urls, alts = self._pictures(lines)
        return ArticleRow(
            first.line,
            sku,
            values,
            category=_category(lines),
            brand=_first(lines, "vendor", at_most=cells.MAX_NAME) or None,
            colours=colours or None,
            variants=told,
            photo_urls=urls,
            alts=alts,
        )

    def _offer(self, variants: list[Line]) -> dict[str, Any]:
        """Return the price and the stock of all variants together, as far as the file speaks of them."""
        compared = "variant compare at price"
        offers = [Offer(_price(line), line.read(compared, cells.read_price), self._pieces(line)) for line in variants]
        values = price_values(offers, tells_reductions=compared in self.present, left_out=self._left_out)
        if offers and all(map(self._tells_stock, variants)):
            counted = [offer.stock for offer in offers]
            known = [pieces for pieces in counted if pieces is not None]
            values["stock"] = sum(known) if len(known) == len(counted) else None
        return values

    def _variants(self, lines: list[Line], variants: list[Line]) -> Iterator[VariantRow]:
        """Yield each variant, and the messages about it."""
        kinds = {option: self._kind(lines, option)[1] for option in _OPTIONS}
        for line in variants:
            named = {
                kind: line.text(f"{option} value", at_most=cells.MAX_NAME) for option, kind in kinds.items() if kind
            }
            values: dict[str, Any] = {}
            if line.first("variant sku"):
                values["sku"] = line.read("variant sku", cells.read_sku)
            values |= read_barcode(line, ["variant barcode"], self._left_out)
            if self._tells_stock(line):
                values["stock"] = self._pieces(line)
            yield VariantRow(named.get("sizes", ""), named.get("colours", ""), values)

    def _kind(self, lines: list[Line], option: str) -> tuple[str, str | None]:
        """Return the name of an option, which stands on the first line only, and its kind."""
        name = next(filter(None, (line.first(f"{option} name") for line in lines)), "")
        return name, options.kind_of(name)

    def _tells_stock(self, line: Line) -> bool:
        tracker, quantity = "variant inventory tracker", "variant inventory qty"
        untracked = tracker in self.present and not line.first(tracker)
        return quantity in self.present and (bool(line.first(quantity)) or untracked or _is_sold_on(line))

    def _pieces(self, line: Line) -> int | None:
        """Return the stock of a variant; None if it is not tracked, or sold beyond its stock."""
        # Without the column of trackers, a quantity says that there is one.
        tracker = "variant inventory tracker"
        tracked = line.first(tracker if tracker in self.present else "variant inventory qty")
        if not tracked or _is_sold_on(line):
            return None
        # A negative stock was oversold: treated as none.
        return line.read("variant inventory qty", lambda text: 0 if text.startswith("-") else cells.read_stock(text))

    def _options(self, lines: list[Line], kind: str) -> tuple[str, ...]:
        """Return the distinct values of the options of a kind."""
        found: dict[str, None] = {}
        for option in _OPTIONS:
            name, what = self._kind(lines, option)
            if what == kind:
                values = (line.text(f"{option} value", at_most=cells.MAX_NAME) for line in lines)
                found |= dict.fromkeys(filter(None, values))
            elif what is None and kind == "sizes":
                self.left_out("feed.options_left_out", name)
        return tuple(found)

    def _pictures(self, lines: list[Line]) -> tuple[tuple[str, ...] | None, tuple[str, ...] | None]:
        """Return the URLs of an article's pictures in their order, and their alternative texts."""
        placed: list[tuple[int, str, str]] = []
        for line in lines:
            if line.first("image src"):
                position = _position(line.first("image position"))
                alt = line.first("image alt text")
                alt = cells.read_text(alt, at_most=len(alt) + cells.MAX_NAME)[: cells.MAX_NAME]
                placed += [(position or len(lines), url, alt) for url in self._addresses(line, "image src")]
        placed.sort(key=lambda picture: picture[0])
        found = {url: alt for _, url, alt in reversed(placed)}
        ordered = dict.fromkeys(url for _, url, _ in placed)
        ordered |= dict.fromkeys(url for line in lines for url in self._addresses(line, "variant image"))
        if not ordered:
            return None, None
        try:
            check_number(ordered)
        except CellError as error:
            raise BadLineError(lines[0], error.in_column("image src")) from error
        return tuple(ordered), tuple(found.get(url, "") for url in ordered)

    def _addresses(self, line: Line, name: str) -> tuple[str, ...]:
        return line.read(name, lambda text: self.addresses(line.line, [text]))


def _first(lines: list[Line], name: str, *, at_most: int) -> str:
    return next(filter(None, (line.text(name, at_most=at_most) for line in lines)), "")


def _description(html: str) -> str:
    return cells.read_description(html, at_most=cells.MAX_DESCRIPTION)


def _is_published(line: Line) -> bool:
    flag = line.read("published", cells.read_flag) if line.first("published") else True
    return flag and line.first("status").lower() in {"", "active"}


def _is_sold_on(line: Line) -> bool:
    """Return whether a variant is sold when there is none left."""
    return line.first("variant inventory policy").lower() in {"continue", "true"}


def _category(lines: list[Line]) -> tuple[str, ...] | None:
    for name in ("type", "product category"):
        for line in lines:
            if line.first(name):
                return line.read(name, lambda text: cells.read_path(text.split(">")))
    return None


def _price(line: Line) -> Decimal | None:
    return line.read("variant price", cells.read_price)


def _position(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 6 else 0
