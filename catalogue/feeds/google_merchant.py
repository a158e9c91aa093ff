"""What the attributes of a Google Merchant feed mean here, whichever file they come in.

    id                      the sku, unless the item has an item_group_id
    item_group_id           the sku of the article that all items of the group are
    title, description      name and description
    price, sale_price       39.90 EUR; the sale price counts, within sale_price_effective_date if there is one
    availability            in_stock, preorder, backorder: in stock, not counted; out_of_stock: none left
    brand
    product_type            the category, as in Women > Dresses; else google_product_category, if it is not a number
    color                   several: red/blue
    size
    image_link, additional_image_link     addresses of pictures, which the worker fetches

Items of one item_group_id are variants, and here they are one article, as a shopper sees them: name, description,
brand and category of the first; colours, sizes and pictures of all, each once; the lowest price of those in stock (of
all, if none is); in stock if one of them is. An item that will not do keeps its whole article out, since half of an
article would pass for all of it. What no item says is left as it is; all other attributes are not read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from catalogue.feeds import cells
from catalogue.feeds.grouping import BadLineError, Line, Texts
from catalogue.feeds.photo_addresses import check_number, read_addresses
from catalogue.feeds.rows import ArticleRow, CellError
from catalogue.messages.message import shorten

ATTRIBUTES = (
    "id", "item_group_id", "title", "description", "price", "sale_price", "sale_price_effective_date", "availability",
    "brand", "product_type", "google_product_category", "color", "size", "image_link", "additional_image_link",
)  # fmt: skip

_AVAILABLE = {"in_stock": True, "preorder": True, "backorder": True, "available_for_order": True, "out_of_stock": False}
# A comma separates URLs only before the next http(s); elsewhere it is part of one.
_NEXT_ADDRESS = re.compile(r"\s*,\s*(?=https?:)", re.IGNORECASE)


def item(line: str, texts: Texts) -> Line:
    """Return an item as a Line, to be grouped by its key. `line` must be unique to the item."""
    alone = Line(line, "", "", texts)
    group = alone.first("item_group_id")
    # Without a group the key is the line, not the id: a second item of the same id is refused, not merged.
    return Line(line, f"group {group}" if group else f"item {line}", group or alone.first("id"), texts)


def article_of(items: list[Line]) -> ArticleRow:
    """Return the article that the items of one group describe. Raises BadLineError."""
    first = items[0]
    sku_from = "item_group_id" if first.first("item_group_id") else "id"
    for each in items:
        if not each.text("id", at_most=cells.MAX_PATH):
            raise BadLineError(each, CellError("cell.empty").in_column("id"))
    values: dict[str, Any] = {}
    for name, attribute, at_most in (
        ("title", "name", cells.MAX_NAME), ("description", "description", cells.MAX_DESCRIPTION),
    ):  # fmt: skip
        if any(each.first(name) for each in items):
            values[attribute] = next(filter(None, (each.text(name, at_most=at_most) for each in items)))
    sizes = _united(items, "size", lambda text: cells.read_list(text, "\n", at_most=cells.MAX_NAME))
    if sizes:
        values["sizes"] = list(sizes)
    values |= _offer(items)
    return ArticleRow(
        first.line,
        first.text(sku_from, at_most=cells.MAX_SKU),
        values,
        category=next(filter(None, map(_category, items)), None),
        brand=next(filter(None, (each.text("brand", at_most=cells.MAX_NAME) for each in items)), None),
        colours=_united(items, "color", lambda text: cells.read_list(text, "/", at_most=cells.MAX_NAME)) or None,
        photo_urls=_pictures(items),
    )


def _offer(items: list[Line]) -> dict[str, Any]:
    """Return price, currency and stock, as far as the items state them."""
    values: dict[str, Any] = {}
    known = [each.read("availability", _available) for each in items if each.first("availability")]
    if known:
        values["stock"] = None if any(known) else 0
    for_sale = [each for each in items if each.first("availability") and each.read("availability", _available)]
    # All prices are parsed, so that an invalid one is reported even if it does not count.
    prices = {each.line: price for each in items if (price := _price(each))}
    counting = [prices[each.line] for each in for_sale if each.line in prices] or list(prices.values())
    if len({currency for _, currency in prices.values()}) > 1:
        raise BadLineError(items[-1], CellError("cell.several_currencies").in_column("price"))
    if counting:
        values["price"], values["currency"] = min(counting)
    return values


def _price(line: Line) -> tuple[Decimal, str] | None:
    price = line.read("price", cells.read_money) if line.first("price") else None
    sale = line.read("sale_price", cells.read_money) if line.first("sale_price") else None
    if sale and line.first("sale_price_effective_date"):
        sale = sale if line.read("sale_price_effective_date", _is_now) else None
    return sale or price


def _is_now(text: str) -> bool:
    try:
        start, end = (datetime.fromisoformat(part.strip()) for part in text.split("/"))
    except ValueError as error:
        raise CellError("cell.not_a_period", value=shorten(text, 2 * cells.VALUE_AT_MOST)) from error
    return start.replace(tzinfo=start.tzinfo or UTC) <= datetime.now(UTC) <= end.replace(tzinfo=end.tzinfo or UTC)


def _available(text: str) -> bool:
    word = text.strip().lower().replace(" ", "_")
    if word not in _AVAILABLE:
        raise CellError("cell.not_an_availability", value=shorten(text, cells.VALUE_AT_MOST))
    return _AVAILABLE[word]


def _category(line: Line) -> tuple[str, ...] | None:
    for name in ("product_type", "google_product_category"):
        text = line.first(name)
        if text and not (name == "google_product_category" and text.isdecimal()):
            return line.read(name, lambda text: cells.read_path(text.split(">")))
    return None


def _united(items: list[Line], name: str, meaning: Callable[[str], Iterable[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part for each in items for part in each.read(name, meaning)))


def _pictures(items: list[Line]) -> tuple[str, ...] | None:
    urls: dict[str, None] = {}
    for each in items:
        given = [
            url
            for name in ("image_link", "additional_image_link")
            for text in each.texts.get(name, ())
            for url in _NEXT_ADDRESS.split(text)
        ]
        try:
            urls |= dict.fromkeys(read_addresses(given))
            check_number(urls)
        except CellError as error:
            raise BadLineError(each, error.in_column("image_link")) from error
    return tuple(urls) or None
