"""Product files of Shopify become articles."""

from __future__ import annotations

import csv
import io
import time
from decimal import Decimal
from pathlib import Path

import pytest

from catalogue.feeds import ArticleRow, FeedError, RowError, ShopifyCsvReader
from catalogue.feeds.html_text import as_text, plain_text
from catalogue.feeds.rows import VariantRow
from catalogue.messages import Message, english

CDN = "https://cdn.shopify.example/"


def rows_of(folder: Path, *lines: dict[str, str]) -> list[ArticleRow | RowError]:
    columns = list(dict.fromkeys(name for line in lines for name in line))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="")
    writer.writeheader()
    writer.writerows(lines)
    path = folder / "products.csv"
    path.write_text(text.getvalue())
    reader = ShopifyCsvReader(path)
    rows = list(reader)
    assert reader.count() == len(rows)
    return rows


def only(folder: Path, *lines: dict[str, str]) -> ArticleRow:
    (row,) = rows_of(folder, *lines)
    assert isinstance(row, ArticleRow), row
    return row


def variant(size: str, colour: str, price: str, pieces: str, **more: str) -> dict[str, str]:
    return {
        "Handle": "linen-dress", "Option1 Value": size, "Option2 Value": colour, "Variant Price": price,
        "Variant Inventory Tracker": "shopify", "Variant Inventory Qty": pieces, "Variant Inventory Policy": "deny",
        **more,
    }  # fmt: skip


def picture(name: str, position: str, alt: str = "") -> dict[str, str]:
    return {"Image Src": CDN + name, "Image Position": position, "Image Alt Text": alt}


def test_all_lines_of_a_handle_are_one_article(tmp_path: Path) -> None:
    row = only(
        tmp_path,
        {
            **variant("S", "Red", "39.90", "2"), "Title": "Linen dress", "Vendor": "Anna", "Tags": "new",
            "Body (HTML)": "<p>Long &amp; light.</p><ul><li>Linen</li></ul>", "Published": "true", "Status": "active",
            "Product Category": "Apparel & Accessories > Clothing > Dresses", "Type": "Dresses",
            "Option1 Name": "Taille", "Option2 Name": "Color", **picture("b.jpg", "2", "Back"),
        },
        variant("M", "Red", "35.00", "0", **picture("a.jpg", "1", "Front")),
        variant("M", "Blue", "37.00", "-3"),
        {"Handle": "linen-dress", **picture("c.jpg", "3")},
        variant("L", "Blue", "38.00", "3", **{"Variant Image": CDN + "d.jpg"}),
        {"Handle": "linen-dress", **picture("a.jpg", "4")},
    )  # fmt: skip

    assert row == ArticleRow(
        "2",
        "linen-dress",
        {
            "name": "Linen dress",
            "description": "Long & light.\n\n\N{BULLET} Linen",
            "published": True,
            "price": Decimal("38.00"),
            "stock": 5,
            "sizes": ["S", "M", "L"],
        },
        category=("Dresses",),
        brand="Anna",
        colours=("Red", "Blue"),
        variants=(
            VariantRow("S", "Red", {"stock": 2}),
            VariantRow("M", "Red", {"stock": 0}),
            VariantRow("M", "Blue", {"stock": 0}),
            VariantRow("L", "Blue", {"stock": 3}),
        ),
        photo_urls=tuple(f"{CDN}{name}.jpg" for name in "abcd"),
        alts=("Front", "Back", "", ""),
    )


def test_the_newer_columns_are_read_too(tmp_path: Path) -> None:
    row = only(
        tmp_path,
        {
            "Title": "Hat", "URL handle": "hat", "Description": "Warm.", "Published on online store": "TRUE",
            "Status": "Draft", "Product category": "Hats", "Price": "5.00", "Inventory quantity": "7",
            "Continue selling when out of stock": "FALSE", "Inventory tracker": "shopify", "Option1 name": "Title",
            "Option1 value": "Default Title", "Product image URL": CDN + "a.jpg",
        },
    )  # fmt: skip

    assert row == ArticleRow(
        "2",
        "hat",
        {"name": "Hat", "description": "Warm.", "published": False, "price": Decimal(5), "stock": 7},
        category=("Hats",),
        photo_urls=(CDN + "a.jpg",),
        alts=("",),
    )


@pytest.mark.parametrize(
    ("changes", "stock"),
    [
        ({}, 4),
        ({"Variant Inventory Tracker": "", "Variant Inventory Qty": ""}, None),
        ({"Variant Inventory Policy": "continue"}, None),
        ({"Variant Inventory Qty": "-1"}, 2),
    ],
)
def test_the_stock_is_counted_where_every_variant_is(
    tmp_path: Path, changes: dict[str, str], stock: int | None
) -> None:
    row = only(tmp_path, variant("S", "", "5", "2"), variant("M", "", "5", "2", **changes))

    assert row.values["stock"] == stock


