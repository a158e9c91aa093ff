"""Product files of WooCommerce become articles."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from catalogue.feeds import ArticleRow, FeedError, RowError, recognise
from catalogue.feeds.rows import VariantRow
from catalogue.feeds.woocommerce import WooCommerceReader
from catalogue.messages import english

HEADER = (
    "Type,SKU,Name,Published,Is featured?,Visibility in catalog,Short description,Description,In stock?,Stock,"
    "Sale price,Regular price,Categories,Tags,Images,Parent,Attribute 1 name,Attribute 1 value(s)\n"
)


def reader_of(folder: Path, text: str) -> WooCommerceReader:
    path = folder / "products.csv"
    path.write_text(text)
    assert recognise(path) == "woocommerce"
    return WooCommerceReader(path)


def only(folder: Path, text: str) -> ArticleRow:
    (row,) = reader_of(folder, text)
    assert isinstance(row, ArticleRow), row
    return row


def simple(folder: Path, columns: str, cells: str) -> ArticleRow:
    return only(folder, f"Type,SKU,Name,Parent,{columns}\nsimple,a,A,,{cells}\n")


def test_an_export_is_read(tmp_path: Path) -> None:
    reader = reader_of(
        tmp_path,
        HEADER + "variable,w-sweater,Sweater,1,1,visible,,A sweater.,1,5,,,Clothing > Sweater,,"
        'https://pictures.example/1.jpg,,Color,"Green, Beige"\n'
        "variation,w-sweater-g,Sweater - Green,1,0,visible,,,1,,16,18,,,https://pictures.example/2.jpg,w-sweater,"
        "Color,Green\n"
        "simple,w-draft,Draft,-1,0,visible,,,1,,,20,Clothing > Sweater,,,,,\n"
        'simple,w-private,Private,0,0,visible,,,0,,,20,"Clothing, Clothing > Sweater",,,,,\n',
    )

    assert list(reader) == [
        ArticleRow(
            "2",
            "w-sweater",
            {
                "name": "Sweater",
                "description": "A sweater.",
                "published": True,
                "price": Decimal(16),
                "regular_price": Decimal(18),
                "stock": 5,
            },
            category=("Clothing", "Sweater"),
            additional_categories=(),
            colours=("Green", "Beige"),
            variants=(VariantRow(values={"sku": "w-sweater-g"}),),
            photo_urls=("https://pictures.example/1.jpg", "https://pictures.example/2.jpg"),
        ),
        ArticleRow(
            "4",
            "w-draft",
            {"name": "Draft", "published": False, "price": Decimal(20), "regular_price": None, "stock": None},
            category=("Clothing", "Sweater"),
            additional_categories=(),
        ),
        ArticleRow(
            "5",
            "w-private",
            {"name": "Private", "published": False, "price": Decimal(20), "regular_price": None, "stock": 0},
            category=("Clothing", "Sweater"),
            additional_categories=(),
        ),
    ]
    assert reader.count() == 3
    assert [note.params["columns"] for note in reader.notes()] == [["Is featured?", "Tags"]]


def test_french_headings_and_variations_that_name_their_product_by_its_number_are_read(tmp_path: Path) -> None:
    row = only(
        tmp_path,
        "ID;Type;UGS;Nom;Publié;En stock ?;Stock;Tarif promo;Tarif régulier;Catégories;Parent;"
        "Nom de l’attribut 1;Attribut 1 nom;Attribut 1 valeur(s)\n"
        "7;variable;;Robe;1;1;;;;Robes;;;Taille;S, M\n"
        "8;variation;r-s;Robe - S;1;1;2;;59,90;;id:7;;Taille;S\n"
        "9;variation;r-m;Robe - M;1;1;1;;69,90;;id:7;;Taille;M\n",
    )

    assert (row.sku, row.category) == ("id-7", ("Robes",))
    assert row.values == {
        "name": "Robe", "published": True, "price": Decimal("59.90"), "regular_price": None, "stock": 3,
        "sizes": ["S", "M"],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("columns", "cells", "stock"),
    [
        ("In stock?,Stock", "1,5", 5),
        ("In stock?,Stock", "1,5.0", 5),
        ("In stock?,Stock", "0,5", 0),
        ("In stock?,Stock", "1,-2", 0),
        ("In stock?,Stock", "1,", None),
        ("In stock?,Stock,Backorders allowed?", "1,0,1", None),
        ("In stock?,Stock,Backorders allowed?", "1,0,notify", None),
        ("In stock?,Stock,Backorders allowed?", "1,4,0", 4),
    ],
)
def test_the_stock_is_counted_where_there_is_a_number(
    tmp_path: Path, columns: str, cells: str, stock: int | None
) -> None:
    assert simple(tmp_path, columns, cells).values["stock"] == stock


@pytest.mark.parametrize(("columns", "cells"), [("Tags", "x"), ("In stock?,Stock", ","), ("Stock", "")])
def test_a_file_that_does_not_speak_of_the_stock_or_the_price_leaves_them(
    tmp_path: Path, columns: str, cells: str
) -> None:
    assert simple(tmp_path, columns, cells).values == {"name": "A"}


@pytest.mark.parametrize(
    ("sale", "starts", "ends", "price"),
    [
        ("16", "", "", "16"),
        ("0", "", "", "20"),
        ("", "", "", "20"),
        ("16", "2020-01-01", "2999-01-01", "16"),
        ("16", "2020-01-01 00:00:00", "", "16"),
        ("16", "2998-01-01", "", "20"),
        ("16", "", "2020-01-01", "20"),
    ],
)
def test_a_sale_price_counts_between_its_dates(tmp_path: Path, sale: str, starts: str, ends: str, price: str) -> None:
    columns = "Regular price,Sale price,Date sale price starts,Date sale price ends"

    assert simple(tmp_path, columns, f"20,{sale},{starts},{ends}").values["price"] == Decimal(price)


def test_the_lowest_price_is_that_of_what_can_be_bought(tmp_path: Path) -> None:
    row = only(
        tmp_path,
        "Type,SKU,Name,Parent,Regular price,In stock?,Stock\nvariable,a,A,,,1,\n"
        "variation,a-1,A,a,10,0,0\nvariation,a-2,A,a,12,1,3\nvariation,a-3,A,a,14,1,4\n",
    )

    assert row.values == {"name": "A", "price": Decimal(12), "stock": 7}


@pytest.mark.parametrize(
    ("published", "visibility", "shown"),
    [
        ("1", "visible", True),
        ("1", "hidden", False),
        ("0", "visible", False),
        ("-1", "visible", False),
        ("1", "", True),
    ],
)
def test_a_product_is_published_if_both_columns_say_so(
    tmp_path: Path, published: str, visibility: str, *, shown: bool
) -> None:
    row = simple(tmp_path, "Published,Visibility in catalog", f"{published},{visibility}")

    assert row.values["published"] is shown


def test_the_longest_of_several_categories_is_the_articles_and_the_others_are_additional(tmp_path: Path) -> None:
    reader = reader_of(
        tmp_path, 'Type,SKU,Name,Parent,Categories\nsimple,a,A,,"Sale, Women, Women > Tops &amp; Tees, Bags\\, belts"\n'
    )

    (row,) = reader

    assert isinstance(row, ArticleRow)
    assert row.category == ("Women", "Tops & Tees")
    assert row.additional_categories == (("Sale",), ("Bags, belts",))
    assert reader.notes() == []


def test_html_and_the_two_signs_of_a_line_break_are_read(tmp_path: Path) -> None:
    row = simple(tmp_path, "Short description,Description", ",<p>Nice</p>\\n<ul><li>lin</li></ul>")
    short = simple(tmp_path, "Short description,Description", "one\\ntwo,")

    assert row.values["description"] == "Nice\n\n• lin"
    assert short.values["description"] == "one\ntwo"


def test_a_bad_picture_and_an_option_that_is_neither_size_nor_colour_are_told(tmp_path: Path) -> None:
    reader = reader_of(
        tmp_path,
        "Type,SKU,Name,Parent,Images,Attribute 1 name,Attribute 1 value(s),Attribute 2 name,Attribute 2 value(s)\n"
        'simple,a,A,,"/old/a.jpg, https://a.example/a,b.jpg",Material,Wool,pa_size,"S, M\\, long"\n',
    )

    (row,) = reader

    assert isinstance(row, ArticleRow)
    assert row.photo_urls == ("https://a.example/a,b.jpg",)
    assert row.values["sizes"] == ["S", "M, long"]
    assert {note.code: note.params["names"] for note in reader.notes()} == {
        "feed.options_left_out": ["Material"], "feed.pictures_left_out": ["2: /old/a.jpg"],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('variation,a-2,A,a,"1,299"', "price: “1,299” may be 1.299 or 1299"),
        ("variation,a-2,A,a,dear", "price: “dear” is not a price"),
        ("variation,a-2,A,a,5,extra", "6 cells for 5 columns"),
        ("variation,a-2,A,,5", "Parent: This cell is empty"),
    ],
)
def test_a_bad_variation_keeps_its_product_out_and_no_other(tmp_path: Path, line: str, reason: str) -> None:
    rows = list(
        reader_of(
            tmp_path,
            "Type,SKU,Name,Parent,Regular price\nsimple,b,B,,9\nvariable,a,A,,\nvariation,a-1,A,a,8\n"
            f"{line}\nsimple,c,C,,7\n",
        )
    )

    assert [row.sku for row in rows if isinstance(row, ArticleRow)] == ["b", "c"]
    refused = [english(row.message) for row in rows if isinstance(row, RowError)]
    assert any(reason in text for text in refused)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("variation,a-1,A,gone,5", "The product “gone” of this variant is not in the file"),
        ("variation,a-1,A,id:9,5", "The product “id-9” of this variant is not in the file"),
        ("simple,,A,,5", "SKU: This cell is empty"),
        ("simple,3.66E+12,A,,5", "sku: “3.66E+12” is a long number that a spreadsheet has shortened"),
        ("simple,a\0,A,,5", "sku: It contains control characters"),
    ],
)
def test_a_line_without_its_product_or_number_is_refused(tmp_path: Path, line: str, reason: str) -> None:
    (row,) = reader_of(tmp_path, f"Type,SKU,Name,Parent,Regular price\n{line}\n")

    assert isinstance(row, RowError)
    assert reason in english(row.message)


def test_a_file_without_names_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "products.csv"
    path.write_text("Type,SKU\nsimple,a\n")

    with pytest.raises(FeedError, match="has no column for “name”"):
        WooCommerceReader(path).count()
