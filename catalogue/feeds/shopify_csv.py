"""Articles from a product CSV as Shopify exports it, in its columns of before or after 2024.

    Handle, or URL handle       the sku; all lines of one handle are one article
    Title, Vendor               name and brand
    Body (HTML), Description    description, as plain text
    Type, Product Category      the category; the first that is given, with a path as in Women > Dresses
    Published, Status           published if the one says true and the other, if it is there, active
    Variant Price, Price        the lowest price of the variants that can be bought (of all, if none can);
                                the file names no currency, so a new article has the shop's
    Variant Inventory Qty       the stock, of all variants together; not counted where a variant is not tracked, or is
                                sold on when there is none left
    Option1 Name … Option3 Value    sizes and colours, where an option is called so (Size, Taille, Color, Couleur …)
    Image Src, Image Position, Image Alt Text, Variant Image    addresses of pictures, which the worker fetches

A variant that will not do keeps its whole article out, since half of an article would pass for all of it. Encodings are
those of a CSV file. Other columns are not read.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from catalogue.feeds import cells
from catalogue.feeds.grouping import BadLineError, GroupingReader, Line
from catalogue.feeds.html_text import plain_text
from catalogue.feeds.photo_addresses import check_number, read_addresses
from catalogue.feeds.rows import ArticleRow, CellError, FeedError, RowError
from catalogue.feeds.tables import open_table

# Column names since 2024, and the older ones, which this module uses.
_NEWER = {
    "url handle": "handle", "description": "body (html)", "published on online store": "published",
    "sku": "variant sku", "price": "variant price", "inventory tracker": "variant inventory tracker",
    "inventory quantity": "variant inventory qty", "continue selling when out of stock": "variant inventory policy",
    "product image url": "image src", "variant image url": "variant image",
}  # fmt: skip
_OPTIONS = ("option1", "option2", "option3")
_COLUMNS = {
    "handle", "title", "body (html)", "vendor", "type", "product category", "published", "status", "variant sku",
    "variant price", "variant inventory tracker", "variant inventory qty", "variant inventory policy", "image src",
    "image position", "image alt text", "variant image",
    *(f"{option} {part}" for option in _OPTIONS for part in ("name", "value")),
}  # fmt: skip
_SIZES = {"size", "sizes", "taille", "pointure", "größe", "grösse", "talla", "taglia", "maat", "tamanho"}
_COLOURS = {"color", "colour", "colors", "couleur", "coloris", "farbe", "kleur", "colore", "cor"}
_MAX_HTML = 130_000


def column_of(name: str) -> str:
    """Return the older name of a column, in lower case."""
    return _NEWER.get(name.strip().lower(), name.strip().lower())


class ShopifyCsvReader(GroupingReader):
    """Reads a product CSV of Shopify; the module describes the columns."""

    def __init__(self, path: Path, *, encoding: str | None = None) -> None:
        self.path = path
        self.encoding = encoding

    def lines(self) -> Iterator[Line | RowError]:
        with open_table(self.path, encoding=self.encoding) as table:
            names = [column_of(name) for name in table.header]
            if "handle" not in names:
                raise FeedError("feed.no_handle", file=self.path.name)
            for line, record in table.records():
                if isinstance(record, RowError):
                    yield record
                    continue
                texts = {name: [text] for name, text in zip(names, record, strict=True) if name in _COLUMNS and text}
                handle = "".join(texts.get("handle", [])).strip()
                if handle:
                    yield Line(line, handle, handle, texts)
                else:
                    yield RowError(line, "", CellError("cell.empty").in_column("handle"))

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
        variants = [line for line in lines if line.first("variant price") or line.first("option1 value")]
        values |= _offer(variants)
        sizes, colours = _options(lines, _SIZES), _options(lines, _COLOURS)
        if sizes:
            values["sizes"] = list(sizes)
        urls, alts = _pictures(lines)
        return ArticleRow(
            first.line,
            first.text("handle", at_most=cells.MAX_SKU),
            values,
            category=_category(lines),
            brand=_first(lines, "vendor", at_most=cells.MAX_NAME) or None,
            colours=colours or None,
            photo_urls=urls,
            alts=alts,
        )


def _first(lines: list[Line], name: str, *, at_most: int) -> str:
    return next(filter(None, (line.text(name, at_most=at_most) for line in lines)), "")


def _description(html: str) -> str:
    text = plain_text(cells.check_text(html, at_most=_MAX_HTML))
    return cells.read_text(text, at_most=cells.MAX_DESCRIPTION)


def _is_published(line: Line) -> bool:
    flag = line.read("published", cells.read_flag) if line.first("published") else True
    return flag and line.first("status").lower() in {"", "active"}


def _category(lines: list[Line]) -> tuple[str, ...] | None:
    for name in ("type", "product category"):
        for line in lines:
            if line.first(name):
                return line.read(name, lambda text: cells.read_path(text.split(">")))
    return None


def _offer(variants: list[Line]) -> dict[str, Any]:
    """Return the lowest price and the total stock of the variants."""
    offers = [(_price(line), _pieces(line)) for line in variants]
    buyable = [price for price, pieces in offers if price is not None and pieces != 0]
    prices = buyable or [price for price, _ in offers if price is not None]
    values: dict[str, Any] = {}
    if prices:
        values["price"] = min(prices)
    if offers:
        counted = [pieces for _, pieces in offers]
        known = [pieces for pieces in counted if pieces is not None]
        values["stock"] = sum(known) if len(known) == len(counted) else None
    return values


def _price(line: Line) -> Decimal | None:
    return line.read("variant price", cells.read_price)


def _pieces(line: Line) -> int | None:
    """Return the stock of a variant; None if it is not tracked, or sold on when there is none left."""
    tracked = line.first("variant inventory tracker") or line.first("variant inventory qty")
    if not tracked or line.first("variant inventory policy").lower() in {"continue", "true"}:
        return None
    # A negative quantity means oversold, and counts as 0.
    return line.read("variant inventory qty", lambda text: 0 if text.startswith("-") else cells.read_stock(text))


def _options(lines: list[Line], called: set[str]) -> tuple[str, ...]:
    """Return the distinct values of the options whose name is in `called`."""
    found: dict[str, None] = {}
    for option in _OPTIONS:
        # Shopify writes the name on the first line of a product only.
        name = next(filter(None, (line.first(f"{option} name") for line in lines)), "")
        if name.lower() in called:
            values = (line.text(f"{option} value", at_most=cells.MAX_NAME) for line in lines)
            found |= dict.fromkeys(filter(None, values))
    return tuple(found)


def _pictures(lines: list[Line]) -> tuple[tuple[str, ...] | None, tuple[str, ...] | None]:
    """Return the URLs of an article's pictures in order, and their alternative texts; None for both if it has none."""
    placed: list[tuple[int, str, str]] = []
    for line in lines:
        if line.first("image src"):
            position = line.read("image position", lambda text: cells.read_stock(text) or 0)
            alt = line.text("image alt text", at_most=cells.MAX_NAME)
            placed += [(position or len(lines), url, alt) for url in _addresses(line, "image src")]
    placed.sort(key=lambda picture: picture[0])
    found = {url: alt for _, url, alt in reversed(placed)}
    ordered = dict.fromkeys(url for _, url, _ in placed)
    ordered |= dict.fromkeys(url for line in lines for url in _addresses(line, "variant image"))
    if not ordered:
        return None, None
    try:
        check_number(ordered)
    except CellError as error:
        raise BadLineError(lines[0], error.in_column("image src")) from error
    return tuple(ordered), tuple(found.get(url, "") for url in ordered)


def _addresses(line: Line, name: str) -> tuple[str, ...]:
    return line.read(name, lambda text: read_addresses([text]))
