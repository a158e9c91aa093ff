"""CSV files, as shops write them, become rows."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from catalogue.feeds import ArticleRow, CsvReader, FeedError, RowError
from catalogue.messages import Message, english
from catalogue.messages.message import shorten
from tests.factories import drawn_picture


def write(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "feed.csv"
    path.write_bytes(text.encode(encoding))
    return path


def rows_of(folder: Path, text: str, **options: Any) -> list[ArticleRow | RowError]:
    return list(CsvReader(write(folder, text), **options))


def reason_of(folder: Path, text: str, **options: Any) -> str:
    (row,) = rows_of(folder, text, **options)
    assert isinstance(row, RowError)
    return english(row.message)


def test_every_column_is_read(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes(drawn_picture())

    rows = rows_of(
        tmp_path,
        "sku,name,name_fr,description,description_fr,category,brand,price,currency,colour,size,stock,published,photo\n"
        'D-1,Dress,Robe,"Long, ""fine""",Longue,Women > Dresses,Anna,39.90,eur,red|blue,S|M,3,no,a.png|b.png\n',
    )

    assert rows == [
        ArticleRow(
            "2",
            "D-1",
            {
                "name": "Dress",
                "name_fr": "Robe",
                "description": 'Long, "fine"',
                "description_fr": "Longue",
                "price": Decimal("39.90"),
                "currency": "EUR",
                "sizes": ["S", "M"],
                "stock": 3,
                "published": False,
            },
            category=("Women", "Dresses"),
            brand="Anna",
            colours=("red", "blue"),
            photos=(tmp_path / "a.png", tmp_path / "b.png"),
        )
    ]


def test_what_has_no_column_is_not_spoken_of(tmp_path: Path) -> None:
    assert rows_of(tmp_path, "sku\nD-1\n") == [ArticleRow("2", "D-1")]


def test_an_empty_cell_empties_what_has_no_default(tmp_path: Path) -> None:
    (row,) = rows_of(tmp_path, "sku,price,stock,category,colour,currency,published\nD-1,,,,,,\n")

    assert row == ArticleRow("2", "D-1", {"price": None, "stock": None}, category=(), colours=())


