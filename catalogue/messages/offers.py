"""Messages of imports about prices and variants."""

from __future__ import annotations

from catalogue.messages.registry import gettext_noop, text

_HIGHER = gettext_noop("Enter a higher one, or [clear].")

TEXTS = {
    "cell.not_a_reduction": text(
        gettext_noop("The regular price %(regular)s is not higher than the price %(price)s."),
        _HIGHER,
        regular="39.90",
        price="49.90",
    ),
    "cell.regular_price_alone": text(
        gettext_noop("A regular price only makes sense with a lower price."), gettext_noop("Add the price.")
    ),
    "cell.stock_of_variants": text(
        gettext_noop("The stock of this product is counted by size (%(total)s in all)."),
        gettext_noop("Enter the stock of each size in variant_stock, or leave this cell empty."),
        total="12",
    ),
    "cell.too_many_variants": text(
        gettext_noop("There are %(number)s variants; the limit is %(limit)s."),
        gettext_noop("Split it into several products."),
        number=1201,
        limit=1000,
    ),
    "cell.too_many_categories": text(
        gettext_noop("There are %(number)s categories; the limit is %(limit)s."),
        gettext_noop("Leave some out."),
        number=60,
        limit=50,
    ),
    "cell.not_a_barcode": text(
        gettext_noop("“%(value)s” is not a barcode."), gettext_noop("Enter the digits of the barcode."), value="n/a"
    ),
    "feed.barcodes_left_out": text(
        gettext_noop("Invalid barcodes were ignored (%(number)s): %(names)s."), number=2, names=["3: n/a"]
    ),
    "request.sizes_of_variants": text(
        gettext_noop("These sizes don’t match those of the variants."), gettext_noop("Leave them out.")
    ),
    "request.stock_of_variants": text(
        gettext_noop("The stock of this product is counted by size."), gettext_noop("Send it with the variants.")
    ),
    "request.regular_currency": text(
        gettext_noop("The price and the regular price are in different currencies."),
        gettext_noop("Use the same currency for both."),
    ),
    "feed.reductions_left_out": text(
        gettext_noop("Reductions that don’t match the price were ignored (%(number)s): %(names)s."),
        number=2,
        names=["39.90 → 49.90"],
    ),
}
