"""Product files of PrestaShop become articles."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from catalogue.feeds import ArticleRow, FeedError, RowError, recognise
from catalogue.feeds.prestashop import PrestaShopReader, field_of
from catalogue.messages import english


def reader_of(folder: Path, text: str) -> PrestaShopReader:
    path = folder / "products.csv"
    path.write_text(text)
    return PrestaShopReader(path)


def only(folder: Path, text: str) -> ArticleRow:
    (row,) = reader_of(folder, text)
    assert isinstance(row, ArticleRow), row
    return row


def test_a_list_of_products_in_french_is_read(tmp_path: Path) -> None:
    reader = reader_of(
        tmp_path,
        '"ID";"Image";"Nom";"Référence";"Catégorie";"Prix (HT)";"Prix (TTC)";"Quantité";"État"\n'
        '"1";"";"Robe portefeuille";"demo_1";"Robes";"23.900000";"28.680000";"300";"1"\n'
        '"2";"";"Jupe plissée";"demo_2";"Jupes";"29,90 €";"35,88 €";"12";"0"\n',
    )

    assert recognise(reader.path) == "prestashop"
    assert list(reader) == [
        ArticleRow(
            "2",
            "demo_1",
            {"name": "Robe portefeuille", "price": Decimal("28.68"), "stock": 300, "published": True},
            category=("Robes",),
        ),
        ArticleRow(
            "3",
            "demo_2",
            {"name": "Jupe plissée", "price": Decimal("35.88"), "currency": "EUR", "stock": 12, "published": False},
            category=("Jupes",),
        ),
    ]
    assert [english(note) for note in reader.notes()] == ["Columns that are not used: Image."]


def test_the_file_for_imports_is_read(tmp_path: Path) -> None:
    reader = reader_of(
        tmp_path,
        "Product ID;Active (0/1);Name *;Categories (x,y,z...);Price tax included;Reference #;Quantity;Summary;"
        "Description;Image URLs (x,y,z...);Manufacturer\n"
        "1;1;Robe;Home / Robes,Sale;39,90;R1;4;Short;<p>Long</p>;"
        "https://a.example/1.jpg,https://a.example/2,3.jpg;Anna\n",
    )

    (row,) = reader

    assert recognise(reader.path) == "prestashop"
    assert row == ArticleRow(
        "2",
        "R1",
        {"name": "Robe", "description": "Long", "price": Decimal("39.90"), "stock": 4, "published": True},
        category=("Home", "Robes"),
        additional_categories=(("Sale",),),
        brand="Anna",
        photo_urls=("https://a.example/1.jpg", "https://a.example/2,3.jpg"),
    )
    assert reader.notes() == []


def test_a_price_without_tax_is_left_out_and_told(tmp_path: Path) -> None:
    reader = reader_of(tmp_path, "ID;Name;Reference;Price (tax excl.);Quantity\n1;Dress;D-1;23.90;3\n")

    (row,) = reader

    assert isinstance(row, ArticleRow)
    assert row.values == {"name": "Dress", "stock": 3}
    assert [(note.code, note.params["names"]) for note in reader.notes()] == [("feed.prices_without_tax", ["23.90"])]


def test_what_is_not_said_is_left(tmp_path: Path) -> None:
    row = only(
        tmp_path,
        "ID;Name;Reference;Description;Price (tax incl.);Quantity;Status;Category;Brand;Image URLs\n1;;;;;;;;;\n",
    )

    assert row == ArticleRow("2", "id-1")


@pytest.mark.parametrize(("quantity", "stock"), [("5.0", 5), ("1 000", 1_000), ("-2", 0), ("0", 0)])
def test_the_stock_is_read_and_an_oversold_one_is_none(tmp_path: Path, quantity: str, stock: int) -> None:
    assert only(tmp_path, f"Reference;Quantity\nR1;{quantity}\n").values == {"stock": stock}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("1;R1;1,299;;", "price: “1,299” may be 1.299 or 1299"),
        ("1;R1;39.905;;", "price: “39.905” may be 39.905 or 39905"),
        ("1;R1;-5;;", "price: “-5” is below zero"),
        ("1;R1;;many;", "stock: “many” is not a stock quantity"),
        ("1;R1;;;perhaps", "active: “perhaps” is neither yes nor no"),
        (";;5;;", "Reference: This cell is empty"),
        ("1;3,66E+12;5;;", "sku: “3,66E+12” is a long number that a spreadsheet has shortened"),
        ("1;a\0;5;;", "sku: It contains control characters"),
        ("1;R1;5;;1;extra", "6 cells for 5 columns"),
    ],
)
def test_a_bad_line_is_refused_with_its_reason_and_no_other(tmp_path: Path, line: str, reason: str) -> None:
    header = "ID;Reference;Prix TTC;Quantité;Actif\n"

    rows = list(reader_of(tmp_path, f"{header}8;before;5;;\n{line}\n9;after;5;;\n"))

    assert [row.sku for row in rows if isinstance(row, ArticleRow)] == ["before", "after"]
    (refused,) = [row for row in rows if isinstance(row, RowError)]
    assert refused.line == "3"
    assert reason in english(refused.message)


def test_a_reference_that_stands_twice_is_two_rows_of_which_the_import_refuses_one(tmp_path: Path) -> None:
    rows = list(reader_of(tmp_path, "ID;Reference;Name\n1;R1;a\n2;R1;b\n"))

    assert [(row.line, row.sku) for row in rows] == [("2", "R1"), ("3", "R1")]


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("Name *", "name"),
        ("NOM", "name"),
        ("Prix\N{NO-BREAK SPACE}(TTC)", "price"),
        ("Active (0 ou 1)", "active"),
        ("Catégories (x,y,z...)", "category"),
        ("Reference #", "sku"),
        ("Wholesale price", None),
        ("", None),
    ],
)
def test_a_heading_is_known_with_what_the_program_writes_around_it(heading: str, field: str | None) -> None:
    assert field_of(heading) == field


def test_a_file_without_references_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FeedError, match="has no column for “Reference”"):
        reader_of(tmp_path, "Name;Price (tax incl.)\na;5\n").count()