def test_cells_missing_at_the_end_of_a_line_are_empty(tmp_path: Path) -> None:
    assert rows_of(tmp_path, "sku,price,stock\nD-1,5\n") == [
        ArticleRow("2", "D-1", {"price": Decimal(5), "stock": None})
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_the_one_that_the_first_line_has_most_of(tmp_path: Path, delimiter: str) -> None:
    text = delimiter.join(["sku", "name", "price"]) + "\n" + delimiter.join(["1", '"a,b;c\td"', "5"]) + "\n"

    (row,) = rows_of(tmp_path, text)

    assert row == ArticleRow("2", "1", {"name": "a,b;c\td", "price": Decimal(5)})


@pytest.mark.parametrize(
    ("encoding", "said"), [("utf-8", None), ("utf-8-sig", None), ("utf-16", None), ("cp1252", "cp1252")]
)
def test_the_usual_encodings_are_read(tmp_path: Path, encoding: str, said: str | None) -> None:
    (row,) = CsvReader(write(tmp_path, "sku,name\n1,Écharpe rosée\n", encoding), encoding=said)

    assert row == ArticleRow("2", "1", {"name": "Écharpe rosée"})


def test_another_encoding_is_named_as_the_cause_before_any_row(tmp_path: Path) -> None:
    reader = CsvReader(write(tmp_path, "sku,name\n" + "1,a\n" * 10_000 + "2,Écharpe\n", "cp1252"))

    with pytest.raises(FeedError, match=r"feed\.csv is not UTF-8\. Save it as UTF-8, or name its encoding"):
        reader.count()


def test_a_sku_is_kept_exactly(tmp_path: Path) -> None:
    skus = [row.sku for row in rows_of(tmp_path, 'SKU , Name\n 007 ,a\n"x,y/z.jpg",b\nÄ#1,c\n')]

    assert skus == [" 007 ", "x,y/z.jpg", "Ä#1"]


def test_lines_are_numbered_as_an_editor_does(tmp_path: Path) -> None:
    rows = rows_of(tmp_path, 'sku,name\r\n1,"two\r\nlines"\r\n\r\n,,\r\n2,b\r\n')

    assert [row.line for row in rows] == ["2", "6"]


def test_foreign_columns_are_mapped(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(drawn_picture())
    path = write(tmp_path, "Photo,label,category,kids\na.png,T-Shirt,wrong,no\n")
    reader = CsvReader(path, columns={"sku": "photo", "photo": "photo", "category": "label"})

    assert list(reader) == [ArticleRow("2", "a.png", category=("T-Shirt",), photos=(tmp_path / "a.png",))]
    assert reader.unused_columns() == ["category", "kids"]
    assert reader.count() == 1


@pytest.mark.parametrize(
    ("text", "columns", "message"),
    [
        ("name,price\na,5\n", {}, "has no column “sku”. Its columns are: name, price. Map the field sku"),
        ("sku\n1\n", {"name": "title"}, "has no column “title”"),
        ("sku\n1\n", {"colur": "sku"}, "These fields do not exist: colur. The fields are: sku, name,"),
        ("sku,SKU\n1,2\n", {}, "Two columns of feed.csv are called “sku”"),
        ("", {}, "Its columns are: ."),
        ("a" * 200_000 + ",sku\n", {}, "is not a CSV file (field larger than field limit"),
    ],
)
def test_a_file_without_the_columns_it_needs_is_refused(
    tmp_path: Path, text: str, columns: dict[str, str], message: str
) -> None:
    with pytest.raises(FeedError) as refusal:
        CsvReader(write(tmp_path, text), columns=columns).count()

    assert message in str(refusal.value)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FeedError, match="No such file"):
        CsvReader(tmp_path / "none.csv").count()
    with pytest.raises(FeedError, match="There is no encoding called “klingon”"):
        CsvReader(write(tmp_path, "sku\n1\n"), encoding="klingon").count()


@pytest.mark.parametrize(
    "name",
    [
        "../secret.png",
        "/etc/passwd",
        "{outside}",
        "link.png",
        "folder/../../secret.png",
        "looped",
        "./../x/../secret.png",
    ],
)
def test_no_photo_outside_its_folder_is_read(tmp_path: Path, name: str) -> None:
    photos = tmp_path / "photos"
    (photos / "folder").mkdir(parents=True)
    (tmp_path / "secret.png").write_bytes(drawn_picture())
    (photos / "link.png").symlink_to(tmp_path / "secret.png")
    (photos / "looped").symlink_to(photos / "looped")

    reason = reason_of(tmp_path, f"sku,photo\n1,{name.format(outside=tmp_path / 'secret.png')}\n", photos=photos)

    assert "outside the photo folder" in reason or "cannot be opened" in reason


@pytest.mark.parametrize("name", ["none.png", "folder", "folder/", ".", "..\\secret.png", "https://example.com/a.png"])
def test_a_photo_that_is_not_there_is_told_so(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()

    reason = reason_of(tmp_path, f"sku,photo\n1,{name}\n")

    assert (
        reason == f"photo: There is no photo “{shorten(name)}” in the photo folder. Copy it there, or correct the name."
    )


def test_a_photo_whose_name_no_file_can_have_is_told_so(tmp_path: Path) -> None:
    assert "cannot be opened" in reason_of(tmp_path, f"sku,photo\n1,{'n' * 300}\n")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("1,-5,,", "price: “-5” is not a price. Write it as 1299.00, without a currency."),
        ("1,,-5,", "stock: “-5” is not a number of items in stock. Write 0 or more, in digits."),
        ("1,,,XXZ", "currency: “XXZ” is not a currency. Write its three letters, as in EUR."),
        (",5,,", "sku: It is empty. Give each product a number of its own."),
        ("a\0b,5,,", "sku: It contains control characters. Remove them, or save the file as UTF-8."),
        ("a" * 101 + ",5,,", "sku: It has 101 characters; 100 are allowed. Shorten it."),
        ("1,5,,,x", "The row has 5 cells for 4 columns. Quote cells that hold a separator."),
    ],
)
def test_a_bad_cell_is_named_with_its_remedy(tmp_path: Path, line: str, reason: str) -> None:
    assert reason_of(tmp_path, f"sku,price,stock,currency\n{line}\n") == reason


def test_a_huge_cell_costs_its_own_line_only(tmp_path: Path) -> None:
    rows = rows_of(tmp_path, "sku,name\n1," + "a" * 200_000 + "\n2,b\n")

    assert [type(row) for row in rows] == [RowError, ArticleRow]
    assert rows[0] == RowError(
        "2", "", Message.of("row.quotation_mark", error="field larger than field limit (131072)")
    )


@pytest.mark.parametrize("last", ['3,"c"\n', "3,c\n"])
def test_a_quotation_mark_without_its_pair_hides_no_line_in_silence(tmp_path: Path, last: str) -> None:
    rows = rows_of(tmp_path, 'sku,name\n1,a\n2,"b\n' + last)

    assert rows[0] == ArticleRow("2", "1", {"name": "a"})
    assert isinstance(rows[1], RowError)
    assert (len(rows), rows[1].line) == (2, "3")
    assert english(rows[1].message).endswith("Look for a quotation mark without its pair.")
