"""Excel workbooks are read as the tables that they show; damaged and hostile ones are refused in words."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from catalogue.feeds import ArticleRow, CsvReader, FeedError, recognise, workbooks
from catalogue.feeds.format_detection import open_source
from catalogue.feeds.tables import open_table
from catalogue.feeds.workbooks import is_workbook, open_workbook

TEXTS = "xl/sharedStrings.xml"
SHEET = "xl/worksheets/sheet1.xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def workbook(folder: Path, *rows: list[Any], name: str = "book.xlsx") -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    content = io.BytesIO()
    book.save(content)
    path = folder / name
    path.write_bytes(content.getvalue())
    return path


def changed(path: Path, change: Callable[[str, bytes], bytes]) -> Path:
    """Change the parts of a workbook."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, change(name, content))
    return path


def with_texts(path: Path, *texts: str) -> Path:
    """Move texts out of a workbook's cells into its table of texts, as Excel does."""

    def change(name: str, content: bytes) -> bytes:
        for number, text in enumerate(texts):
            content = content.replace(
                f't="inlineStr"><is><t>{text}</t></is>'.encode(), f't="s"><v>{number}</v>'.encode()
            )
        named = f'<Override PartName="/{TEXTS}" ContentType="{OFFICE}.sharedStrings+xml" /></Types>'
        return content.replace(b"</Types>", named.encode())

    with zipfile.ZipFile(changed(path, change), "a") as archive:
        archive.writestr(TEXTS, f'<sst xmlns="{MAIN}">{"".join(f"<si><t>{text}</t></si>" for text in texts)}</sst>')
    return path


def cells_of(path: Path) -> list[list[str]]:
    with open_workbook(path) as (_, rows):
        return [cells for _, cells in rows]


def test_a_workbook_is_read_as_a_csv_file_of_it_would_be(tmp_path: Path) -> None:
    path = workbook(tmp_path, ["sku", "name", "price", "stock"], ["a1", "Robe d’été", 39.9, 5], [366, "Hat", "12,00"])

    assert recognise(path) == "csv"
    assert list(CsvReader(path)) == [
        ArticleRow("2", "a1", {"name": "Robe d’été", "price": Decimal("39.90"), "stock": 5}),
        ArticleRow("3", "366", {"name": "Hat", "price": Decimal(12)}),
    ]
    assert CsvReader(path).count() == 2


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        (["Handle", "Title"], "shopify"),
        (["id", "title", "image link"], "google-tsv"),
        (["Type", "SKU", "Name", "Regular price"], "woocommerce"),
        (["ID", "Nom", "Référence", "Prix (TTC)"], "prestashop"),
        (["sku", "product_type", "attribute_set_code"], "magento"),
    ],
)
def test_a_workbook_may_hold_any_format_that_is_a_table(tmp_path: Path, header: list[str], kind: str) -> None:
    path = workbook(tmp_path, header, ["1"] * len(header))

    assert recognise(path) == kind
    assert open_source(path, kind=kind).count() == 1


@pytest.mark.parametrize("name", ["book.xls", "book.csv", "book", "book.xlsx.bak"])
def test_a_workbook_is_known_by_what_it_holds_whatever_it_is_called(tmp_path: Path, name: str) -> None:
    path = workbook(tmp_path, ["sku"], ["1"], name=name)

    assert is_workbook(path)
    assert list(CsvReader(path)) == [ArticleRow("2", "1")]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("  a ", "  a "),
        (True, "yes"),
        (False, "no"),
        (5, "5"),
        (5.0, "5"),
        (3660000000000, "3660000000000"),
        (39.899999999999999, "39.9"),
        (0.1 + 0.2, "0.3"),
        (1e20, "100000000000000000000"),
        (datetime(2024, 5, 1, 12), "2024-05-01T12:00:00"),
        (date(2024, 5, 1), "2024-05-01T00:00:00"),
        (time(9, 30), "09:30:00"),
        ("=1+1", ""),
        ("#N/A", "#N/A"),
    ],
)
def test_a_cell_is_the_text_that_people_see(tmp_path: Path, value: object, text: str) -> None:
    assert cells_of(workbook(tmp_path, ["sku", "name"], ["1", value, "x"])) == [["1", text, "x"]]


