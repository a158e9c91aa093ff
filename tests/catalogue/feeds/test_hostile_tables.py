"""Tables that are made to take long, or to be misread."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import openpyxl
import pytest

from catalogue.feeds import cells, workbooks
from catalogue.feeds.numbers import LENGTH_AT_MOST, NotANumberError, read_decimal
from catalogue.feeds.rows import CellError, FeedError
from catalogue.feeds.tables import open_table


def workbook_with(path: Path, rows: str) -> Path:
    """Write a workbook whose first sheet has these rows as XML."""
    plain, made = path / "plain.xlsx", path / "made.xlsx"
    openpyxl.Workbook().save(plain)
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.infolist():
            content = source.read(part).decode()
            if part.filename == "xl/worksheets/sheet1.xml":
                content = re.sub(r"<sheetData\s*/>|<sheetData></sheetData>", f"<sheetData>{rows}</sheetData>", content)
            target.writestr(part.filename, content)
    return made


def cell(place: str, text: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def read(path: Path) -> tuple[list[str], list[tuple[str, object]]]:
    with open_table(path) as table:
        return table.header, list(table.records())


def test_a_row_that_says_it_is_the_last_of_all_does_not_make_rows_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert workbooks.ROWS_AT_MOST == 1_048_576
    monkeypatch.setattr(workbooks, "ROWS_AT_MOST", 50)
    rows = f'<row r="1">{cell("A1", "sku")}</row><row r="999999999999">{cell("A2", "x")}</row>'

    with pytest.raises(FeedError, match="too large for a workbook"):
        read(workbook_with(tmp_path, rows))


def test_a_row_is_no_wider_than_the_header_and_one_cell(tmp_path: Path) -> None:
    rows = f'<row r="1">{cell("A1", "sku")}</row><row r="2">{cell("A2", "x")}{cell("ZZZ2", "far")}</row>'

    header, records = read(workbook_with(tmp_path, rows))

    assert (header, records) == (["sku"], [("2", ["x"])])


def test_lines_of_a_workbook_are_its_rows_also_below_empty_ones(tmp_path: Path) -> None:
    rows = f'<row r="3">{cell("A3", "sku")}</row><row r="7">{cell("A7", "x")}</row>'

    header, records = read(workbook_with(tmp_path, rows))

    assert (header, records) == (["sku"], [("7", ["x"])])


@pytest.mark.parametrize("text", ["1" * (LENGTH_AT_MOST + 1), "9" * 1_000_000, "1," + "0" * 100])
def test_a_long_number_is_none(text: str) -> None:
    with pytest.raises(NotANumberError):
        read_decimal(text)


def test_a_number_of_the_greatest_length_is_one() -> None:
    assert read_decimal("0" * (LENGTH_AT_MOST - 1) + "7") == 7


@pytest.mark.parametrize("text", ["1E99", "9" * 30, "1E+27", "1E-99", "-1E99"])
def test_numbers_beyond_any_price_are_refused(text: str) -> None:
    with pytest.raises(CellError):
        cells.read_price(text)
    with pytest.raises(CellError):
        cells.read_stock(text)


@pytest.mark.parametrize("read_cell", [cells.read_text, cells.read_description])
def test_a_text_with_its_html_has_so_many_characters(read_cell: object) -> None:
    html = "<p>" + " " * (cells.MAX_SOURCE - 7) + "</p>"

    assert callable(read_cell)
    assert read_cell(html, at_most=10) == ""
    with pytest.raises(CellError, match="130,001 characters"):
        read_cell(html + " ", at_most=10)


def test_a_mistake_of_the_caller_is_not_taken_for_an_unknown_encoding(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("sku\n1\n")

    with pytest.raises(KeyError, match="missing"), open_table(path):
        raise KeyError("missing")
