"""Articles from a product CSV as Magento 2 (Adobe Commerce) exports it.

    sku                         the sku; simple products that a configurable one names are its variants
    name, description           name and description, as plain text; short_description serves where there is none
    store_view_code             lines of a French view (fr, fr_FR …) say name and description in French; others are
                                left out
    categories                  the longest path of those given is the category, without the root: Default
                                Category/Women/Tops; others are additional
    price, special_price        the lowest of what can be bought; the special price counts between its dates, and
                                the price is then the regular price, which is shown struck through
    qty, is_in_stock            the stock of all variants together
    sku, gtin (ean, upc, barcode) of a variant    its numbers, with its size, colour and stock
    product_online, status      published
    base_image, additional_images    pictures, if they are addresses; paths on the old shop's disk are left out
    additional_attributes       sizes and colours: size=S,color=Red

Other columns, and attributes that are neither a size nor a colour, are named after the import.
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
from catalogue.feeds.offers import Offer, offer_of, price_values
from catalogue.feeds.rows import ArticleRow, CellError, FeedError, RowError, VariantRow
from catalogue.feeds.table_reader import TableReader
from catalogue.feeds.tables import BadRecord, open_table
from catalogue.feeds.variants import read_barcode, told_variants, with_sizes
from catalogue.messages.message import shorten

BARCODES = ("gtin", "ean", "upc", "barcode")
_COLUMNS = {
    "sku", "store_view_code", "categories", "name", "description", "short_description", "price",
    "special_price", "special_price_from_date", "special_price_to_date", "product_online", "status", "qty",
    "is_in_stock", "allow_backorders", "manage_stock", "base_image", "image",
    "additional_images", "additional_attributes", "configurable_variations", "manufacturer", "brand", "size", "color",
    *BARCODES,
}  # fmt: skip


def field_of(heading: str) -> str | None:
    """Return what a column is called here; None for one that is not used."""
    name = heading.strip().casefold()
    return name if name in _COLUMNS else None


class MagentoReader(TableReader):
    """Reads products exported by Magento 2; see the module."""

    def field_of(self, heading: str) -> str | None:
        return field_of(heading)

    def check_fields(self) -> None:
        if "sku" not in self.present:
            raise FeedError("feed.no_field", file=self.path.name, field="sku")

    def lines(self) -> Iterator[Line | BadLine]:
        # Variants stand before the product that names them.
        self._parents = self._read_parents()
        return super().lines()

    def _read_parents(self) -> dict[str, str]:
        parents: dict[str, str] = {}
        with open_table(self.path, encoding=self.encoding) as table:
            fields = [field_of(heading) for heading in table.header]
            if "sku" not in fields or "configurable_variations" not in fields:
                return {}
            sku, variations = fields.index("sku"), fields.index("configurable_variations")
            for _, record in table.records():
                if isinstance(record, BadRecord) or not record[variations]:
                    continue
                for child in re.findall(r"(?:^|\|)\s*(?:[^|]*?,)?sku=([^,|]+)", record[variations]):
                    parents.setdefault(child.strip(), record[sku].strip())
        return parents

    def line_of(self, line: str, texts: Texts) -> Line | BadLine:
        sku = "".join(texts.get("sku", [])).strip()
        if not sku:
            return BadLine(RowError(line, "", CellError("cell.empty").in_column("sku")))
        key = self._parents.get(sku, sku)
        return Line(line, key, key, texts)

    def article(self, lines: list[Line]) -> ArticleRow:
        own = [line for line in lines if line.first("sku") == line.sku]
        main = next((line for line in own if not line.first("store_view_code")), None)
        if main is None:
            raise BadLineError(lines[0], CellError("row.no_parent", sku=lines[0].sku).message)
        variants = [line for line in lines if line not in own and not line.first("store_view_code")]
        values: dict[str, Any] = {}
        if name := main.text("name", at_most=cells.MAX_NAME):
            values["name"] = name
        if text := main.read("description", _description) or main.read("short_description", _description):
            values["description"] = text
        values |= self._translations(own)
        values |= self._offer(main, variants)
        for field, yes in (("product_online", {"1"}), ("status", {"1", "enabled"})):
            if main.first(field):
                values["published"] = main.first(field).casefold() in yes
        sizes, colours = self._attributes([main, *variants], "sizes"), self._attributes([main, *variants], "colours")
        sku = main.read("sku", cells.read_sku)
        told = told_variants(map(self._variant, variants or [main]), sku=sku)
        if all_sizes := with_sizes(list(sizes), told):
            values["sizes"] = all_sizes
        pictures = [url for line in (main, *variants) for url in self.addresses(line.line, _pictures(line))]
        brand = main.text("brand", at_most=cells.MAX_NAME) or main.text("manufacturer", at_most=cells.MAX_NAME)
        return ArticleRow(
            main.line,
            sku,
            values,
            **self._categories(main),
            brand=brand or None,
            colours=colours or None,
            variants=told,
            photo_urls=tuple(dict.fromkeys(pictures)) or None,
        )

    def _translations(self, own: list[Line]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for line in own:
            view = line.first("store_view_code")
            if re.match(r"fr(?:[_-]|$)|french|fran[cç]ais", view.casefold()):
                if name := line.text("name", at_most=cells.MAX_NAME):
                    values["name_fr"] = name
                if text := line.read("description", _description):
                    values["description_fr"] = text
            elif view:
                self.left_out("feed.languages_left_out", shorten(view, cells.VALUE_AT_MOST))
        return values

    def _variant(self, line: Line) -> VariantRow:
        """Return a variant, and the messages about it."""
        sizes, colours = self._attributes([line], "sizes"), self._attributes([line], "colours")
        values: dict[str, Any] = {"sku": line.read("sku", cells.read_sku)}
        values |= read_barcode(line, BARCODES, self._left_out)
        if line.first("qty") or line.first("is_in_stock"):
            values["stock"] = _pieces(line)
        only_size = sizes[0] if len(sizes) == 1 else ""
        return VariantRow(only_size, colours[0] if len(colours) == 1 else "", values)

    def _offer(self, main: Line, variants: list[Line]) -> dict[str, Any]:
        offers = [_offer(line) for line in variants or [main]]
        values = price_values(offers, tells_reductions="special_price" in self.present, left_out=self._left_out)
        if all(line.first("qty") or line.first("is_in_stock") for line in variants or [main]):
            known = [offer.stock for offer in offers if offer.stock is not None]
            values["stock"] = sum(known) if len(known) == len(offers) else None
        return values

    def _categories(self, line: Line) -> dict[str, Any]:
        paths = []
        for text in filter(None, (text.strip() for text in line.first("categories").split(","))):
            steps = as_text(text).split("/")
            # The root is the same for all, and no category of a shopper's.
            paths.append(
                line.read_part("categories", "/".join(steps[1:]), lambda path: cells.read_path(path.split("/")))
            )
        return line.read("categories", lambda _: categories(paths))

    def _attributes(self, lines: list[Line], kind: str) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for line in lines:
            pairs = [("size", line.first("size")), ("color", line.first("color"))]
            pairs += [
                pair.partition("=")[::2] for pair in line.first("additional_attributes").split(",") if "=" in pair
            ]
            for name, value in pairs:
                what = options.kind_of(name)
                if what == kind and value.strip():
                    found[line.read_part(name, value, cells.read_name)] = None
                elif what is None and kind == "sizes":
                    self.left_out("feed.options_left_out", shorten(name.strip(), cells.VALUE_AT_MOST))
        return tuple(found)


def _description(text: str) -> str:
    return cells.read_description(text, at_most=cells.MAX_DESCRIPTION)


def _pictures(line: Line) -> list[str]:
    return [line.first("base_image") or line.first("image"), *line.first("additional_images").split(",")]


def _offer(line: Line) -> Offer:
    price, special = line.read("price", cells.read_price), line.read("special_price", cells.read_price)
    today = datetime.now(UTC).date()
    starts = line.read("special_price_from_date", _date) or today
    ends = line.read("special_price_to_date", _date) or today
    return offer_of(price, special if starts <= today <= ends else None, _pieces(line))


def _date(text: str) -> date | None:
    if not text:
        return None
    day = re.split("[ ,]", text, maxsplit=1)[0]
    for form in ("%Y-%m-%d", "%m/%d/%y", "%m/%d/%Y"):
        try:
            return datetime.strptime(day, form).replace(tzinfo=UTC).date()
        except ValueError:
            continue
    raise CellError("cell.not_a_date", value=shorten(text, cells.VALUE_AT_MOST))


def _pieces(line: Line) -> int | None:
    """Return the stock of a line; None if it is not counted, or sold beyond its stock."""
    if line.first("is_in_stock") == "0":
        return 0
    if line.first("manage_stock") == "0" or line.first("allow_backorders") not in {"", "0"}:
        return None
    return line.read("qty", lambda text: 0 if text.startswith("-") else cells.read_stock(text))