def test_empty_rows_are_skipped_and_counted_as_the_sheet_does(tmp_path: Path) -> None:
    path = workbook(tmp_path, [], [None, ""], ["sku", " name "], ["1", "a"], [], ["2"])

    with open_table(path) as table:
        assert table.header == ["sku", "name"]
        assert list(table.records()) == [("4", ["1", "a"]), ("6", ["2", ""])]


def test_a_row_with_a_cell_too_many_is_refused(tmp_path: Path) -> None:
    rows = list(CsvReader(workbook(tmp_path, ["sku", "name"], ["1", "a", "extra"], ["2", "b", None])))

    assert [isinstance(row, ArticleRow) for row in rows] == [False, True]


def test_the_first_sheet_is_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["sku"])
    book.active.append(["first"])
    book.create_sheet("Notes").append(["nothing"])
    path = tmp_path / "book.xlsx"
    book.save(path)

    assert list(CsvReader(path)) == [ArticleRow("2", "first")]


def test_a_file_that_says_that_it_is_smaller_or_larger_than_it_is_is_read_as_it_is(tmp_path: Path) -> None:
    for said in (b"A1:A1", b"A1:XFD1048576"):
        path = changed(
            workbook(tmp_path, ["sku", "name"], ["1", "a"]),
            lambda name, content, said=said: content.replace(b"A1:B2", said),  # type: ignore[misc]  # no default is inferred
        )

        assert cells_of(path) == [["1", "a"]]


def test_texts_are_read_from_where_excel_keeps_them(tmp_path: Path) -> None:
    assert cells_of(with_texts(workbook(tmp_path, ["sku", "name"], ["1", "Robe"]), "sku", "Robe")) == [["1", "Robe"]]


def test_a_zip_that_is_no_workbook_is_none(tmp_path: Path) -> None:
    path = tmp_path / "photos.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.jpg", b"\0")

    assert not is_workbook(path)
    with pytest.raises(FeedError):
        CsvReader(path).count()


@pytest.mark.parametrize("content", [b"", b"PK", b"PK\x03\x04", b"PK\x03\x04" + b"\0" * 100, b"sku,name\n"])
def test_what_only_begins_like_a_workbook_is_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "book.xlsx"
    path.write_bytes(content)

    assert not is_workbook(path)


def test_a_file_that_is_not_there_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(FeedError, match="No such file"):
        is_workbook(tmp_path / "none.xlsx")


@pytest.mark.parametrize(
    ("part", "content"),
    [
        ("xl/workbook.xml", b""),
        ("xl/workbook.xml", b"<workbook/>"),
        ("[Content_Types].xml", b"<not-closed"),
        (SHEET, f'<worksheet xmlns="{MAIN}"><sheetData><row r="x"/></sheetData></worksheet>'.encode()),
        (SHEET, b"\xff\xfe\xfd"),
        (TEXTS, b"<sst><si><t>"),
        ("xl/styles.xml", b"<styleSheet><numFmts>"),
    ],
    ids=range(7),
)
def test_a_damaged_workbook_is_refused_by_its_name(tmp_path: Path, part: str, content: bytes) -> None:
    book = with_texts(workbook(tmp_path, ["sku", "name"], ["1", "a"]), "sku")
    path = changed(book, lambda name, before: content if name == part else before)

    with pytest.raises(FeedError, match=r"book\.xlsx is damaged, or not an Excel workbook"):
        CsvReader(path).count()


@pytest.mark.parametrize("at", range(40, 4_000, 331))
def test_a_workbook_with_a_wrong_byte_anywhere_is_read_or_refused_in_words(tmp_path: Path, at: int) -> None:
    path = workbook(tmp_path, ["sku", "name"], *([str(number), "a" * number] for number in range(50)))
    content = bytearray(path.read_bytes())
    for place in range(at, min(at + 8, len(content))):
        content[place] ^= 0xFF
    path.write_bytes(content)

    try:
        list(CsvReader(path))
    except FeedError as error:
        assert "book.xlsx" in str(error)


def test_a_workbook_that_is_locked_by_a_password_is_refused_in_words(tmp_path: Path) -> None:
    path = workbook(tmp_path, ["sku"], ["1"])
    content = path.read_bytes()
    # The bit that says so, in each entry and in the directory.
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(mark)
        while at >= 0:
            content = content[: at + flags] + bytes([content[at + flags] | 1]) + content[at + flags + 1 :]
            at = content.find(mark, at + 4)
    path.write_bytes(content)

    with pytest.raises(FeedError, match="is damaged, or not an Excel workbook"):
        CsvReader(path).count()


