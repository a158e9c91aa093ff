"""Articles from a table of PrestaShop: its list of products exported as CSV, or its file for imports.

Headings in English or French. A line is an article.

    Reference (Référence)           the sku; without one, "id-" and the ID
    Name (Nom)                      the name
    Description, Short description  the description, as plain text
    Category, Categories (x,y,z…)   the category; of several, the first, and the others are additional
    Price (tax incl.) (Prix TTC)    the price; one without tax is not what shoppers pay, so it is left out
    Discount amount, percent, from, to (Réduction …)    what the price is reduced by, between its dates; the
                                    price is then the regular price, which is shown struck through
    Final price (Prix final)        the price after a discount
    Quantity (Quantité)             the stock
    EAN-13, UPC, GTIN               the barcode
    Status, Active (État, Actif)    published
    Manufacturer, Brand (Marque)    the brand
    Image URLs (x,y,z…)             addresses of pictures, separated by commas, which the worker fetches

Other columns are named after the import.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from catalogue.feeds import cells
from catalogue.feeds.categories import categories
from catalogue.feeds.google_merchant import read_category
from catalogue.feeds.grouping import BadLine, Line, Texts
from catalogue.feeds.offers import offer_of, price_values
from catalogue.feeds.rows import ArticleRow, CellError, FeedError, RowError, VariantRow
from catalogue.feeds.table_reader import TableReader
from catalogue.feeds.variants import read_barcode, told_variants
from catalogue.messages.message import shorten

_FIELDS = {
    "id": "id", "product id": "id", "id produit": "id", "reference": "sku", "référence": "sku",
    "name": "name", "nom": "name", "product name": "name", "description": "description",
    "description longue": "description", "short description": "short", "summary": "short",
    "description courte": "short", "résumé": "short", "récapitulatif": "short",
    "category": "category", "catégorie": "category", "categories": "category", "catégories": "category",
    "default category": "category", "catégorie par défaut": "category",
    "price (tax incl.)": "price", "price (tax incl)": "price", "price tax included": "price", "prix (ttc)": "price",
    "prix ttc": "price", "prix de vente ttc": "price", "final price": "final", "prix final": "final",
    "price (tax excl.)": "net", "price (tax excl)": "net", "price tax excluded": "net", "prix (ht)": "net",
    "prix ht": "net", "prix de vente ht": "net",
    "discount amount": "amount", "montant de la réduction": "amount", "montant de la remise": "amount",
    "discount percent": "percent", "pourcentage de réduction": "percent", "pourcentage de remise": "percent",
    "discount from": "from", "réduction du": "from", "réduction à partir du": "from", "remise à partir du": "from",
    "discount to": "to", "réduction au": "to", "réduction jusqu'au": "to", "remise jusqu'au": "to",
    "ean-13": "barcode", "ean13": "barcode", "ean": "barcode", "upc": "barcode", "gtin": "barcode",
    "code-barres": "barcode", "quantity": "stock", "quantité": "stock",
    "status": "active", "état": "active", "active": "active", "actif": "active", "displayed": "active",
    "affiché": "active",
    "manufacturer": "brand", "brand": "brand", "marque": "brand", "fabricant": "brand",
    "image urls": "images", "url des images": "images", "urls des images": "images",
}  # fmt: skip

_DISCOUNTS = {"amount", "percent", "final"}


def field_of(heading: str) -> str | None:
    """Return what a column is called here: "Name *" is "Name", "Categories (x,y,z…)" is "Categories"."""
    name = " ".join(heading.replace("\N{NO-BREAK SPACE}", " ").replace("’", "'").casefold().split())
    plain = re.sub(r"\s*(?:\((?:x,\s*y,\s*z|0\s*/\s*1|0 ou 1|yyyy-|aaaa-).*?\)|[*#])", "", name).strip()
    return _FIELDS.get(name) or _FIELDS.get(plain)


class PrestaShopReader(TableReader):
    """Reads products exported by PrestaShop; see the module."""

    def field_of(self, heading: str) -> str | None:
        return field_of(heading)

    def check_fields(self) -> None:
        if self.present.isdisjoint({"sku", "id"}):
            raise FeedError("feed.no_field", file=self.path.name, field="Reference")

    def line_of(self, line: str, texts: Texts) -> Line | BadLine:
        number = "".join(texts.get("id", [])).strip()
        sku = "".join(texts.get("sku", [])).strip() or (f"id-{number}" if number else "")
        if not sku:
            return BadLine(RowError(line, "", CellError("cell.empty").in_column("Reference")))
        # A reference that stands again is refused as such, not merged.
        return Line(line, line, sku, texts, shares=False)

    def article(self, lines: list[Line]) -> ArticleRow:
        (line,) = lines
        values: dict[str, Any] = {}
        if name := line.text("name", at_most=cells.MAX_NAME):
            values["name"] = name
        if text := line.read("description", _description) or line.read("short", _description):
            values["description"] = text
        values |= self._offer(line)
        if line.first("stock"):
            values["stock"] = line.read("stock", lambda text: 0 if text.startswith("-") else cells.read_stock(text))
        if line.first("active"):
            values["published"] = line.read("active", cells.read_flag)
        barcode = read_barcode(line, ["barcode"], self._left_out)
        pictures = self.addresses(line.line, re.split(r"\s*,\s*(?=https?:)", line.first("images")))
        return ArticleRow(
            line.line,
            line.read("sku", lambda text: cells.read_sku(text or line.sku)),
            values,
            **self._categories(line),
            variants=told_variants([VariantRow(values=dict(barcode))], sku=line.sku),
            brand=line.text("brand", at_most=cells.MAX_NAME) or None,
            photo_urls=pictures or None,
        )

    def _offer(self, line: Line) -> dict[str, Any]:
        """Return the price, what it was before a discount, and the currency."""
        full, final = line.read("price", cells.read_amount), line.read("final", cells.read_amount)
        if not full and not final:
            if line.first("net"):
                self.left_out("feed.prices_without_tax", shorten(line.first("net"), cells.VALUE_AT_MOST))
            return {}
        price = full[0] if full else None
        sale = final[0] if final else _discounted(line, price)
        if price and sale == 0:
            self.left_out("feed.reductions_left_out", f"{price} → 0")
        told = not self.present.isdisjoint(_DISCOUNTS)
        values = price_values([offer_of(price, sale)], tells_reductions=told, left_out=self._left_out)
        currency = (final or full or (None, ""))[1]
        return values | ({"currency": currency} if currency else {})

    def _categories(self, line: Line) -> dict[str, Any]:
        several = [text for text in line.first("category").split(",") if text.strip()]
        paths = [line.read_part("category", text, read_category) for text in several]
        return line.read("category", lambda _: categories(paths, main=paths[0])) if paths else {}


def _discounted(line: Line, price: Decimal | None) -> Decimal | None:
    """Return the price after the discount in force, if there is one."""
    amount, percent = line.read("amount", cells.read_price), line.read("percent", _percent)
    today = datetime.now(UTC).date()
    starts, ends = line.read("from", _date) or today, line.read("to", _date) or today
    if price is None or not (amount or percent) or not starts <= today <= ends:
        return None
    reduced = price - amount if amount else price * (100 - (percent or Decimal(0))) / 100
    return max(reduced.quantize(Decimal("0.01"), ROUND_HALF_UP), Decimal(0))


def _percent(text: str) -> Decimal | None:
    percent = cells.read_price(text.replace("%", ""))
    if percent is not None and percent > 100:
        raise CellError("cell.not_a_price", value=shorten(text, cells.VALUE_AT_MOST))
    return percent


def _date(text: str) -> date | None:
    # The export writes no date as zeros.
    if not text or text.startswith("0000"):
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError as error:
        raise CellError("cell.not_a_date", value=shorten(text, cells.VALUE_AT_MOST)) from error


def _description(text: str) -> str:
    return cells.read_description(text, at_most=cells.MAX_DESCRIPTION)
