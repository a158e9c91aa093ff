"""Articles from a product CSV as WooCommerce exports it, with English or French headings.

    SKU (UGS), ID               the sku; without one, "id-" and the ID
    Type, Parent                a variation is of the article that its Parent names, by sku or as id:15
    Name, Description           name and description, as plain text; the short description serves where there is none
    Published, Visibility in catalog    published if the one says 1 and the other is not hidden
    Regular price, Sale price   the lowest of what can be bought; the sale price counts between its dates, and the
                                regular price is then shown struck through; no currency
    In stock?, Stock, Backorders allowed?    the stock of all variations together; not counted where there is no number
    SKU, GTIN of a variation    of each variant, with its size, colour and stock
    Categories                  the longest path of those given, as in Clothing > Sweaters; others are additional
    Brands                      the brand
    Images                      addresses of pictures, separated by commas, which the worker fetches
    Attribute 1 name, Attribute 1 value(s) …    sizes and colours

Other columns, and options that are neither a size nor a colour, are named after the import.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

from catalogue.feeds import cells, options
from catalogue.feeds.categories import categories
from catalogue.feeds.grouping import BadLine, BadLineError, Line, Texts
from catalogue.feeds.html_text import as_text
from catalogue.feeds.lists import split
from catalogue.feeds.offers import Offer, offer_of, price_values
from catalogue.feeds.rows import ArticleRow, CellError, FeedError, RowError, VariantRow
from catalogue.feeds.table_reader import TableReader
from catalogue.feeds.variants import read_barcode, told_variants, with_sizes
from catalogue.messages.message import shorten

_FIELDS = {
    "id": "id", "type": "type", "sku": "sku", "ugs": "sku", "name": "name", "nom": "name",
    "published": "published", "publié": "published",
    "visibility in catalog": "visibility", "visibilité dans le catalogue": "visibility",
    "short description": "short", "description courte": "short", "description": "description",
    "date sale price starts": "sale starts", "date de début de promo": "sale starts",
    "date sale price ends": "sale ends", "date de fin de promo": "sale ends",
    "in stock?": "in stock", "en stock ?": "in stock", "en stock": "in stock", "stock": "stock",
    "backorders allowed?": "backorders", "autoriser les commandes de produits en rupture ?": "backorders",
    "sale price": "sale price", "tarif promo": "sale price", "tarif promotionnel": "sale price",
    "regular price": "price", "tarif régulier": "price", "tarif normal": "price",
    "categories": "categories", "catégories": "categories", "images": "images", "parent": "parent",
    "gtin, upc, ean, or isbn": "barcode", "gtin, upc, ean ou isbn": "barcode",
    "brands": "brand", "brand": "brand", "marques": "brand", "marque": "brand",
}  # fmt: skip
_ATTRIBUTE = re.compile(r"attribut(?:e)? (\d{1,3}) (name|value\(s\)|nom|valeur\(s\))")


def field_of(heading: str) -> str | None:
    """Return what a column is called here; None for one that is not used."""
    name = " ".join(heading.replace("\N{NO-BREAK SPACE}", " ").casefold().split())
    if found := _ATTRIBUTE.fullmatch(name):
        return f"attribute {found[1]} {'name' if found[2] in {'name', 'nom'} else 'values'}"
    return _FIELDS.get(name)


class WooCommerceReader(TableReader):
    """Reads products exported by WooCommerce; see the module."""

    def field_of(self, heading: str) -> str | None:
        return field_of(heading)

    def check_fields(self) -> None:
        self._sku_of: dict[str, str] = {}
        for field in ("type", "name"):
            if field not in self.present:
                raise FeedError("feed.no_field", file=self.path.name, field=field)

    def line_of(self, line: str, texts: Texts) -> Line | BadLine:
        number = "".join(texts.get("id", [])).strip()
        sku = "".join(texts.get("sku", [])).strip() or (f"id-{number}" if number else "")
        if number:
            self._sku_of[number] = sku
        parent = "".join(texts.get("parent", [])).strip()
        if _is_variation(texts):
            if parent.casefold().startswith("id:"):
                # The parent stands before its variations.
                parent = self._sku_of.get(parent[3:].strip(), f"id-{parent[3:].strip()}")
            if not parent:
                return BadLine(RowError(line, sku, CellError("cell.empty").in_column("Parent")))
            return Line(line, parent, parent, texts)
        if not sku:
            return BadLine(RowError(line, "", CellError("cell.empty").in_column("SKU")))
        return Line(line, sku, sku, texts, starts=True)

    def article(self, lines: list[Line]) -> ArticleRow:
        main = next((line for line in lines if not _is_variation(line.texts)), None)
        if main is None:
            raise BadLineError(lines[0], CellError("row.no_parent", sku=lines[0].sku).message)
        variations = [line for line in lines if line is not main]
        values: dict[str, Any] = {}
        if name := main.text("name", at_most=cells.MAX_NAME):
            values["name"] = name
        if text := main.read("description", _description) or main.read("short", _description):
            values["description"] = text
        if main.first("published"):
            values["published"] = main.first("published") == "1" and main.first("visibility").casefold() != "hidden"
        values |= self._offer(main, variations)
        sizes, colours = self._attributes(lines, "sizes"), self._attributes(lines, "colours")
        sku = main.read("sku", lambda text: cells.read_sku(text or main.sku))
        told = told_variants(self._variants(main, variations), sku=sku)
        if all_sizes := with_sizes(list(sizes), told):
            values["sizes"] = all_sizes
        pictures = [
            url
            for line in lines
            for url in self.addresses(line.line, re.split(r"\s*,\s*(?=https?:|/)", line.first("images")))
        ]
        return ArticleRow(
            main.line,
            sku,
            values,
            **self._categories(main),
            brand=main.text("brand", at_most=cells.MAX_NAME) or None,
            colours=colours or None,
            variants=told,
            photo_urls=tuple(dict.fromkeys(pictures)) or None,
        )

    def _offer(self, main: Line, variations: list[Line]) -> dict[str, Any]:
        sold = variations or [main]
        offers = [_offer(line, self._pieces(line)) for line in sold]
        values = price_values(offers, tells_reductions="sale price" in self.present, left_out=self._left_out)
        counted = [offer.stock for offer in offers if offer.stock is not None]
        own = main.read("stock", cells.read_stock) if variations else None
        if len(counted) == len(offers):
            values["stock"] = sum(counted)
        elif own is not None:
            # The stock is kept for all variations together.
            values["stock"] = own
        elif all(line.first("stock") or line.first("in stock") for line in sold):
            values["stock"] = None
        return values

    def _variants(self, main: Line, variations: list[Line]) -> Iterator[VariantRow]:
        """Yield each variation, and the messages about it; without variations, the product itself."""
        for line in variations or [main]:
            sizes, colours = self._attributes([line], "sizes"), self._attributes([line], "colours")
            values: dict[str, Any] = {}
            if line.first("sku"):
                values["sku"] = line.read("sku", cells.read_sku)
            values |= read_barcode(line, ["barcode"], self._left_out)
            if line.first("stock") or line.first("in stock") == "0" or line.first("backorders") in {"1", "notify"}:
                values["stock"] = self._pieces(line)
            # A product without variations may list all sizes that it comes in.
            yield VariantRow(
                sizes[0] if len(sizes) == 1 and variations else "", colours[0] if len(colours) == 1 else "", values
            )

    def _pieces(self, line: Line) -> int | None:
        """Return the stock of a line; None if it is not counted, or sold beyond its stock."""
        if line.first("in stock") == "0":
            return 0
        if line.first("backorders") in {"1", "notify"}:
            return None
        return line.read("stock", lambda text: 0 if text.startswith("-") else cells.read_stock(text))

    def _categories(self, line: Line) -> dict[str, Any]:
        paths = [
            line.read_part("categories", as_text(text), lambda path: cells.read_path(path.split(">")))
            for text in split(line.first("categories"), ",")
            if text.strip()
        ]
        return line.read("categories", lambda _: categories(paths))

    def _attributes(self, lines: list[Line], kind: str) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for line in lines:
            for field in line.texts:
                if not field.endswith(" name"):
                    continue
                name, what = line.first(field), options.kind_of(line.first(field))
                if what == kind:
                    values = split(line.first(f"{field.removesuffix(' name')} values"), ",")
                    found |= dict.fromkeys(
                        line.read_part(field, text, cells.read_name) for text in values if text.strip()
                    )
                elif what is None and kind == "sizes":
                    self.left_out("feed.options_left_out", name)
        return tuple(found)


def _is_variation(texts: Texts) -> bool:
    return "variation" in "".join(texts.get("type", [])).casefold()


def _description(text: str) -> str:
    # The export writes line breaks as two characters.
    return cells.read_description(text.replace("\\n", "\n"), at_most=cells.MAX_DESCRIPTION)


def _offer(line: Line, pieces: int | None) -> Offer:
    price, sale = line.read("price", cells.read_price), line.read("sale price", cells.read_price)
    today = datetime.now(UTC).date()
    starts, ends = line.read("sale starts", _date) or today, line.read("sale ends", _date) or today
    return offer_of(price, sale if starts <= today <= ends else None, pieces)


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError as error:
        raise CellError("cell.not_a_date", value=shorten(text, cells.VALUE_AT_MOST)) from error
