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
        ("5 EUR", Decimal(5)),
        ("€5", Decimal(5)),
        ("", None),
        ("  ", None),
        (" EUR", None),
    ],
)
def test_a_price_is_read_with_point_or_comma(text: str, price: Decimal | None) -> None:
    assert cells.read_price(text) == price


@pytest.mark.parametrize("text", ["NaN", "١٢", "100000000", "9" * 30, "9e99", "x", "TBD", "1e", "5 EUR CHF", "--1"])
def test_what_is_no_price_is_refused(text: str) -> None:
    with pytest.raises(CellError, match=r"is not a price. Write it as 1299.00"):
        cells.read_price(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("1,299", "“1,299” may be 1.299 or 1299. Write it without a thousands separator"),
        ("39.905", "“39.905” may be 39.905 or 39905"),
        ("1.299 €", "“1.299 €” may be 1.299 or 1299"),
        ("-1", "“-1” is below zero"),
        ("\N{MINUS SIGN}0,01", "is below zero"),
        ("0.905", "“0.905” has more than two decimals"),
        ("5 XXZ", "“XXZ” is not a currency"),
    ],
)
def test_a_price_that_may_be_two_or_is_none_that_a_shop_has_is_refused_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(CellError, match=why):
        cells.read_price(text)


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [
        ("39,90 €", "", (Decimal("39.90"), "EUR")),
        ("CHF 5", "", (Decimal(5), "CHF")),
        ("5 chf", "", (Decimal(5), "CHF")),
        ("$5", "", (Decimal(5), "USD")),
        ("$5", "CAD", (Decimal(5), "CAD")),
        ("$5", "EUR", (Decimal(5), "USD")),
        ("$5 AUD", "", (Decimal(5), "AUD")),
        ("5", "CAD", (Decimal(5), "")),
    ],
)
def test_a_price_may_name_its_currency(text: str, currency: str, amount: tuple[Decimal, str]) -> None:
    assert cells.read_amount(text, currency=currency) == amount


@pytest.mark.parametrize(("text", "stock"), [
    ("0", 0), (" 12 ", 12), ("2147483647", 2_147_483_647), ("", None),
    ("5.0", 5), ("5,00", 5), ("10.0000", 10), ("1 000", 1_000), ("1e3", 1_000),
])  # fmt: skip
def test_a_stock_is_read(text: str, stock: int | None) -> None:
    assert cells.read_stock(text) == stock


@pytest.mark.parametrize("text", ["-1", "1.5", "2147483648", "9" * 30, "9e99", "many", "²"])
def test_a_stock_that_is_no_number_of_pieces_is_refused(text: str) -> None:
    with pytest.raises(CellError, match="is not a stock quantity"):
        cells.read_stock(text)


def test_a_stock_that_may_be_two_numbers_is_refused_with_both() -> None:
    with pytest.raises(CellError, match=r"“1,000” may be 1.000 or 1000"):
        cells.read_stock("1,000")


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


UNKEPT = pytest.mark.parametrize("text", ["a\0b", "a\x1bb", "a\x85b", "a\udcffb"])


@UNKEPT
@pytest.mark.parametrize("read", [cells.check_text, cells.read_sku])
def test_signs_that_no_database_keeps_are_refused_in_a_sku_or_a_name_of_a_file(
    read: Callable[..., str], text: str
) -> None:
    with pytest.raises(CellError, match="control characters"):
        read(text, at_most=10)


@UNKEPT
@pytest.mark.parametrize("read", [cells.read_text, cells.read_description])
def test_signs_that_no_database_keeps_are_left_out_of_texts(read: Callable[..., str], text: str) -> None:
    assert read(text, at_most=10) == "ab"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("H&amp;amp;M &#39;top&#39;", "H&M 'top'"),
        ("<b>Robe</b> d&eacute;t&#xe9;", "Robe dété"),
        ("<p>Robe</p><p>longue</p>", "Robe longue"),
        ("Robe\r\nde\tsoirée", "Robe de soirée"),
        ("E\u0301charpe", "Écharpe"),
        ("R&D <3 & a < b > c", "R&D <3 & a < b > c"),
        ("<br>", ""),
    ],
)
def test_a_name_is_what_people_read_on_one_line(text: str, read: str) -> None:
    assert cells.read_text(text, at_most=20) == read


def test_a_description_keeps_its_lines() -> None:
    assert cells.read_description("<p>a\0</p><ul><li>b</li></ul>", at_most=20) == "a\n\n• b"
    assert cells.read_description("a\nb", at_most=20) == "a\nb"


@pytest.mark.parametrize("text", ["3,66E+12", "3.66E+12", "3.66e12", " 1.0E+1 "])
def test_a_number_that_a_spreadsheet_has_shortened_is_no_sku(text: str) -> None:
    with pytest.raises(CellError, match="is a long number that a spreadsheet has shortened"):
        cells.read_sku(text)


def test_a_sku_is_kept_as_it_is_in_one_form_of_accents() -> None:
    for text in (" 007 ", "3E12", "1.5E", "A&amp;B", "3.66E+12-a", "<b>"):
        assert cells.read_sku(text) == text
    assert cells.read_sku("E\u0301") == "É"


def test_a_sku_fits_its_column_in_the_form_in_which_it_is_kept() -> None:
    assert len(cells.read_sku("E\u0301" * 100)) == 100
    with pytest.raises(CellError, match="It is 102 characters long; the limit is 100"):
        cells.read_sku("\u0958" * 51)


@pytest.mark.parametrize(("text", "clears"), [
    ("[clear]", True), (" [CLEAR] ", True), ("[vider]", True), ("", False), ("clear", False), ("[clear] it", False),
])  # fmt: skip
def test_a_word_of_its_own_clears(text: str, *, clears: bool) -> None:
    assert cells.is_clear(text) is clears


def test_text_is_as_long_as_its_column_at_the_most() -> None:
    assert cells.read_text(" b" * 5, at_most=10) == "b b b b b"
    with pytest.raises(CellError, match="11 characters long; the limit is 10"):
        cells.read_text("a" * 11, at_most=10)


def test_a_list_has_each_of_its_parts_once() -> None:
    assert cells.read_list(" S | M ||S|", "|", at_most=10) == ("S", "M")
    assert cells.read_list("", "|", at_most=10) == ()


def test_a_category_is_ten_levels_deep_at_the_most() -> None:
    assert cells.read_path(["Women", " Dresses ", ""]) == ("Women", "Dresses")
    with pytest.raises(CellError, match="11 levels deep"):
        cells.read_path(["a"] * 11)
