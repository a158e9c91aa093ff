"""CSV files, as shops write them, become rows."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from catalogue.feeds import ArticleRow, CsvReader, FeedError, RowError
from catalogue.feeds.columns import read_columns
from catalogue.feeds.tables import SKIPPED_AT_MOST
from catalogue.messages import Message, english
from tests.catalogue.feeds.csv_files import reason_of, rows_of, write
from tests.factories import drawn_picture


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


EMPTIED = "name,price,stock,size,description,category,brand,colour,currency,published,slug,photo,photo_url,photo_alt"


@pytest.mark.parametrize("cell", ["", " ", "\t"])
def test_an_empty_cell_says_nothing(tmp_path: Path, cell: str) -> None:
    cells = ",".join([cell] * len(EMPTIED.split(",")))

    assert rows_of(tmp_path, f"sku,{EMPTIED}\nD-1,{cells}\n") == [ArticleRow("2", "D-1")]


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("name", "<b></b>"),
        ("description", "<p></p>"),
        ("price", "€"),
        ("size", "|"),
        ("category", ">"),
        ("brand", "&nbsp;"),
        ("colour", " | "),
        ("photo", "|"),
    ],
)
def test_a_cell_that_is_empty_once_it_is_read_says_nothing(tmp_path: Path, column: str, cell: str) -> None:
    assert rows_of(tmp_path, f"sku,{column}\nD-1,{cell}\n") == [ArticleRow("2", "D-1")]


@pytest.mark.parametrize("word", ["[clear]", " [Vider] "])
def test_a_word_of_its_own_clears_what_an_article_has(tmp_path: Path, word: str) -> None:
    columns = "price,stock,size,description,description_fr,name_fr,category,brand,colour,photo"
    cells = ",".join([word] * len(columns.split(",")))

    assert rows_of(tmp_path, f"sku,{columns}\nD-1,{cells}\n") == [
        ArticleRow(
            "2",
            "D-1",
            {"price": None, "stock": None, "sizes": [], "description": "", "description_fr": "", "name_fr": ""},
            category=(),
            brand="",
            colours=(),
            photos=(),
        )
    ]


@pytest.mark.parametrize("column", ["name", "currency", "published", "slug"])
def test_what_every_article_has_is_not_cleared(tmp_path: Path, column: str) -> None:
    assert reason_of(tmp_path, f"sku,{column}\nD-1,[clear]\n").startswith(
        f"{column}: Every product needs a value here."
    )


def test_cells_missing_at_the_end_of_a_line_are_empty(tmp_path: Path) -> None:
    assert rows_of(tmp_path, "sku,price,stock\nD-1,5\n") == [ArticleRow("2", "D-1", {"price": Decimal(5)})]


@pytest.mark.parametrize(
    ("line", "price", "currency"),
    [("39.90,", "39.90", None), ("39.90,CHF", "39.90", "CHF"), ("5 CHF,chf", "5", "CHF"), ("€5,", "5", "EUR")],
)
def test_a_price_is_in_the_currency_that_either_cell_names(
    tmp_path: Path, line: str, price: str, currency: str | None
) -> None:
    (row,) = rows_of(tmp_path, f"sku,price,currency\n1,{line}\n")

    assert isinstance(row, ArticleRow)
    assert (row.values["price"], row.values.get("currency")) == (Decimal(price), currency)


def test_two_currencies_for_one_price_are_refused(tmp_path: Path) -> None:
    reason = reason_of(tmp_path, "sku,price,currency\n1,5 EUR,CHF\n")

    assert reason == "price: The price is in EUR, but the currency is CHF. Remove one of them."


def test_all_that_is_wrong_with_a_row_is_told_at_once(tmp_path: Path) -> None:
    reason = reason_of(tmp_path, "sku,price,stock\n1,dear,many\n")

    assert "price: “dear” is not a price" in reason
    assert "stock: “many” is not a stock quantity" in reason


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_the_one_that_the_first_line_has_most_of(tmp_path: Path, delimiter: str) -> None:
    text = delimiter.join(["sku", "name", "price"]) + "\n" + delimiter.join(["1", '"a,b;c\td"', "5"]) + "\n"

    (row,) = rows_of(tmp_path, text)

    assert row == ArticleRow("2", "1", {"name": "a,b;c d", "price": Decimal(5)})


def test_separators_within_quoted_headings_part_nothing(tmp_path: Path) -> None:
    rows = rows_of(tmp_path, 'sku;"Name, long";"a,b,c,d,e";price\na1;Robe;x;39,90\n')

    assert rows == [ArticleRow("2", "a1", {"price": Decimal("39.90")})]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize(
    ("before", "line"),
    [
        ("sep=;\n", "3"),
        ('"sep=;"\r\n', "3"),
        ("\n\n", "4"),
        (";;\n", "3"),
        ("# Required | Optional;\n", "3"),
        ('"# Required, or not";"# Optional"\n', "3"),
        ("\n# Required\nSEP=;\n", "5"),
    ],
)
def test_what_programs_write_before_the_header_is_skipped(
    tmp_path: Path, before: str, line: str, encoding: str
) -> None:
    path = write(tmp_path, f"{before}sku;name;price\na1;Robe été;39,90\n", encoding)

    assert list(CsvReader(path)) == [ArticleRow(line, "a1", {"name": "Robe été", "price": Decimal("39.90")})]
    assert CsvReader(path).count() == 1


@pytest.mark.parametrize("lines", [SKIPPED_AT_MOST, SKIPPED_AT_MOST + 1])
def test_so_many_empty_lines_are_skipped(tmp_path: Path, lines: int) -> None:
    reader = CsvReader(write(tmp_path, "\n" * lines + "sku\n1\n"))

    assert SKIPPED_AT_MOST == 1_000
    if lines <= SKIPPED_AT_MOST:
        assert list(reader) == [ArticleRow("1002", "1")]
    else:
        with pytest.raises(FeedError, match="has no column “sku”"):
            reader.count()


def test_the_line_for_excel_says_the_separator_whatever_the_header_has_most_of(tmp_path: Path) -> None:
    assert rows_of(tmp_path, "sep=|\nsku|a,b,c|name\n1|x|Robe\n") == [ArticleRow("3", "1", {"name": "Robe"})]


def test_a_heading_that_begins_with_a_number_sign_is_one(tmp_path: Path) -> None:
    assert CsvReader(write(tmp_path, "#,sku\n1,a\n")).unused_columns() == ["#"]


@pytest.mark.parametrize(
    ("encoding", "said"), [("utf-8", None), ("utf-8-sig", None), ("utf-16", None), ("cp1252", "cp1252")]
)
def test_the_usual_encodings_are_read(tmp_path: Path, encoding: str, said: str | None) -> None:
    (row,) = CsvReader(write(tmp_path, "sku,name\n1,Écharpe rosée\n", encoding), encoding=said)

    assert row == ArticleRow("2", "1", {"name": "Écharpe rosée"})


def test_another_encoding_is_named_as_the_cause_before_any_row(tmp_path: Path) -> None:
    reader = CsvReader(write(tmp_path, "sku,name\n" + "1,a\n" * 10_000 + "2,Écharpe\n", "cp1252"))

    with pytest.raises(
        FeedError, match=r"feed\.csv is not encoded as UTF-8\. Save it as UTF-8, or choose its encoding"
    ):
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
    # The second is a codec of Python's, from bytes to bytes.
    for encoding in ("klingon", "hex"):
        with pytest.raises(FeedError, match=f"There is no encoding called “{encoding}”"):
            CsvReader(write(tmp_path, "sku\n1\n"), encoding=encoding).count()


def test_a_mapping_may_name_a_heading_with_commas(tmp_path: Path) -> None:
    columns = read_columns("sku=Reference #, name=Name *, category=Categories (x,y,z...)")

    rows = rows_of(tmp_path, "Name *;Reference #;Categories (x,y,z...)\nRobe;R1;Robes\n", columns=columns)

    assert rows == [ArticleRow("2", "R1", {"name": "Robe"}, category=("Robes",))]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("1,dear,,", "price: “dear” is not a price. Write it as 1299.00 or as 1299.00 EUR."),
        ("1,-5,,", "price: “-5” is below zero. Write 0 or more."),
        ("1,,-5,", "stock: “-5” is not a stock quantity. Write 0 or more, in digits."),
        ("1,,,XXZ", "currency: “XXZ” is not a currency. Enter its three letters, such as EUR."),
        (",5,,", "sku: This cell is empty. Give each product its own SKU."),
        ("a\0b,5,,", "sku: It contains control characters. Remove them, or save the file as UTF-8."),
        ("a" * 101 + ",5,,", "sku: It is 101 characters long; the limit is 100. Shorten it."),
        ("1,5,,,x", "The row has 5 cells for 4 columns. Put cells that contain a separator in quotation marks."),
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
    assert english(rows[1].message).endswith("Look for an unmatched quotation mark.")
