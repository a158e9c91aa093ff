"""Numbers with one reading are read, whoever wrote them; those with two are refused with both."""

from __future__ import annotations

from decimal import Decimal

import pytest

from catalogue.feeds.numbers import AmbiguousNumberError, NotANumberError, read_decimal, split_currency


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("39", "39"),
        ("39.90", "39.90"),
        ("39,9", "39.9"),
        ("39.", "39"),
        (".99", "0.99"),
        ("-5", "-5"),
        ("+5", "5"),
        ("\N{MINUS SIGN}5,5", "-5.5"),
        ("-.5", "-0.5"),
        ("1,299.00", "1299"),
        ("1.299,00", "1299"),
        ("1.299.000", "1299000"),
        ("1,299,000.5", "1299000.5"),
        ("1 299,00", "1299"),
        ("1\N{NO-BREAK SPACE}299,00", "1299"),
        ("1\N{NARROW NO-BREAK SPACE}299.00", "1299"),
        ("1\N{THIN SPACE}299\N{THIN SPACE}000", "1299000"),
        ("1'299.00", "1299"),
        ("1’299", "1299"),
        ("123.0000", "123"),
        ("28.680000", "28.68"),
        ("0.905", "0.905"),
        ("0,905", "0.905"),
        ("1234,567", "1234.567"),
        ("3.99E+01", "39.9"),
        ("1.299e+03", "1299"),
        ("1,5e-1", "0.15"),
        ("1e3", "1000"),
    ],
)
def test_a_number_of_one_reading_is_read(text: str, number: str) -> None:
    assert read_decimal(f" {text} ") == Decimal(number)


@pytest.mark.parametrize(
    ("text", "one", "other"),
    [
        ("1,299", "1.299", "1299"),
        ("1.299", "1.299", "1299"),
        ("39.905", "39.905", "39905"),
        ("999,000", "999", "999000"),
        ("-1.000", "-1", "-1000"),
    ],
)
def test_a_number_of_two_readings_is_refused_with_both(text: str, one: str, other: str) -> None:
    with pytest.raises(AmbiguousNumberError) as refused:
        read_decimal(text)

    assert refused.value.readings == (Decimal(one), Decimal(other))


@pytest.mark.parametrize(
    "text",
    [
        "", "-", ".", ",", "e5", "1e", "1e100", "dear", "NaN", "Infinity", "1.2.3", "12,34,56", "1,29.00", "1.,5",
        "1,299.00.0", "1.299,00,0", "1 2", "1 29", "1299 000", "1 299 00", "1'29", "1 299.000.000", "1.299 000",
        "1,299.00e1", "5%", "٣", "²", "--5", "5-", "1_000", "0x10",
    ],
)  # fmt: skip
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(NotANumberError):
        read_decimal(text)


@pytest.mark.parametrize(
    ("text", "currency", "rest"),
    [
        ("39.90", "", "39.90"),
        ("39.90 EUR", "EUR", "39.90"),
        ("EUR39.90", "EUR", "39.90"),
        ("39.90chf", "CHF", "39.90"),
        ("39,90 €", "EUR", "39,90"),
        ("£ 5", "GBP", "5"),
        ("CA$5", "CAD", "5"),
        ("$5", "$", "5"),
        ("$5 CAD", "CAD", "5"),
        ("€5 EUR", "EUR", "5"),
        ("€", "EUR", ""),
        ("5 EUR CHF", "CHF", "5 EUR"),
        ("€5 CHF", "", "€5 CHF"),
        ("5 euros", "", "5 euros"),
        ("Rs. 500", "", "Rs. 500"),
    ],
)
def test_the_currency_of_a_price_is_told_from_its_number(text: str, currency: str, rest: str) -> None:
    assert split_currency(text) == (currency, rest)