@pytest.mark.parametrize(("published", "status", "shown"), [
    ("true", "", True), ("false", "active", False), ("true", "archived", False), ("", "active", True),
])  # fmt: skip
def test_a_product_is_published_if_both_columns_say_so(
    tmp_path: Path, published: str, status: str, shown: bool
) -> None:
    assert only(tmp_path, {"Handle": "a", "Published": published, "Status": status}).values == {"published": shown}


def test_lines_of_two_products_may_be_mixed(tmp_path: Path) -> None:
    rows = rows_of(
        tmp_path, {"Handle": "a", "Image Src": CDN + "1"}, {"Handle": "b"}, {"Handle": "a", "Image Src": CDN + "2"}
    )

    assert [(row.sku, row.line) for row in rows] == [("a", "2"), ("b", "3")]
    assert isinstance(rows[0], ArticleRow)
    assert rows[0].photo_urls == (CDN + "1", CDN + "2")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ({"Handle": "a", "Variant Price": "?"}, "variant price: “?” is not a price"),
        ({"Handle": "a", "Variant Price": "1", "Variant Inventory Qty": "x"}, "qty: “x” is not a stock quantity"),
        ({"Handle": "a", "Published": "perhaps"}, "published: “perhaps” is neither yes nor no"),
        ({"Handle": "a\0"}, "handle: It contains control characters"),
        ({"Handle": "a", "Body (HTML)": "a " * 15_000}, "body (html): It is 29,999 characters long; the limit is"),
        ({"Handle": "3,66E+12"}, "handle: “3,66E+12” is a long number that a spreadsheet has shortened"),
        ({"Handle": "a", "Variant Price": "1,299"}, "variant price: “1,299” may be 1.299 or 1299"),
    ],
)  # fmt: skip
def test_a_bad_line_keeps_its_product_out_and_no_other(tmp_path: Path, line: dict[str, str], reason: str) -> None:
    rows = rows_of(tmp_path, {"Handle": "good", "Title": "Good"}, {"Handle": "a"}, line)

    refused = [row for row in rows if isinstance(row, RowError)]
    assert [(row.line, reason in english(row.message)) for row in refused] == [("4", True)]
    assert "good" in [row.sku for row in rows]


def test_a_bad_line_without_its_handle_may_be_of_the_product_before_or_after(tmp_path: Path) -> None:
    line, before, after, third = rows_of(
        tmp_path,
        {"Handle": "before", "Title": "Before"},
        {"Handle": " ", "Variant Price": "60.00"},
        {"Handle": "after", "Variant Price": "70.00"},
        {"Handle": "third", "Title": "Third"},
    )

    for refused, reason in (
        (line, "handle: This cell is empty"),
        (before, "Another row that may belong to this product can’t be read: line 3"),
        (after, "Another row that may belong to this product can’t be read: line 3"),
    ):
        assert isinstance(refused, RowError)
        assert reason in english(refused.message)
    assert [before.sku, after.sku] == ["before", "after"]
    assert isinstance(third, ArticleRow)


def test_a_bad_line_without_its_handle_is_not_of_a_product_that_begins_after_it(tmp_path: Path) -> None:
    rows = rows_of(tmp_path, {"Handle": "", "Title": "A"}, {"Handle": "after", "Title": "After"})

    assert [type(row) for row in rows] == [RowError, ArticleRow]


def test_a_line_with_a_cell_too_many_keeps_its_whole_product_out(tmp_path: Path) -> None:
    path = tmp_path / "products.csv"
    path.write_text(
        "Handle,Title,Option1 Name,Option1 Value,Variant Price\n"
        "robe,Robe,Size,S,80.00\nrobe,,,M,60.00,extra\nrobe,,,L,70.00\njupe,Jupe,Size,S,5.00\n"
    )

    bad, spoiled, good = ShopifyCsvReader(path)

    assert isinstance(bad, RowError)
    assert (bad.line, bad.sku) == ("3", "robe")
    assert "6 cells for 5 columns" in english(bad.message)
    assert spoiled == RowError("2", "robe", Message.of("row.article_spoiled", where=Message.of("row.line", line=3)))
    assert isinstance(good, ArticleRow)
    assert good.sku == "jupe"


