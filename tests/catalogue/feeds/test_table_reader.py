"""What the readers of foreign tables tell of what they did not use."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalogue.feeds import ShopifyCsvReader
from catalogue.feeds.photo_addresses import PICTURES_AT_MOST
from catalogue.feeds.rows import ArticleRow, CellError, RowError
from catalogue.feeds.table_reader import NAMED_AT_MOST, LeftOut, addresses
from catalogue.messages import english


def test_what_is_left_out_is_counted_and_named_once() -> None:
    left_out = LeftOut()
    for name in ("Material", "Pattern", "Material"):
        left_out.add("feed.options_left_out", name)

    (note,) = left_out.notes()

    assert note.params == {"number": 3, "names": ["Material", "Pattern"]}
    assert "Material, Pattern" in english(note)


@pytest.mark.parametrize("names", [NAMED_AT_MOST - 1, NAMED_AT_MOST, NAMED_AT_MOST + 1])
def test_so_many_are_named_and_all_are_counted(names: int) -> None:
    left_out = LeftOut()
    for number in range(names):
        left_out.add("feed.options_left_out", f"Option {number}")
    left_out.add("feed.options_left_out", "Option 0")

    (note,) = left_out.notes()

    assert NAMED_AT_MOST == 20
    assert note.params["number"] == names + 1
    assert note.params["names"] == [f"Option {number}" for number in range(min(names, NAMED_AT_MOST))]


def test_a_bad_address_is_named_with_its_line_and_the_others_are_taken_once() -> None:
    left_out = LeftOut()

    found = addresses(["https://a.example/1", " ", "N/A", "https://a.example/1 ", "x" * 100], "7", left_out)

    assert found == ("https://a.example/1",)
    (note,) = left_out.notes()
    assert note.params["number"] == 2
    assert isinstance(note.params["names"], list)
    first, second = map(str, note.params["names"])
    assert first == "7: N/A"
    assert second.startswith("7: xxx")
    assert len(second) < 70


@pytest.mark.parametrize("more", [0, 1])
def test_an_article_has_so_many_addresses_and_no_more(more: int) -> None:
    urls = [f"https://a.example/{number}" for number in range(PICTURES_AT_MOST + more)]

    if more:
        with pytest.raises(CellError, match="There are 201 image addresses"):
            addresses(urls, "1", LeftOut())
    else:
        assert addresses(urls, "1", LeftOut()) == tuple(urls)


def products(folder: Path, text: str) -> ShopifyCsvReader:
    path = folder / "products.csv"
    path.write_text(text)
    return ShopifyCsvReader(path)


def test_unused_columns_are_named_as_the_file_names_them(tmp_path: Path) -> None:
    reader = products(tmp_path, "Handle,Title,Cost per item,,Tags\na,A,5,,x\n")

    rows = list(reader)

    assert len(rows) == 1
    assert [english(note) for note in reader.notes()] == ["Columns that are not used: Cost per item, Tags."]


@pytest.mark.parametrize("columns", [NAMED_AT_MOST, NAMED_AT_MOST + 1])
def test_so_many_unused_columns_are_named(tmp_path: Path, columns: int) -> None:
    reader = products(tmp_path, "Handle" + "".join(f",c{number}" for number in range(columns)) + "\na\n")
    list(reader)

    named = reader.notes()[0].params["columns"]

    assert named == [f"c{number}" for number in range(NAMED_AT_MOST)] + ["…"] * (columns > NAMED_AT_MOST)


def test_reading_twice_tells_nothing_twice(tmp_path: Path) -> None:
    reader = products(tmp_path, "Handle,Option1 Name\na,Material\n")

    for _ in range(2):
        assert reader.count() == len(list(reader)) == 1

    assert [note.params["number"] for note in reader.notes()] == [1]


def test_two_columns_of_one_field_are_both_read(tmp_path: Path) -> None:
    (row,) = products(tmp_path, "Handle,Title,Title\na,,Second\n")

    assert isinstance(row, ArticleRow)
    assert row.values == {"name": "Second"}


def test_a_line_that_cannot_be_parsed_is_refused_and_may_be_of_the_article_before(tmp_path: Path) -> None:
    rows = list(products(tmp_path, 'Handle,Title\na,A\nb,B\n"c,C\n'))

    assert [(type(row), row.line, row.sku) for row in rows] == [
        (RowError, "4", ""), (ArticleRow, "2", "a"), (RowError, "3", "b"),
    ]  # fmt: skip
