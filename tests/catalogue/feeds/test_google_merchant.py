"""Google Merchant feeds, as XML and as TSV, become articles."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from catalogue.feeds import (
    ArticleRow,
    FeedError,
    GoogleMerchantTsvReader,
    GoogleMerchantXmlReader,
    Reader,
    RowError,
    google_merchant_xml,
)
from catalogue.feeds.rows import CellError, VariantRow
from catalogue.messages import Message, english

RSS = '<?xml version="1.0"?>\n<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel><title>Shop</title>'
PICTURES = ("https://cdn.example/a.jpg", "https://cdn.example/b.jpg")


def xml(folder: Path, items: str) -> Reader:
    return document(folder, f"{RSS}\n{items}</channel></rss>".encode())


def document(folder: Path, content: bytes, encoding: str | None = None) -> Reader:
    path = folder / "feed.xml"
    path.write_bytes(content)
    return GoogleMerchantXmlReader(path, encoding=encoding)


def tsv(folder: Path, *lines: str) -> Reader:
    path = folder / "feed.txt"
    path.write_text("\n".join(lines) + "\n")
    return GoogleMerchantTsvReader(path)


def item(**said: str) -> str:
    values = {"id": "D-1", **said}
    return "<item>" + "".join(f"<g:{name}>{text}</g:{name}>" for name, text in values.items()) + "</item>\n"


def only(reader: Reader) -> ArticleRow:
    (row,) = reader
    assert isinstance(row, ArticleRow), row
    return row


def reason(reader: Reader) -> str:
    (row,) = reader
    assert isinstance(row, RowError), row
    return english(row.message)


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


def test_an_article_none_of_whose_variants_is_there_has_their_lowest_price(tmp_path: Path) -> None:
    sold_out = {"item_group_id": "G", "availability": "out of stock"}

    row = only(xml(tmp_path, item(id="1", price="30 EUR", **sold_out) + item(id="2", price="25 EUR", **sold_out)))

    assert row.values == {"stock": 0, "price": Decimal(25), "regular_price": None, "currency": "EUR"}


@pytest.mark.parametrize(
    ("dates", "price"),
    [
        ("2020-01-01T00:00Z/2999-01-01T00:00Z", "10"),
        ("2020-01-01T00:00+0100/2020-02-01T00:00+0100", "20"),
        ("2998-01-01/2999-01-01", "20"),
    ],
)
def test_a_sale_price_counts_within_its_dates(tmp_path: Path, dates: str, price: str) -> None:
    row = only(xml(tmp_path, item(price="20 EUR", sale_price="EUR 10", sale_price_effective_date=dates)))

    assert row.values["price"] == Decimal(price)
    assert row.values["regular_price"] == (Decimal(20) if price == "10" else None)


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


@pytest.mark.parametrize(
    ("text", "price", "currency"),
    [
        ("1,299.00 USD", "1299", "USD"),
        ("1.299,00 EUR", "1299", "EUR"),
        ("39.90EUR", "39.90", "EUR"),
        ("39.90 eur", "39.90", "EUR"),
        ("EUR39.90", "39.90", "EUR"),
        ("€39.90", "39.90", "EUR"),
        ("39.90 €", "39.90", "EUR"),
        ("39.9000 EUR", "39.90", "EUR"),
        ("1 299,00 EUR", "1299", "EUR"),
        ("$39.90 USD", "39.90", "USD"),
        ("0 EUR", "0", "EUR"),
        ("39.90", "39.90", None),
    ],
)
def test_a_price_is_read_as_feeds_write_it(tmp_path: Path, text: str, price: str, currency: str | None) -> None:
    values = only(xml(tmp_path, item(price=text))).values

    assert (values["price"], values.get("currency")) == (Decimal(price), currency)


@pytest.mark.parametrize("sale", ["0 EUR", "0.00 EUR", "", " EUR"])
def test_a_sale_price_of_nothing_is_none(tmp_path: Path, sale: str) -> None:
    assert only(xml(tmp_path, item(price="10.00 EUR", sale_price=sale))).values["price"] == Decimal(10)


AVAILABLE = ["In Stock", "IN_STOCK", "instock", "in-stock", "pre-order", "preorder", "backorder", "on backorder",
             "available for order", "https://schema.org/InStock", "http://schema.org/PreOrder", "en stock"]  # fmt: skip
GONE = ["out of stock", "OutOfStock", "outofstock", "discontinued", "sold out", "mark_as_sold",
        "http://schema.org/OutOfStock"]  # fmt: skip


@pytest.mark.parametrize(("word", "stock"), [*((word, None) for word in AVAILABLE), *((word, 0) for word in GONE)])
def test_availability_is_read_as_feeds_write_it(tmp_path: Path, word: str, stock: int | None) -> None:
    assert only(xml(tmp_path, item(availability=word))).values == {"stock": stock}


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


@pytest.mark.parametrize(
    "content",
    [
        '<!DOCTYPE rss [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><rss><item><id>&b;</id></item></rss>',
        '<!DOCTYPE rss SYSTEM "http://127.0.0.1/evil.dtd"><rss/>',
        '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss><item><id>&x;</id></item></rss>',
        "<!DOCTYPE rss><rss/>",
    ],
)
def test_a_document_type_declaration_is_refused_before_anything_is_read(tmp_path: Path, content: str) -> None:
    with pytest.raises(FeedError, match="has a document type declaration"):
        document(tmp_path, content.encode()).count()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<rss><channel><item>", "no element found"),
        (b"<rss><item></rss>", "mismatched tag"),
        (b"<rss>\0</rss>", "not well-formed"),
        (b"<rss><item><id>\xff</id></item></rss>", "not well-formed"),
        (b"<rss><item><id>&nbsp;</id></item></rss>", "undefined entity"),
        (b'<?xml version="1.0" encoding="klingon"?><rss/>', "encoding"),
        (b'<?xml version="1.0" encoding="shift_jis"?><rss/>', "encoding"),
        (b"<html><item/></html>", "begins with “html” in line 1; a feed begins with rss or feed"),
        (b"<rss>" + b"<a>" * 60, "are nested too deeply"),
        (b"<rss><a " + b"x" * 1_200_000, "A tag or comment is not closed"),
        (b"<rss><!--" + b"x" * 1_200_000, "A tag or comment is not closed"),
        (b'<rss><item g="' + b"x" * 1_200_000, "A tag or comment is not closed"),
        (b"", "no element found"),
    ],
    ids=range(13),
)
def test_a_broken_document_is_refused_as_a_whole_with_the_cause(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(FeedError, match=message):
        document(tmp_path, content).count()


def test_a_huge_text_costs_its_own_item_only(tmp_path: Path) -> None:
    reader = xml(tmp_path, item(id="1", title="a" * 300_000) + item(id="2"))

    huge, good = reader

    assert huge == RowError("3 #1", "1", Message.of("row.too_many_texts", limit=200_000))
    assert isinstance(good, ArticleRow)


def test_no_more_of_a_huge_text_is_held_than_an_item_may_have(tmp_path: Path) -> None:
    read = google_merchant_xml._Document("feed.xml", None)
    read.feed(b'<rss xmlns:g="http://base.google.com/ns/1.0"><item><g:title>')

    for _ in range(200):
        read.feed(b"a" * 65_536)

    assert read._size < 300_000
    assert sum(map(len, read._pieces)) == read._size


def test_other_encodings_are_read_where_they_are_named(tmp_path: Path) -> None:
    said = f'<?xml version="1.0" encoding="cp1252"?>{RSS[22:]}{item(title="Écharpe")}</channel></rss>'
    unsaid = f"{RSS}{item(title='Écharpe')}</channel></rss>"

    assert only(document(tmp_path, said.encode("cp1252"))).values == {"name": "Écharpe"}
    assert only(document(tmp_path, unsaid.encode("latin-1"), "iso-8859-1")).values == {"name": "Écharpe"}


def test_a_line_with_a_cell_too_many_keeps_its_whole_article_out(tmp_path: Path) -> None:
    rows = list(
        tsv(
            tmp_path,
            "id\ttitle\tprice\titem_group_id",
            "A1\tRobe\t80 EUR\tG",
            "A2\tRobe\t60 EUR\tG\textra",
            "A3\tRobe\t70 EUR\tG",
            "B\tJupe\t9 EUR\t",
        )
    )

    bad, spoiled, good = rows
    assert isinstance(bad, RowError)
    assert (bad.line, bad.sku) == ("3", "G")
    assert "5 cells for 4 columns" in english(bad.message)
    assert spoiled == RowError("2", "G", Message.of("row.article_spoiled", where=Message.of("row.line", line=3)))
    assert isinstance(good, ArticleRow)
    assert good.sku == "B"


def test_an_id_with_a_null_byte_is_refused(tmp_path: Path) -> None:
    assert reason(tsv(tmp_path, "id\ttitle", "a\0\tRobe")).startswith("id: It contains control characters")


def test_a_tsv_without_ids_or_with_ragged_lines_says_so(tmp_path: Path) -> None:
    with pytest.raises(FeedError, match="has no column “id”"):
        tsv(tmp_path, "title\timage link", "a\tb").count()

    rows = list(tsv(tmp_path, "id\ttitle", "1\ta\tb", '2\t"a', "3\tc"))

    assert [type(row) for row in rows] == [RowError, RowError]
    assert "3 cells for 2 columns" in english(rows[0].message)  # type: ignore[union-attr]
    assert "unmatched quotation mark" in english(rows[1].message)  # type: ignore[union-attr]