def test_a_bad_address_costs_its_picture_which_is_told_and_not_its_product(tmp_path: Path) -> None:
    path = tmp_path / "products.csv"
    path.write_text(f"Handle,Image Src,Image Position,Variant Image\na,a.jpg,first,\na,{CDN}b.jpg,,//host/c.jpg\n")
    reader = ShopifyCsvReader(path)

    (row,) = reader

    assert isinstance(row, ArticleRow)
    assert row.photo_urls == (CDN + "b.jpg",)
    (note,) = reader.notes()
    assert (note.code, note.params["names"]) == ("feed.pictures_left_out", ["2: a.jpg", "3: //host/c.jpg"])


STOCK = "Handle,Title,Option1 Value,Variant Price"


@pytest.mark.parametrize(
    ("columns", "cells"),
    [
        ("Variant Inventory Tracker,Variant Inventory Policy", "shopify,deny"),
        ("Variant Inventory Tracker,Variant Inventory Policy", ",continue"),
        ("Location,Available", "Paris,3"),
        ("Variant Inventory Qty,Variant Inventory Tracker", ",shopify"),
        ("Variant Inventory Qty", ""),
    ],
)
def test_a_file_that_does_not_speak_of_the_stock_leaves_it(tmp_path: Path, columns: str, cells: str) -> None:
    path = tmp_path / "products.csv"
    path.write_text(f"{STOCK},{columns}\nrobe,Robe,S,85.00,{cells}\n")

    (row,) = ShopifyCsvReader(path)

    assert isinstance(row, ArticleRow)
    assert row.values == {"name": "Robe", "price": Decimal(85)}


@pytest.mark.parametrize(
    ("columns", "cells", "stock"),
    [
        ("Variant Inventory Tracker,Variant Inventory Qty", ",0", None),
        ("Variant Inventory Tracker,Variant Inventory Qty", ",", None),
        ("Variant Inventory Tracker,Variant Inventory Qty", "shopify,0", 0),
        ("Variant Inventory Qty,Variant Inventory Policy", "3,continue", None),
        ("Variant Inventory Qty", "5.0", 5),
    ],
)
def test_an_empty_tracker_says_that_the_stock_is_not_counted(
    tmp_path: Path, columns: str, cells: str, stock: int | None
) -> None:
    path = tmp_path / "products.csv"
    path.write_text(f"{STOCK},{columns}\nmug,Mug,Default Title,12.00,{cells}\n")

    (row,) = ShopifyCsvReader(path)

    assert isinstance(row, ArticleRow)
    assert row.values["stock"] == stock


def test_options_that_are_neither_a_size_nor_a_colour_are_told(tmp_path: Path) -> None:
    path = tmp_path / "products.csv"
    path.write_text("Handle,Option1 Name,Option1 Value,Option2 Name,Option2 Value,Cost\na,Material,Wool,Taille,M,5\n")
    reader = ShopifyCsvReader(path)

    (row,) = reader

    assert isinstance(row, ArticleRow)
    assert row.values == {"sizes": ["M"]}
    assert [note.code for note in reader.notes()] == ["feed.unused_columns", "feed.options_left_out"]
    assert [note.params.get("columns") or note.params["names"] for note in reader.notes()] == [["Cost"], ["Material"]]


def test_a_file_without_handles_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "products.csv"
    path.write_text("Title,Vendor\na,b\n")

    with pytest.raises(FeedError, match="has no column “Handle”"):
        ShopifyCsvReader(path).count()


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One</p><p>Two<br>three</p>", "One\n\nTwo\nthree"),
        ("a<script>alert('<b>')</script>b<style>p{}</style>c", "abc"),
        ("&lt;b&gt; &eacute;&nbsp;&#233;", "<b> é é"),
        ("plain", "plain"),
        ("<ul>\n <li>a</li>\n <li><b>b</b> c</li></ul>", "• a\n• b c"),
        ("<div><div><div>deep", "deep"),
        ("a < b", "a < b"),
        ("<script>never closed", ""),
        ("a</p></script></div>b", "a\n\nb"),
        ("a<!-- <b>c</b> -->b", "ab"),
        ("a<!-- never closed", "a"),
        ('<a title="a > b">c</a>', "c"),
        ("<b>a</b> <3", "a <3"),
    ],
)
def test_html_is_read_as_what_it_says(html: str, text: str) -> None:
    assert plain_text(html) == text


@pytest.mark.parametrize("piece", ["<a ", "<!--", "<!--a>", "</", "<a x='", "<?", "<![CDATA["])
def test_a_long_text_of_tags_without_their_end_is_read_in_no_time(piece: str) -> None:
    """The parser of the standard library takes minutes for some of these."""
    before = time.process_time()

    as_text("<b>" + piece * (120_000 // len(piece)))

    assert time.process_time() - before < 5
