"""Google Merchant feeds, as XML and as TSV, become articles."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from catalogue.feeds import (
    ArticleRow,
    RowError,
)
from catalogue.feeds.rows import CellError, VariantRow
from catalogue.messages import english
from tests.catalogue.feeds.merchant_feeds import PICTURES, RSS, document, item, only, reason, tsv, xml

DRESS = ArticleRow(
    "3 #1",
    "D-1",
    {
        "name": "Linen dress & belt",
        "description": "Long.",
        "price": Decimal("29.90"),
        "regular_price": Decimal("39.90"),
        "currency": "EUR",
        "sizes": ["M"],
        "stock": None,
    },
    category=("Women", "Dresses"),
    brand="Anna",
    colours=("Red", "Sky blue"),
    variants=(VariantRow("M", "", {"sku": "D-1", "stock": None}),),
    photo_urls=PICTURES,
)


def test_an_item_of_rss_is_an_article(tmp_path: Path) -> None:
    reader = xml(
        tmp_path,
        "<item><title>Linen dress &amp; belt</title><description><![CDATA[Long.]]></description>"
        "<link>https://shop.example/d-1</link><g:id> D-1 </g:id><g:gtin>123</g:gtin>"
        "<g:shipping><g:brand>Post</g:brand><g:price>4 EUR</g:price></g:shipping>"
        "<g:image_link>https://cdn.example/a.jpg</g:image_link>"
        "<g:additional_image_link>https://cdn.example/b.jpg</g:additional_image_link>"
        "<g:additional_image_link>https://cdn.example/a.jpg</g:additional_image_link>"
        "<g:price>39.90 EUR</g:price><g:sale_price>29.90 EUR</g:sale_price><g:availability>in stock</g:availability>"
        "<g:brand>Anna</g:brand><g:google_product_category>2271</g:google_product_category>"
        "<g:product_type>Women > Dresses</g:product_type><g:color>Red/Sky blue</g:color><g:size>M</g:size>"
        "</item>",
    )

    sizes = (VariantRow("M", "", {"sku": "D-1", "barcode": "123", "stock": None}),)
    assert list(reader) == [replace(DRESS, variants=sizes)]
    assert reader.count() == 1


def test_an_entry_of_atom_is_an_article(tmp_path: Path) -> None:
    reader = document(
        tmp_path,
        b'<?xml version="1.0"?>\n<feed xmlns="http://www.w3.org/2005/Atom" xmlns:g="http://base.google.com/ns/1.0">\n'
        b"<entry><id>https://shop.example/d-1</id><title>Wrong</title><summary>Long.</summary><g:id>D-1</g:id>"
        b"<g:title>Linen dress &amp; belt</g:title><g:image_link>https://cdn.example/a.jpg</g:image_link>"
        b"<g:additional_image_link>https://cdn.example/b.jpg</g:additional_image_link>"
        b"<g:price>39.90 EUR</g:price><g:sale_price>29.90 EUR</g:sale_price>"
        b"<g:availability>preorder</g:availability><g:brand>Anna</g:brand>"
        b"<g:google_product_category>Women &gt; Dresses</g:google_product_category>"
        b"<g:color>Red/Sky blue</g:color><g:size>M</g:size></entry></feed>",
    )

    assert list(reader) == [DRESS]


def test_a_line_of_tsv_is_an_article(tmp_path: Path) -> None:
    reader = tsv(
        tmp_path,
        "id\ttitle\tdescription\timage link\tadditional image link\tprice\tsale price\tavailability\tbrand\t"
        "product type\tcolor\tsize\tmpn",
        "",
        "D-1\tLinen dress & belt\tLong.\thttps://cdn.example/a.jpg\t"
        "https://cdn.example/b.jpg,https://cdn.example/a.jpg\t39.90 EUR\t29.90 EUR\tin_stock\tAnna\t"
        "Women > Dresses\tRed/Sky blue\tM\t1",
    )

    assert list(reader) == [replace(DRESS, line="3")]


def test_what_an_item_does_not_say_is_not_spoken_of(tmp_path: Path) -> None:
    assert only(xml(tmp_path, item())) == ArticleRow("3 #1", "D-1")


def test_the_variants_of_a_group_are_one_article_wherever_they_stand(tmp_path: Path) -> None:
    group = {"item_group_id": "G", "availability": "in_stock", "color": "Red", "price": "30 EUR"}
    reader = xml(
        tmp_path,
        item(id="1", size="S", title="First", image_link=PICTURES[0], **group)
        + item(id="other")
        + item(**{**group, "id": "2", "size": "M", "title": "Second", "price": "25 EUR", "image_link": PICTURES[1]})
        + item(**{**group, "id": "3", "size": "S", "price": "9 EUR", "availability": "out_of_stock", "color": "Blue"}),
    )

    first, other = reader

    assert first == ArticleRow(
        "3 #1",
        "G",
        {
            "name": "First",
            "sizes": ["S", "M"],
            "stock": None,
            "price": Decimal(25),
            "regular_price": None,
            "currency": "EUR",
        },
        colours=("Red", "Blue"),
        variants=(
            VariantRow("S", "Red", {"sku": "1", "stock": None}),
            VariantRow("M", "Red", {"sku": "2", "stock": None}),
            VariantRow("S", "Blue", {"sku": "3", "stock": 0}),
        ),
        photo_urls=PICTURES,
    )
    assert isinstance(other, ArticleRow)
    assert (other.line, other.sku) == ("4 #2", "other")
    assert reader.count() == 2


def test_items_that_stand_in_one_line_are_told_apart(tmp_path: Path) -> None:
    line = "".join(item(id=str(n), price=f"{n} EUR").strip() for n in (1, 2))

    rows = [row for row in xml(tmp_path, line) if isinstance(row, ArticleRow)]

    assert [(row.sku, row.values["price"]) for row in rows] == [("1", 1), ("2", 2)]


def test_items_of_one_id_and_no_group_are_not_merged(tmp_path: Path) -> None:
    rows = list(xml(tmp_path, item(title="One") + item(title="Two")))

    assert [row.values for row in rows if isinstance(row, ArticleRow)] == [{"name": "One"}, {"name": "Two"}]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"id": ""}, "id: This cell is empty. Give each product its own SKU."),
        ({"id": "a" * 101}, "id: It is 101 characters long; the limit is 100. Shorten it."),
        ({"id": "3.66E+12"}, "id: “3.66E+12” is a long number that a spreadsheet has shortened"),
        ({"price": "1,299 EUR"}, "price: “1,299 EUR” may be 1.299 or 1299."),
        ({"price": "cheap"}, "price: “cheap” is not a price."),
        ({"price": "5 EUR", "sale_price": "5 XXZ"}, "sale_price: “XXZ” is not a currency"),
        ({"availability": "perhaps"}, "availability: “perhaps” is not an availability."),
        (
            {"sale_price": "5 EUR", "sale_price_effective_date": "May"},
            "sale_price_effective_date: “May” is not a period",
        ),
        ({"image_link": ",".join(f"https://a.example/{n}" for n in range(201))}, "There are 201 image addresses"),
    ],
)
def test_an_item_that_will_not_do_is_named_with_its_reason(tmp_path: Path, said: dict[str, str], why: str) -> None:
    assert why in reason(xml(tmp_path, item(**said)))


@pytest.mark.parametrize(
    "address",
    [
        "ftp://cdn.example/a.jpg",
        "file:///etc/passwd",
        "../a.jpg",
        "//cdn.example/a.jpg",
        "data:image/png;base64,AAAA",
        "https://u:p@cdn.example/a.jpg",
        "https://cdn.example/" + "a" * 2_000,
        "no_image",
        "N/A",
    ],
)
def test_a_bad_address_costs_its_picture_which_is_told_and_not_its_article(tmp_path: Path, address: str) -> None:
    pictures = f"<g:additional_image_link>{PICTURES[1]}</g:additional_image_link>"
    reader = xml(tmp_path, item(image_link=address).replace("</item>", f"{pictures}</item>"))

    assert only(reader).photo_urls == PICTURES[1:]
    (note,) = reader.notes()
    assert note.code == "feed.pictures_left_out"
    assert "3 #1: " + address[:20] in english(note)


def test_an_article_none_of_whose_pictures_can_be_fetched_keeps_those_that_it_has(tmp_path: Path) -> None:
    assert only(xml(tmp_path, item(image_link="N/A"))).photo_urls is None


def test_html_and_entities_are_read_as_what_they_say(tmp_path: Path) -> None:
    row = only(
        xml(
            tmp_path,
            item(
                title="Feed &amp;amp; dress",
                description="<![CDATA[<p>Belle <b>robe</b>.</p><ul><li>lin</li></ul>]]>",
                product_type="Apparel &amp;amp; Accessories &amp;gt; Shoes",
                brand="H&amp;amp;M",
            ),
        )
    )

    assert row.values == {"name": "Feed & dress", "description": "Belle robe.\n\n• lin"}
    assert (row.category, row.brand) == (("Apparel & Accessories", "Shoes"), "H&M")


def test_the_first_product_type_is_the_category_and_the_others_are_additional(tmp_path: Path) -> None:
    reader = xml(tmp_path, item(product_type="Home / Dresses</g:product_type><g:product_type>Sale"))

    row = only(reader)

    assert (row.category, row.additional_categories) == (("Home", "Dresses"), (("Sale",),))
    assert reader.notes() == []


@pytest.mark.parametrize(
    ("size", "sizes"),
    [
        ("36,38,40", ["36", "38", "40"]),
        ("36, 38", ["36", "38"]),
        ("38,5", ["38,5"]),
        ("S/M/L", ["S", "M", "L"]),
        ("S/M", ["S/M"]),
        ("36/38", ["36/38"]),
    ],
)
def test_several_sizes_are_told_from_one(tmp_path: Path, size: str, sizes: list[str]) -> None:
    assert only(xml(tmp_path, item(size=size))).values == {"sizes": sizes}


def test_an_empty_line_before_the_declaration_costs_nothing(tmp_path: Path) -> None:
    assert only(document(tmp_path, f"\n  {RSS}{item()}</channel></rss>".encode())).sku == "D-1"


META = (
    "id,title,description,availability,condition,price,link,image_link,brand\n"
    "A1,Robe en lin,Belle robe,in stock,new,39.90 EUR,https://x.example/p,https://pictures.example/a.jpg,Marque"
)


@pytest.mark.parametrize("before", ["", "# Required | ...,# Required | ...,\n"])
def test_a_catalogue_of_meta_is_read_with_its_line_of_comments(tmp_path: Path, before: str) -> None:
    reader = tsv(tmp_path, before + META)

    row = only(reader)

    assert (row.sku, row.values["price"], row.values["currency"]) == ("A1", Decimal("39.90"), "EUR")
    assert row.photo_urls == ("https://pictures.example/a.jpg",)
    assert [note.params["columns"] for note in reader.notes()] == [["condition", "link"]]


def test_pieces_are_counted_where_each_item_says_how_many(tmp_path: Path) -> None:
    header = "id\titem_group_id\tinventory\tavailability"

    counted = tsv(tmp_path, header, "1\tG\t2\tin stock", "2\tG\t3\tout of stock", "3\tG\t4\t")
    assert only(counted).values == {"stock": 6}
    some = tsv(tmp_path, header, "1\tG\t2\tin stock", "2\tG\t\tin stock")
    assert only(some).values == {"stock": None}


@pytest.mark.parametrize(("word", "published"), [("published", True), ("hidden", False), ("Archived", False)])
def test_meta_says_what_shoppers_see(tmp_path: Path, word: str, *, published: bool) -> None:
    assert only(tsv(tmp_path, "id\tvisibility", f"1\t{word}")).values == {"published": published}


def test_a_bad_variant_keeps_its_article_out_and_no_other(tmp_path: Path) -> None:
    reader = xml(
        tmp_path,
        item(id="1", item_group_id="G") + item(id="2", item_group_id="G", price="?") + item(id="3"),
    )

    bad, good = reader

    assert bad == RowError("4 #2", "G", CellError("cell.not_a_price", value="?").in_column("price"))
    assert isinstance(good, ArticleRow)
    assert good.sku == "3"
