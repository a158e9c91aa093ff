"""Messages of imports: of a cell, a row, a whole file, and of the import itself."""

from __future__ import annotations

from catalogue.messages.message import Message
from catalogue.messages.registry import gettext_noop, ngettext_noop, text

_DEAR = Message("cell.not_a_price", {"value": "dear"})

_CELLS = {
    # Which column it is of, and what is wrong with it.
    "cell.in_column": text(gettext_noop("%(column)s: %(reason)s"), column="price", reason=_DEAR),
    # Two things that are wrong with one row; the other may be of this code too.
    "cell.several": text("%(one)s %(other)s", one=_DEAR, other=Message("cell.empty", {})),
    "cell.empty": text(gettext_noop("This cell is empty."), gettext_noop("Give each product its own SKU.")),
    "cell.too_long": text(
        ngettext_noop(
            "It is %(length)s character long; the limit is %(limit)s.",
            "It is %(length)s characters long; the limit is %(limit)s.",
            "length",
        ),
        gettext_noop("Shorten it."),
        length=1234,
        limit=100,
    ),
    "cell.control_characters": text(
        gettext_noop("It contains control characters."), gettext_noop("Remove them, or save the file as UTF-8.")
    ),
    "cell.not_a_price": text(
        gettext_noop("“%(value)s” is not a price."),
        gettext_noop("Write it as 1299.00 or as 1299.00 EUR."),
        value="dear",
    ),
    "cell.negative": text(gettext_noop("“%(value)s” is below zero."), gettext_noop("Write 0 or more."), value="-5"),
    "cell.too_many_decimals": text(
        gettext_noop("“%(value)s” has more than two decimals."), gettext_noop("Round it."), value="39.9051"
    ),
    "cell.ambiguous_number": text(
        gettext_noop("“%(value)s” may be %(one)s or %(other)s."),
        gettext_noop("Write it without a thousands separator, with two decimals."),
        value="1,299",
        one="1.299",
        other="1299",
    ),
    "cell.other_currency": text(
        gettext_noop("The price is in %(one)s, but the currency is %(other)s."),
        gettext_noop("Remove one of them."),
        one="EUR",
        other="CHF",
    ),
    "cell.not_cleared": text(gettext_noop("Every product needs a value here."), gettext_noop("Enter another value.")),
    "cell.spreadsheet_number": text(
        gettext_noop("“%(value)s” is a long number that a spreadsheet has shortened: its last digits are lost."),
        gettext_noop("Format the column as text in the original file, and export it again."),
        value="3,66E+12",
    ),
    "cell.not_money": text(
        gettext_noop("“%(value)s” is not a price with its currency."),
        gettext_noop("Write it as 1299.00 EUR."),
        value="dear",
    ),
    "cell.not_a_currency": text(
        gettext_noop("“%(value)s” is not a currency."),
        gettext_noop("Enter its three letters, such as EUR."),
        value="euro",
    ),
    "cell.not_a_stock": text(
        gettext_noop("“%(value)s” is not a stock quantity."),
        gettext_noop("Write 0 or more, in digits."),
        value="many",
    ),
    "cell.not_a_flag": text(
        gettext_noop("“%(value)s” is neither yes nor no."), gettext_noop("Write yes or no."), value="maybe"
    ),
    "cell.not_a_slug": text(
        gettext_noop("“%(value)s” can’t be used in a web address."),
        gettext_noop("Write Latin letters, digits and hyphens."),
        value="é é",
    ),
    "cell.not_a_hex_colour": text(
        gettext_noop("“%(value)s” is not a colour code."), gettext_noop("Write it as #1f3a5f."), value="rouge"
    ),
    "cell.not_a_date": text(
        gettext_noop("“%(value)s” is not a date."), gettext_noop("Write it as 2026-11-30."), value="soon"
    ),
    "cell.not_a_period": text(
        gettext_noop("“%(value)s” is not a period."),
        gettext_noop("Write it as 2026-11-01T00:00Z/2026-11-30T23:59Z."),
        value="November",
    ),
    "cell.not_an_availability": text(
        gettext_noop("“%(value)s” is not an availability."),
        gettext_noop("Write in_stock, out_of_stock, preorder or backorder."),
        value="soon",
    ),
    "cell.too_deep": text(
        gettext_noop("The category is %(depth)s levels deep; the limit is %(limit)s."),
        gettext_noop("Leave some out."),
        depth=12,
        limit=10,
    ),
    "cell.parts": text(
        ngettext_noop(
            "It has %(parts)s value; the column it goes with has %(needed)s.",
            "It has %(parts)s values; the column it goes with has %(needed)s.",
            "parts",
        ),
        gettext_noop("Enter the same number of values, or none."),
        parts=3,
        needed=2,
    ),
    "cell.too_many_addresses": text(
        gettext_noop("There are %(number)s image addresses; the limit is %(limit)s."),
        gettext_noop("Leave some out."),
        number=1201,
        limit=200,
    ),
    "cell.address": text(
        gettext_noop("The address “%(address)s” can’t be used: %(reason)s"),
        address="ftp://example.com",
        reason=Message("fetch.not_plain"),
    ),
    "cell.address_too_long": text(
        gettext_noop("The address “%(address)s” is longer than %(limit)s characters."),
        gettext_noop("Shorten it."),
        address="https://example.com/…",
        limit=2000,
    ),
    "cell.several_currencies": text(
        gettext_noop("The items of this group have different currencies."),
        gettext_noop("Use the same currency for all of them."),
    ),
}
_PHOTOS = {
    "photo.files_and_addresses": text(
        gettext_noop("Photo files and addresses are mixed."),
        gettext_noop("Use either files or addresses, not both."),
    ),
    "photo.no_name": text(
        gettext_noop("A photo has no name."), gettext_noop("Name the file, or leave the cell empty.")
    ),
    "photo.not_opened": text(
        gettext_noop("The photo “%(photo)s” can’t be opened."), gettext_noop("Correct the name."), photo="a.jpg"
    ),
    "photo.outside": text(
        gettext_noop("The photo “%(photo)s” is outside the photo folder."),
        gettext_noop("Copy it there."),
        photo="../a.jpg",
    ),
    "photo.missing": text(
        gettext_noop("There is no photo “%(photo)s” in the photo folder."),
        gettext_noop("Copy it there, or correct the name."),
        photo="a.jpg",
    ),
    "photo.not_read": text(
        gettext_noop("The photo “%(photo)s” can’t be read (%(error)s)."),
        gettext_noop("Check that the file is readable."),
        photo="a.jpg",
        error="Permission denied",
    ),
    "photo.not_used": text(
        gettext_noop("The photo “%(photo)s” can’t be used: %(reason)s"), photo="a.jpg", reason=Message("image.empty")
    ),
}
_ROWS = {
    # Where a row stands: in a table, or in a document that may be one line.
    "row.line": text(gettext_noop("line %(line)d"), line=1234),
    "row.item": text(gettext_noop("line %(line)d, item %(item)d"), line=1, item=1234),
    "row.error": text(
        gettext_noop("%(where)s (SKU %(sku)s): %(reason)s"),
        where=Message("row.line", {"line": 12}),
        sku="A-1",
        reason=_DEAR,
    ),
    "row.error_without_sku": text(
        gettext_noop("%(where)s: %(reason)s"), where=Message("row.line", {"line": 12}), reason=_DEAR
    ),
    "row.duplicate_sku": text(
        gettext_noop("Another row has the same SKU: %(where)s."),
        gettext_noop("Give each product its own SKU."),
        where=Message("row.line", {"line": 3}),
    ),
    "row.sku_case": text(
        gettext_noop("The SKU “%(sku)s” is the same except for capitals."),
        gettext_noop("Write both the same way, or choose another SKU."),
        sku="a-1",
    ),
    "row.too_many_cells": text(
        gettext_noop("The row has %(cells)s cells for %(columns)s columns."),
        gettext_noop("Put cells that contain a separator in quotation marks."),
        cells=11,
        columns=10,
    ),
    "row.quotation_mark": text(
        gettext_noop("The row is not valid CSV (%(error)s)."),
        gettext_noop("Look for an unmatched quotation mark."),
        error="unexpected end of data",
    ),
    "row.article_spoiled": text(
        gettext_noop("Another row that may belong to this product can’t be read: %(where)s."),
        gettext_noop("Correct that row: a product is never imported in part."),
        where=Message("row.line", {"line": 3}),
    ),
    "row.no_parent": text(
        gettext_noop("The product “%(sku)s” of this variant is not in the file."),
        gettext_noop("Export the product together with its variants."),
        sku="A-1",
    ),
    "row.too_many_lines": text(
        gettext_noop("The product has more than %(limit)s lines."),
        gettext_noop("Split it into several products."),
        limit=5000,
    ),
    "row.too_many_texts": text(
        gettext_noop("The item is longer than %(limit)s characters, or has too many attributes."),
        gettext_noop("Shorten it."),
        limit=200000,
    ),
}  # fmt: skip
_AGAIN = gettext_noop("Choose another file.")
# Of the fields that staff choose for the columns of a table, beside the column.
_COLUMNS = {
    "columns.field_twice": text(
        gettext_noop("Another column is already used for this field."), gettext_noop("Choose it for only one of them.")
    ),
    "columns.no_sku": text(
        gettext_noop("No column is chosen as the SKU."), gettext_noop("Choose the one with your product numbers.")
    ),
    "columns.nothing_to_describe": text(
        gettext_noop("This column adds to another one, which isn’t chosen."),
        gettext_noop("Choose that one too, or “not used”."),
    ),
}
_FILES = {
    "feed.empty": text(gettext_noop("%(file)s is empty."), _AGAIN, file="a.csv"),
    "feed.no_rows": text(gettext_noop("%(file)s has no products."), _AGAIN, file="a.csv"),
    "feed.not_text": text(
        gettext_noop("%(file)s is neither a text file nor an Excel workbook."),
        gettext_noop("Choose a table (CSV, TSV, .xlsx) or a feed (XML)."),
        file="a.zip",
    ),
    "feed.bad_workbook": text(
        gettext_noop("%(file)s is damaged, or not an Excel workbook."),
        gettext_noop("Save it again as .xlsx or as CSV."),
        file="a.xlsx",
    ),
    "feed.workbook_too_large": text(
        gettext_noop("%(file)s is too large for a workbook."), gettext_noop("Save it as CSV."), file="a.xlsx"
    ),
    "feed.no_field": text(
        gettext_noop("%(file)s has no column for “%(field)s”."),
        gettext_noop("Export the products again, with all columns."),
        file="a.csv", field="SKU",
    ),
    "feed.unused_columns": text(gettext_noop("Columns that are not used: %(columns)s."), columns=["Cost", "Weight"]),
    "feed.options_left_out": text(
        gettext_noop("Options other than sizes and colours were ignored (%(number)s): %(names)s."),
        number=3, names=["Material"],
    ),
    "feed.pictures_left_out": text(
        gettext_noop("Images without a usable address (%(number)s): %(names)s."),
        gettext_noop("Addresses begin with https://."),
        number=2, names=["3: N/A", "7: //shop.example/a.jpg"],
    ),
    # Of imports that an earlier version made.
    "feed.categories_left_out": text(
        gettext_noop("Additional categories were ignored (%(number)s): %(names)s."),
        number=4, names=["Sale"],
    ),
    "feed.languages_left_out": text(
        gettext_noop("Translations were ignored (%(number)s): %(names)s."),
        number=4, names=["de"],
    ),
    "feed.prices_without_tax": text(
        gettext_noop("Prices without tax were ignored (%(number)s): %(names)s."),
        gettext_noop("Export prices with tax."),
        number=4, names=["23.90"],
    ),
    "feed.not_kept": text(
        gettext_noop("%(file)s can’t be stored (%(error)s)."),
        gettext_noop("Check whether the shop’s disk is full."),
        file="a.csv",
        error="No space left on device",
    ),
    "feed.not_read": text(
        gettext_noop("%(file)s can’t be read (%(error)s)."),
        gettext_noop("Check the file, then import it again."),
        file="a.csv",
        error="No such file or directory",
    ),
    "feed.not_a_folder": text(
        gettext_noop("%(folder)s is not a folder."), gettext_noop("Choose a folder of photos."), folder="photos"
    ),
    "feed.no_column": text(
        gettext_noop("%(file)s has no column “%(column)s”. Its columns are: %(columns)s."),
        gettext_noop("Map the field %(field)s to one of them."),
        file="a.csv",
        column="sku",
        columns=["ref", "name"],
        field="sku",
    ),
    "feed.no_handle": text(
        gettext_noop("%(file)s has no column “Handle”."),
        gettext_noop("Export the products from Shopify again."),
        file="a.csv",
    ),
    "feed.no_id": text(
        gettext_noop("%(file)s has no column “id”."),
        gettext_noop("Its first line must name the attributes."),
        file="a.tsv",
    ),
    "feed.column_twice": text(
        gettext_noop("Two columns of %(file)s are called “%(column)s”."),
        gettext_noop("Rename one."),
        file="a.csv",
        column="sku",
    ),
    "feed.unknown_field": text(
        gettext_noop("These fields do not exist: %(unknown)s."),
        gettext_noop("The fields are: %(fields)s."),
        unknown=["cost"],
        fields=["sku", "name"],
    ),
    "feed.columns_never_chosen": text(
        gettext_noop("%(file)s has no column “sku”, and nobody has chosen what its columns mean: %(columns)s."),
        gettext_noop("Pause the feed and choose its columns in the preview, or import the file once by hand."),
        file="a.csv",
        columns=["Réf.", "Prix"],
    ),
    "feed.field_twice": text(
        gettext_noop("Several columns are mapped to the field %(field)s: %(columns)s."),
        gettext_noop("Map only one of them."),
        field="price",
        columns=["Prix", "Tarif"],
    ),
    "feed.not_a_mapping": text(
        gettext_noop("“%(pair)s” is not FIELD=COLUMN."), gettext_noop("Write it like this: sku=reference."), pair="sku"
    ),
    "feed.wrong_encoding": text(
        gettext_noop("%(file)s is not encoded as %(encoding)s."),
        gettext_noop("Save it as UTF-8, or choose its encoding: on Windows in western Europe it is cp1252."),
        file="a.csv",
        encoding="UTF-8",
    ),
    "feed.unknown_encoding": text(
        gettext_noop("There is no encoding called “%(encoding)s”."),
        gettext_noop("Try utf-8 or cp1252."),
        encoding="utf8x",
    ),
    "feed.encoding_not_supported": text(
        gettext_noop("The encoding of %(file)s isn’t supported."), gettext_noop("Save it as UTF-8."), file="a.xml"
    ),
    "feed.not_csv": text(
        gettext_noop("%(file)s is not a CSV file (%(error)s)."),
        gettext_noop("Save the table as CSV."),
        file="a.csv",
        error="line contains NUL",
    ),
    "feed.line_too_long": text(
        gettext_noop("Line %(line)d of %(file)s is longer than %(limit)s characters."), _AGAIN,
        line=1, file="a.csv", limit=4000000,
    ),
    "feed.not_xml": text(
        gettext_noop("%(file)s stops being valid XML at line %(line)d (%(error)s)."),
        gettext_noop("Generate the feed again, or choose its encoding."),
        file="a.xml", line=3, error="mismatched tag",
    ),
    "feed.doctype": text(
        gettext_noop("%(file)s has a document type declaration in line %(line)d, which is refused for safety."),
        gettext_noop("Remove it."),
        file="a.xml", line=1,
    ),
    "feed.not_a_feed": text(
        gettext_noop("%(file)s begins with “%(tag)s” in line %(line)d; a feed begins with rss or feed."), _AGAIN,
        file="a.xml", tag="html", line=1,
    ),
    "feed.endless_tag": text(
        gettext_noop("A tag or comment is not closed in line %(line)d of %(file)s."),
        gettext_noop("Generate the feed again."),
        file="a.xml", line=7,
    ),
    "feed.nested_too_deeply": text(
        gettext_noop("The tags of %(file)s are nested too deeply in line %(line)d."),
        gettext_noop("Generate the feed again."),
        file="a.xml", line=7,
    ),
    "import.interrupted": text(
        gettext_noop("The import of %(file)s was interrupted %(times)s times at row %(row)d."),
        gettext_noop("Correct or remove this row, then import the file again."),
        file="a.csv", times=5, row=7,
    ),
}  # fmt: skip

TEXTS = {**_CELLS, **_PHOTOS, **_ROWS, **_COLUMNS, **_FILES}