def sizes(path: Path) -> dict[str, int]:
    with zipfile.ZipFile(path) as archive:
        return {part.filename: part.file_size for part in archive.infolist()}


@pytest.mark.parametrize("less", [0, 1])
def test_a_workbook_unpacks_to_so_many_bytes_at_the_most(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, less: int
) -> None:
    path = workbook(tmp_path, ["sku"], ["1"])
    monkeypatch.setattr(workbooks, "UNPACKED_AT_MOST", sum(sizes(path).values()) - less)

    if less:
        with pytest.raises(FeedError, match=r"book\.xlsx is too large for a workbook. Save it as CSV"):
            CsvReader(path).count()
    else:
        assert CsvReader(path).count() == 1


@pytest.mark.parametrize("less", [0, 1])
def test_what_is_held_of_a_workbook_has_so_many_bytes_at_the_most_whatever_it_is_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, less: int
) -> None:
    path = with_texts(workbook(tmp_path, ["sku"], ["1"]), "sku")
    held = {name: size for name, size in sizes(path).items() if not name.startswith("xl/worksheets/")}
    monkeypatch.setattr(workbooks, "TEXTS_AT_MOST", max(held.values()) - less)

    if less:
        with pytest.raises(FeedError, match="is too large for a workbook"):
            CsvReader(path).count()
    else:
        assert CsvReader(path).count() == 1


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = workbook(tmp_path, ["sku"], ["1"])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/more.xml", "w") as part:
        for _ in range(20):
            part.write(bytes(1_000_000))
    monkeypatch.setattr(workbooks, "UNPACKED_AT_MOST", 10_000_000)
    monkeypatch.setattr(openpyxl, "load_workbook", lambda *args, **options: pytest.fail("it was opened"))

    assert path.stat().st_size < 100_000
    with pytest.raises(FeedError, match="is too large for a workbook"):
        CsvReader(path).count()


@pytest.mark.parametrize(("row", "taken"), [(10, True), (11, False), (10**18, False)])
def test_a_row_is_one_that_a_sheet_can_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, row: int, *, taken: bool
) -> None:
    """A file may say that a row comes after any number of empty ones."""
    assert workbooks.ROWS_AT_MOST == 1_048_576
    monkeypatch.setattr(workbooks, "ROWS_AT_MOST", 10)
    path = changed(
        workbook(tmp_path, ["sku"], ["1"]),
        lambda name, content: content.replace(b'r="2"', b'r="%d"' % row).replace(b'"A2"', b'"A%d"' % row),
    )

    if taken:
        assert [each.line for each in CsvReader(path)] == ["10"]
    else:
        with pytest.raises(FeedError, match="is too large for a workbook"):
            CsvReader(path).count()


@pytest.mark.parametrize("part", [TEXTS, SHEET])
def test_entities_that_grow_are_not_expanded(tmp_path: Path, part: str) -> None:
    grows = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))
    declared = f'<!DOCTYPE x [<!ENTITY l0 "aaaaaaaaaa">{grows}]>'.encode()
    path = changed(
        with_texts(workbook(tmp_path, ["sku", "Robe", "Jupe"]), "Robe"),
        lambda name, before: declared + re.sub(b"Robe|Jupe", b"&l8;", before) if name == part else before,
    )

    with pytest.raises(FeedError, match="is damaged, or not an Excel workbook"):
        CsvReader(path).count()


@pytest.mark.parametrize("part", [TEXTS, SHEET])
def test_no_file_of_this_machine_is_read_through_an_entity(tmp_path: Path, part: str) -> None:
    (tmp_path / "secret").write_text("Geheimnis")
    declared = f'<!DOCTYPE x [<!ENTITY x SYSTEM "file://{tmp_path / "secret"}">]>'.encode()
    path = changed(
        with_texts(workbook(tmp_path, ["sku", "name"], ["1", "Robe"], ["2", "Jupe"]), "Robe"),
        lambda name, before: declared + re.sub(b"Robe|Jupe", b"&x;", before) if name == part else before,
    )

    try:
        found = str(list(CsvReader(path)))
    except FeedError as error:
        found = str(error)
    assert "Geheimnis" not in found
