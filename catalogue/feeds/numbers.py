"""Numbers as people and programs of many countries write them.

What has one reading is read: 39.90, 39,90, 1,299.00, 1.299,00, 1 299,00 with any space, 1'299.00, 123.0000, 3.99E+01.
What has two is refused with both: 1,299 is 1299 where commas group thousands, and 1.299 where they begin the decimals.
"""

from __future__ import annotations

import re
from decimal import Decimal

SIGNS = {
    "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "₽": "RUB", "₺": "TRY", "₴": "UAH", "₩": "KRW", "₪": "ILS",
    "zł": "PLN", "Kč": "CZK", "C$": "CAD", "CA$": "CAD", "A$": "AUD", "US$": "USD", "R$": "BRL", "CHF.": "CHF",
    "Fr.": "CHF", "$": "$",
}  # fmt: skip
# Currencies whose sign may be a bare $.
DOLLARS = frozenset({"USD", "CAD", "AUD", "NZD", "HKD", "SGD", "MXN"})

# A longer text is no number of anything in a shop; calculating with it may fail, or take long.
LENGTH_AT_MOST = 30

_SIGN = "|".join(sorted(map(re.escape, SIGNS), key=len, reverse=True))
_BEFORE = re.compile(rf"({_SIGN}|[A-Za-z]{{3}}(?=[^A-Za-z]))\s*")
_AFTER = re.compile(rf"\s*({_SIGN}|(?<![A-Za-z])[A-Za-z]{{3}})$")
_GROUP = "[\\s'\u2019]"
_NUMBER = re.compile(r"[+-]?[\d.,]+(?:[eE][+-]?\d{1,2})?", re.ASCII)


class NotANumberError(ValueError):
    """A text that is no number."""


class AmbiguousNumberError(ValueError):
    """A number that may be either of two."""

    def __init__(self, *, one: Decimal, other: Decimal) -> None:
        self.readings = (one, other)
        super().__init__()


def split_currency(text: str) -> tuple[str, str]:
    """Return the code of the currency that a price names, "$" for a dollar of unknown country, "" for none; the rest.

    Named twice, as in $39.90 USD, the code counts.
    """
    named: list[str] = []
    rest = text.strip()
    for pattern in (_AFTER, _BEFORE):
        found = pattern.search(rest) if pattern is _AFTER else pattern.match(rest)
        if found:
            named.append(SIGNS.get(found[1], found[1].upper()))
            rest = (rest[: found.start()] + rest[found.end() :]).strip()
    codes = [name for name in named if name != "$"]
    if len(set(codes)) > 1:
        return "", text
    return (codes or named or [""])[0], rest


def read_decimal(text: str) -> Decimal:
    """Return the number that `text` is. Raises AmbiguousNumberError for one with two readings, else NotANumberError."""
    number = text.strip().replace("\N{MINUS SIGN}", "-")
    if len(number) > LENGTH_AT_MOST:
        raise NotANumberError
    if re.search(_GROUP, number):
        # White space and apostrophes group thousands, and nothing else.
        whole = re.fullmatch(rf"([+-]?\d{{1,3}}(?:{_GROUP}\d{{3}})+)([.,]\d*)?", number, re.UNICODE)
        if whole is None:
            raise NotANumberError
        number = re.sub(_GROUP, "", whole[1]) + (whole[2] or "").replace(",", ".")
        return Decimal(number)
    if not _NUMBER.fullmatch(number) or not any(sign.isdigit() for sign in number):
        raise NotANumberError
    mantissa, _, exponent = number.lower().partition("e")
    if exponent:
        # Programs write these, and group no thousands in them.
        if mantissa.count(".") + mantissa.count(",") > 1:
            raise NotANumberError
        return Decimal(mantissa.replace(",", ".")).scaleb(int(exponent))
    return _separated(mantissa)


def _separated(number: str) -> Decimal:
    """Return a number whose only signs are points, commas and a sign in front."""
    separators = [sign for sign in number if sign in ".,"]
    if not separators:
        return Decimal(number)
    last = separators[-1]
    before, _, decimals = number.rpartition(last)
    if len(set(separators)) == 2:
        # The other groups thousands.
        other = separators[0]
        if separators.count(last) > 1 or not _is_grouped(before, other):
            raise NotANumberError
        return Decimal(f"{before.replace(other, '')}.{decimals or '0'}")
    if len(separators) > 1:
        if not _is_grouped(number, last):
            raise NotANumberError
        return Decimal(number.replace(last, ""))
    decimal = Decimal(f"{before if before.strip('+-') else before + '0'}.{decimals or '0'}")
    if _is_grouped(number, last):
        raise AmbiguousNumberError(one=decimal, other=Decimal(before + decimals))
    return decimal


def _is_grouped(number: str, separator: str) -> bool:
    return re.fullmatch(rf"[+-]?[1-9]\d{{0,2}}(?:{re.escape(separator)}\d{{3}})+", number, re.ASCII) is not None
