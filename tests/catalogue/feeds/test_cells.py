"""The text of a cell means one thing, or is refused."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from catalogue.feeds import cells
from catalogue.feeds.rows import CellError


@pytest.mark.parametrize(
    ("text", "price"),
    [
        ("39.90", Decimal("39.90")),
        ("39,90", Decimal("39.90")),
        (" 39,9 ", Decimal("39.9")),
        ("39", Decimal(39)),
        ("0", Decimal(0)),
        ("99999999.99", Decimal("99999999.99")),
        ("", None),
        ("  ", None),
    ],
)
def test_a_price_is_read_with_point_or_comma(text: str, price: Decimal | None) -> None:
    assert cells.read_price(text) == price


@pytest.mark.parametrize(
    "text",
    ["1,299", "1.299", "1.299,00", "1,299.00", "-1", "1e3", "NaN", "€5", "5 EUR", "١٢", "999999999", "1.999", "x"],
)
def test_what_may_be_two_prices_or_none_is_refused(text: str) -> None:
    with pytest.raises(CellError, match=r"is not a price. Write it as 1299.00"):
        cells.read_price(text)


@pytest.mark.parametrize(("text", "stock"), [("0", 0), (" 12 ", 12), ("2147483647", 2_147_483_647), ("", None)])
def test_a_stock_is_read(text: str, stock: int | None) -> None:
    assert cells.read_stock(text) == stock


@pytest.mark.parametrize("text", ["-1", "1.0", "2147483648", "9" * 30, "many", "²"])
def test_a_stock_that_is_no_number_of_pieces_is_refused(text: str) -> None:
    with pytest.raises(CellError, match="is not a number of items in stock"):
        cells.read_stock(text)


def test_a_currency_is_one_of_the_world() -> None:
    assert cells.read_currency(" eur ") == "EUR"
    for text in ("ABC", "€", "EURO", ""):
        with pytest.raises(CellError, match="is not a currency"):
            cells.read_currency(text)


def test_yes_and_no_are_read_in_both_languages() -> None:
    assert [cells.read_flag(text) for text in ("yes", "TRUE", "1", " oui ")] == [True] * 4
    assert [cells.read_flag(text) for text in ("no", "False", "0", "Non")] == [False] * 4
    with pytest.raises(CellError, match="neither yes nor no"):
        cells.read_flag("perhaps")


@pytest.mark.parametrize("text", ["a\0b", "a\x1bb", "a\x85b", "a\udcffb"])
@pytest.mark.parametrize("read", [cells.check_text, cells.read_text])
def test_signs_that_no_database_keeps_are_refused(read: Callable[..., str], text: str) -> None:
    with pytest.raises(CellError, match="control characters"):
        read(text, at_most=10)


def test_text_is_as_long_as_its_column_at_the_most() -> None:
    assert cells.read_text(" b" * 5, at_most=10) == "b b b b b"
    with pytest.raises(CellError, match="11 characters; 10 are allowed"):
        cells.read_text("a" * 11, at_most=10)


def test_a_list_has_each_of_its_parts_once() -> None:
    assert cells.read_list(" S | M ||S|", "|", at_most=10) == ("S", "M")
    assert cells.read_list("", "|", at_most=10) == ()


def test_a_category_is_ten_levels_deep_at_the_most() -> None:
    assert cells.read_path(["Women", " Dresses ", ""]) == ("Women", "Dresses")
    with pytest.raises(CellError, match="11 levels deep"):
        cells.read_path(["a"] * 11)
