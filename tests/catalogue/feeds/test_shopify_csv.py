"""Product files of Shopify become articles."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from pathlib import Path

import pytest

from catalogue.feeds import ArticleRow, FeedError, RowError, ShopifyCsvReader
from catalogue.feeds.html_text import plain_text
from catalogue.messages import english

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
        ({"Handle": "a", "Variant Price": "1", "Variant Inventory Qty": "x"}, "qty: “x” is not a number"),
        ({"Handle": "a", "Image Src": "a.jpg"}, "The address “a.jpg” cannot be used: It is not a plain http"),
        ({"Handle": "a", "Image Src": CDN, "Image Position": "first"}, "image position: “first” is not a number"),
        ({"Handle": "a", "Published": "perhaps"}, "published: “perhaps” is neither yes nor no"),
        ({"Handle": "a\0"}, "handle: It contains control characters"),
        ({"Handle": "a", "Body (HTML)": "a " * 15_000}, "body (html): It has 29,999 characters; 20,000 are allowed"),
        ({"Handle": " ", "Title": "A"}, "handle: It is empty"),
    ],
)  # fmt: skip
def test_a_bad_line_keeps_its_product_out_and_no_other(tmp_path: Path, line: dict[str, str], reason: str) -> None:
    rows = rows_of(tmp_path, {"Handle": "good", "Title": "Good"}, {"Handle": "a"}, line)

    refused = [row for row in rows if isinstance(row, RowError)]
    assert [(row.line, reason in english(row.message)) for row in refused] == [("4", True)]
    assert "good" in [row.sku for row in rows]


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
    ],
)
def test_html_is_read_as_what_it_says(html: str, text: str) -> None:
    assert plain_text(html) == text
