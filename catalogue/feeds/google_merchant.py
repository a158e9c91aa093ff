"""What the attributes of a Google Merchant feed mean here, whichever file they come in.

    id                      the sku, unless the item has an item_group_id
    item_group_id           the sku of the article that all items of the group are
    title, description      name and description
    price, sale_price       39.90 EUR; the sale price counts, within sale_price_effective_date if there is one;
                            the price is then the regular price, which is shown struck through
    availability            in_stock, preorder, backorder: in stock, not counted; out_of_stock: none left
    brand
    product_type            the category, as in Women > Dresses, and additional ones where it is repeated; else
                            google_product_category, if it is not a number
    color                   several: red/blue
    size, gtin              of each item: a variant of the article, with its id as sku, and its stock
    image_link, additional_image_link     addresses of pictures, which the worker fetches

Items of one item_group_id are variants, and here they are one article, as a shopper sees them: name, description,
brand and category of the first; colours, sizes and pictures of all, each once; the lowest price of those in stock (of
all, if none is); in stock if one of them is. An item that will not do keeps its whole article out, since half of an
article would pass for all of it. What no item says is left as it is; all other attributes are not read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from catalogue.feeds import cells
from catalogue.feeds.categories import categories
from catalogue.feeds.grouping import BadLineError, Line, Texts
from catalogue.feeds.html_text import as_text
from catalogue.feeds.offers import Offer, price_values
from catalogue.feeds.photo_addresses import check_number
from catalogue.feeds.rows import ArticleRow, CellError, VariantRow
from catalogue.feeds.table_reader import LeftOut, addresses
from catalogue.feeds.variants import read_barcode, told_variants, with_sizes
from catalogue.messages.message import shorten

ATTRIBUTES = (
    "id", "item_group_id", "title", "description", "price", "sale_price", "sale_price_effective_date", "availability",
    "brand", "product_type", "google_product_category", "color", "size", "image_link", "additional_image_link",
    "gtin", "inventory", "quantity_to_sell_on_facebook", "visibility", "status",
)  # fmt: skip

# As Google and Meta document it, as schema.org and shops write it; without spaces, hyphens and underscores.
_AVAILABLE = {
    **dict.fromkeys(
        ("instock", "available", "availablefororder", "preorder", "presale", "backorder", "onbackorder", "madetoorder",
         "onlineonly", "limitedavailability", "instoreonly", "true", "yes", "1", "enstock", "disponible",
         "précommande", "surcommande", "lagernd", "verfügbar"), True,
    ),
    **dict.fromkeys(
        ("outofstock", "soldout", "discontinued", "unavailable", "notavailable", "reserved", "markassold", "false",
         "no", "0", "rupturedestock", "enrupture", "épuisé", "indisponible", "nichtverfügbar", "ausverkauft"), False,
    ),
}  # fmt: skip
_SCHEMA = re.compile(r"(?:https?://)?(?:www\.)?schema\.org/", re.IGNORECASE)
# What Meta says of an item that shoppers shall not see.
_HIDDEN = {"hidden", "archived", "staging", "whitelist_only"}
_NEXT_ADDRESS = re.compile(r"\s*,\s*(?=https?:)", re.IGNORECASE)


def item(line: str, texts: Texts) -> Line:
    """Return an item, to be gathered with those of its group. No other item may stand on its line."""
    alone = Line(line, "", "", texts)
    group = alone.first("item_group_id")
    # An item without a group is alone, also where another has its id: that one is refused, not merged.
    key = f"group {group}" if group else f"item {line}"
    return Line(line, key, group or alone.first("id"), texts, shares=bool(group))


def article_of(items: list[Line], left_out: LeftOut, *, tells_sales: bool = True) -> ArticleRow:
    """Return the article that the items of one group describe. Raises BadLineError.

    `tells_sales`: an item without a sale price is not reduced.
    """
    first = items[0]
    sku_from = "item_group_id" if first.first("item_group_id") else "id"
    for each in items:
        if not each.text("id", at_most=cells.MAX_PATH):
            raise BadLineError(each, CellError("cell.empty").in_column("id"))
    values: dict[str, Any] = {}
    if title := next(filter(None, (each.text("title", at_most=cells.MAX_NAME) for each in items)), ""):
        values["name"] = title
    if description := next(filter(None, (each.read("description", _description) for each in items)), ""):
        values["description"] = description
    if shown := [each.first(name).lower() for each in items for name in ("visibility", "status") if each.first(name)]:
        values["published"] = not _HIDDEN.intersection(shown)
    sku = first.read(sku_from, cells.read_sku)
    variants = told_variants((variant for each in items for variant in _variants(each, left_out)), sku=sku)
    if sizes := with_sizes(list(_united(items, "size", _sizes)), variants):
        values["sizes"] = sizes
    values |= _offer(items, left_out, tells_sales=tells_sales)
    return ArticleRow(
        first.line,
        sku,
        values,
        **next(filter(None, map(_categories, items)), {}),
        brand=next(filter(None, (each.text("brand", at_most=cells.MAX_NAME) for each in items)), None),
        colours=_united(items, "color", _colours) or None,
        variants=variants,
        photo_urls=_pictures(items, left_out),
    )


def _variants(line: Line, left_out: LeftOut) -> Iterator[VariantRow]:
    """Yield the variants that an item is: one for each of its sizes. The stock is that of one size."""
    values: dict[str, Any] = {}
    pieces, sizes = _pieces(line), line.read("size", _sizes)
    if len(sizes) < 2:
        # Of several sizes, none has these numbers alone.
        values = {"sku": line.read("id", cells.read_sku), **read_barcode(line, ["gtin"], left_out)}
    if len(sizes) < 2 and pieces is not None:
        values["stock"] = pieces
    elif line.first("availability"):
        values["stock"] = None if line.read("availability", _available) else 0
    colours = line.read("color", _colours)
    # An item of several colours is one thing, of all of them.
    colour = colours[0] if len(colours) == 1 else ""
    yield from (VariantRow(size, colour, values) for size in sizes or ("",))


def _offer(items: list[Line], left_out: LeftOut, *, tells_sales: bool) -> dict[str, Any]:
    """Return prices, currency and stock, as far as the items state them."""
    values: dict[str, Any] = {}
    known = [each.read("availability", _available) for each in items if each.first("availability")]
    counted = [pieces for each in items if (pieces := _pieces(each)) is not None]
    if counted and len(counted) == len(items):
        values["stock"] = sum(counted)
    elif known:
        values["stock"] = None if any(known) else 0
    for_sale = [each for each in items if each.first("availability") and each.read("availability", _available)]
    # All prices are read, so that an invalid one is reported even where it is not used.
    prices = {each.line: price for each in items if (price := _price(each))}
    counting = [prices[each.line] for each in for_sale if each.line in prices] or list(prices.values())
    currencies = {currency for _, currency in prices.values() if currency}
    if len(currencies) > 1:
        raise BadLineError(items[-1], CellError("cell.several_currencies").in_column("price"))
    values |= price_values((offer for offer, _ in counting), tells_reductions=tells_sales, left_out=left_out)
    if currencies:
        values["currency"] = currencies.pop()
    return values


def _price(line: Line) -> tuple[Offer, str] | None:
    """Return what an item costs, and the currency if it names one."""
    price = line.read("price", cells.read_amount)
    sale = line.read("sale_price", cells.read_amount)
    # A sale price of nothing is none.
    if sale and not sale[0]:
        sale = None
    if sale and line.first("sale_price_effective_date"):
        sale = sale if line.read("sale_price_effective_date", _is_now) else None
    if sale is None:
        return (Offer(price[0]), price[1]) if price else None
    # A regular price in another currency is no reduction of this one.
    same = price is not None and price[1] in {"", sale[1]}
    return Offer(sale[0], price[0] if price and same else None), sale[1]


def _pieces(line: Line) -> int | None:
    """Return the stock of an item, if it is counted; none of one that is not sold, whatever is counted of it."""
    for name in ("quantity_to_sell_on_facebook", "inventory"):
        if line.first(name):
            pieces = line.read(name, cells.read_stock)
            return pieces if not line.first("availability") or line.read("availability", _available) else 0
    return None


def _description(text: str) -> str:
    return cells.read_description(text, at_most=cells.MAX_DESCRIPTION)


def _is_now(text: str) -> bool:
    """Return whether a period has begun and not ended; an end that is left out is open."""
    start, _, end = (part.strip() for part in text.partition("/"))
    try:
        begun = not start or _moment(start) <= datetime.now(UTC)
        return begun and (not end or datetime.now(UTC) <= _moment(end))
    except ValueError as error:
        raise CellError("cell.not_a_period", value=shorten(text, 2 * cells.VALUE_AT_MOST)) from error


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=moment.tzinfo or UTC)


def _available(text: str) -> bool:
    word = re.sub(r"[\s_-]", "", _SCHEMA.sub("", text.strip()).casefold())
    if word not in _AVAILABLE:
        raise CellError("cell.not_an_availability", value=shorten(text, cells.VALUE_AT_MOST))
    return _AVAILABLE[word]


def _categories(line: Line) -> dict[str, Any]:
    """Return the category, the first product type, and the others.

    Google's own category serves where there is none, if it has a name.
    """
    types = [text for text in line.texts.get("product_type", ()) if text.strip()]
    if len(types) > 1:
        paths = [line.read_part("product_type", text, read_category) for text in types]
        return line.read("product_type", lambda _: categories(paths, main=paths[0]))
    if types:
        # One says nothing of further ones: few feeds have any.
        return {"category": line.read("product_type", read_category)}
    text = line.first("google_product_category")
    if not text or text.isdecimal():
        return {}
    return {"category": line.read("google_product_category", read_category)}


def read_category(text: str) -> tuple[str, ...]:
    """Return the path of a category: `Women > Dresses`, or `Women / Dresses`."""
    text = as_text(text)
    return cells.read_path(text.split(">") if ">" in text else re.split(r"\s/\s", text))


def _colours(text: str) -> tuple[str, ...]:
    return cells.read_list(re.sub("[/;]|,(?!\\d)", "/", text), "/", at_most=cells.MAX_NAME)


def _sizes(text: str) -> tuple[str, ...]:
    """Return sizes: several as S/M/L or 36, 38, 40; one as 36/38 or 38,5."""
    text = re.sub(r"\s+", " ", text.strip())
    if text.count(",") > 1 or re.search(r", |,(?!\d)", text):
        return cells.read_list(text, ",", at_most=cells.MAX_NAME)
    if re.fullmatch(r"(?:\d?X{0,4}[SML](?:/|$))+", text, re.IGNORECASE) and text.count("/") > 1:
        return cells.read_list(text, "/", at_most=cells.MAX_NAME)
    return cells.read_list(text, "\n", at_most=cells.MAX_NAME)


def _united(items: list[Line], name: str, meaning: Callable[[str], Iterable[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part for each in items for part in each.read(name, meaning)))


def _pictures(items: list[Line], left_out: LeftOut) -> tuple[str, ...] | None:
    urls: dict[str, None] = {}
    for each in items:
        given = [
            url
            for name in ("image_link", "additional_image_link")
            for text in each.texts.get(name, ())
            for url in _NEXT_ADDRESS.split(text)
        ]
        try:
            urls |= dict.fromkeys(addresses(given, each.line, left_out))
            check_number(urls)
        except CellError as error:
            raise BadLineError(each, error.in_column("image_link")) from error
    return tuple(urls) or None
