"""Product files of Magento 2 become articles."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from catalogue.feeds import ArticleRow, FeedError, RowError, recognise
from catalogue.feeds.magento import MagentoReader
from catalogue.feeds.rows import VariantRow
from catalogue.messages import english

HEADER = (
    "sku,store_view_code,attribute_set_code,product_type,categories,product_websites,name,description,weight,"
    "product_online,price,special_price,url_key,base_image,additional_attributes,qty,is_in_stock,additional_images,"
    "configurable_variations\n"
)
START = "sku,product_type,attribute_set_code"


def reader_of(folder: Path, text: str) -> MagentoReader:
    path = folder / "products.csv"
    path.write_text(text)
    assert recognise(path) == "magento"
    return MagentoReader(path)


def only(folder: Path, text: str) -> ArticleRow:
    (row,) = reader_of(folder, text)
    assert isinstance(row, ArticleRow), row
    return row


def simple(folder: Path, columns: str, cells: str) -> ArticleRow:
    return only(folder, f"{START},{columns}\na,simple,Default,{cells}\n")


def test_a_configurable_product_its_variant_and_its_french_view_are_one_article(tmp_path: Path) -> None:
    reader = reader_of(
        tmp_path,
        HEADER + "T1-S,,Default,simple,Default Category/Women/Tops,base,Tee S,,1,1,19.9000,,tee-s,/m/a/t.jpg,size=S,"
        "100.0000,1,,\n"
        'T1,,Default,configurable,"Default Category/Women/Tops,Default Category/Sale",base,Tee,<p>Nice</p>,1,1,,,tee,'
        '/m/a/t.jpg,,0.0000,1,,"sku=T1-S,size=S"\n'
        "T1,fr,Default,configurable,,base,T-shirt,<p>Joli</p>,,,,,,,,,,,\n"
        "T1,de,Default,configurable,,base,T-Shirt,,,,,,,,,,,,\n",
    )

    (row,) = reader

    assert row == ArticleRow(
        "3",
        "T1",
        {
            "name": "Tee", "description": "Nice", "name_fr": "T-shirt", "description_fr": "Joli",
            "price": Decimal("19.90"), "regular_price": None, "stock": 100, "published": True, "sizes": ["S"],
        },
        category=("Women", "Tops"),
        additional_categories=(("Sale",),),
        variants=(VariantRow("S", "", {"sku": "T1-S", "stock": 100}),),
    )  # fmt: skip
    assert {note.code: note.params.get("names") for note in reader.notes()} == {
        "feed.unused_columns": None,
        "feed.languages_left_out": ["de"],
        "feed.pictures_left_out": ["3: /m/a/t.jpg", "2: /m/a/t.jpg"],
    }
    assert reader.count() == 1


def test_the_variants_of_several_products_are_told_apart(tmp_path: Path) -> None:
    rows = list(
        reader_of(
            tmp_path,
            f"{START},price,qty,additional_attributes,configurable_variations\n"
            'a-1,simple,Default,10,0,"color=Red,size=S",\na-2,simple,Default,12,2,"color=Blue,size=M",\n'
            'b-1,simple,Default,5,3,"size=S,material=Wool",\n'
            'a,configurable,Default,,,,"sku=a-1,size=S|size=M,sku=a-2"\nb,configurable,Default,,,,sku=b-1\n',
        )
    )

    assert [row.sku for row in rows] == ["a", "b"]
    assert isinstance(rows[0], ArticleRow)
    assert rows[0].values == {"price": Decimal(12), "stock": 2, "sizes": ["S", "M"]}
    assert rows[0].colours == ("Red", "Blue")


@pytest.mark.parametrize(
    ("columns", "cells", "stock"),
    [
        ("qty,is_in_stock", "5.0000,1", 5),
        ("qty,is_in_stock", "5,0", 0),
        ("qty,is_in_stock", "-3,1", 0),
        ("qty,is_in_stock", ",1", None),
        ("qty,is_in_stock,manage_stock", "5,1,0", None),
        ("qty,is_in_stock,allow_backorders", "5,1,1", None),
        ("qty,is_in_stock,allow_backorders", "5,1,0", 5),
    ],
)
def test_the_stock_is_counted_where_it_is_managed(tmp_path: Path, columns: str, cells: str, stock: int | None) -> None:
    assert simple(tmp_path, columns, cells).values["stock"] == stock


@pytest.mark.parametrize(("columns", "cells"), [("name", "A"), ("name,qty,is_in_stock", "A,,"), ("name,price", "A,")])
def test_what_is_not_said_is_left(tmp_path: Path, columns: str, cells: str) -> None:
    assert simple(tmp_path, columns, cells) == ArticleRow("2", "a", {"name": "A"})


@pytest.mark.parametrize(
    ("special", "start", "end", "price"),
    [
        ("15", "", "", "15"),
        ("0.0000", "", "", "20"),
        ("", "", "", "20"),
        ("15", "2020-01-01 00:00:00", "2999-01-01", "15"),
        ("15", "1/1/20", "", "15"),
        ("15", "2998-01-01", "", "20"),
        ("15", "", '"1/1/20, 12:00 AM"', "20"),
    ],
)
def test_a_special_price_counts_between_its_dates(
    tmp_path: Path, special: str, start: str, end: str, price: str
) -> None:
    columns = "price,special_price,special_price_from_date,special_price_to_date"

    assert simple(tmp_path, columns, f"20,{special},{start},{end}").values == {
        "price": Decimal(price),
        "regular_price": Decimal(20) if price == "15" else None,
    }


@pytest.mark.parametrize(
    ("columns", "cells", "published"),
    [
        ("product_online", "1", True),
        ("product_online", "2", False),
        ("status", "Enabled", True),
        ("status", "2", False),
    ],
)
def test_a_product_is_published_if_it_is_online(tmp_path: Path, columns: str, cells: str, *, published: bool) -> None:
    assert simple(tmp_path, columns, cells).values == {"published": published}


def test_pictures_at_addresses_are_fetched(tmp_path: Path) -> None:
    row = simple(tmp_path, "base_image,additional_images", 'https://a.example/1.jpg,"https://a.example/2.jpg,/m/3.jpg"')

    assert row.photo_urls == ("https://a.example/1.jpg", "https://a.example/2.jpg")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("a-2,simple,Default,dear,1,", "price: “dear” is not a price"),
        ('a-2,simple,Default,"1,299",1,', "price: “1,299” may be 1.299 or 1299"),
        ("a-2,simple,Default,12,many,", "qty: “many” is not a stock quantity"),
        ("a-2,simple,Default,12,1,,extra", "7 cells for 6 columns"),
    ],
)
def test_a_bad_variant_keeps_its_product_out_and_no_other(tmp_path: Path, line: str, reason: str) -> None:
    rows = list(
        reader_of(
            tmp_path,
            f"{START},price,qty,configurable_variations\nb,simple,Default,5,1,\na-1,simple,Default,10,1,\n{line}\n"
            'a,configurable,Default,,,"sku=a-1,size=S|sku=a-2,size=M"\nc,simple,Default,5,1,\n',
        )
    )

    assert [row.sku for row in rows if isinstance(row, ArticleRow)] == ["b", "c"]
    refused = [row for row in rows if isinstance(row, RowError)]
    assert {row.sku for row in refused} == {"a"}
    assert any(reason in english(row.message) for row in refused)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (",,Default,simple", "sku: This cell is empty"),
        ("a,fr,Default,simple", "The product “a” of this variant is not in the file"),
        ("3.66E+12,,Default,simple", "sku: “3.66E+12” is a long number that a spreadsheet has shortened"),
        ("a\0,,Default,simple", "sku: It contains control characters"),
    ],
)
def test_a_line_without_its_product_or_number_is_refused(tmp_path: Path, line: str, reason: str) -> None:
    (row,) = reader_of(tmp_path, f"sku,store_view_code,attribute_set_code,product_type\n{line}\n")

    assert isinstance(row, RowError)
    assert reason in english(row.message)


def test_an_attribute_that_is_too_long_is_named(tmp_path: Path) -> None:
    (row,) = reader_of(tmp_path, f"{START},additional_attributes\na,simple,Default,color={'x' * 201}\n")

    assert isinstance(row, RowError)
    assert english(row.message).startswith("color: It is 201 characters long")


def test_a_file_without_skus_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "products.csv"
    path.write_text("product_type,attribute_set_code\nsimple,Default\n")

    with pytest.raises(FeedError, match="has no column for “sku”"):
        MagentoReader(path).count()
