"""Parses the text of a cell. Each function raises CellError for a text that it cannot parse."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from unicodedata import normalize

from babel.numbers import list_currencies

from catalogue.feeds import numbers
from catalogue.feeds.html_text import as_text
from catalogue.feeds.lists import split
from catalogue.feeds.rows import CellError
from catalogue.messages.message import shorten
from catalogue.models import MAX_BARCODE, MAX_STOCK

MAX_SKU = 100
MAX_NAME = 200
MAX_SLUG, MAX_ARTICLE_SLUG = 100, 120
MAX_DESCRIPTION = 20_000
# Of a text with its HTML, whose parser takes long for a long one.
MAX_SOURCE = 130_000
MAX_PATH = 1_000
MAX_DEPTH = 10
# The first price that the column does not hold.
PRICE_BELOW = Decimal(10) ** 8
# A message quotes at most this many characters of a cell.
VALUE_AT_MOST = 40

_TRUE = {"true", "yes", "y", "1", "oui", "vrai"}
_FALSE = {"false", "no", "n", "0", "non", "faux"}
# Control characters (Cc) except tab and line ends, and surrogates (Cs).
_UNKEPT = re.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f\\ud800-\\udfff]")

# A cell of this word empties what it speaks of; an empty cell leaves it as it is.
CLEAR = frozenset({"[clear]", "[vider]"})
_LINES = re.compile(r"[\t\r\n]+")
# What a spreadsheet makes of a long number.
_SCIENTIFIC = re.compile(r"\d+[.,]\d+E\+?\d+", re.ASCII | re.IGNORECASE)


def is_clear(text: str) -> bool:
    """Return whether a cell says that there shall be nothing."""
    return text.strip().casefold() in CLEAR


def read_text(text: str, *, at_most: int) -> str:
    """Return `text` as people read it, on one line: in NFC, without HTML, entities and control characters."""
    check_length(text, MAX_SOURCE)
    return check_length(_LINES.sub(" ", _UNKEPT.sub("", as_text(text))).strip(), at_most)


def read_name(text: str) -> str:
    """Return a name: of an article, a category, a brand, a colour or a size."""
    return read_text(text, at_most=MAX_NAME)


def read_description(text: str, *, at_most: int) -> str:
    """Like `read_text`, but lines and paragraphs are kept."""
    check_length(text, MAX_SOURCE)
    return check_length(_UNKEPT.sub("", as_text(text)).strip(), at_most)


def read_sku(text: str, *, at_most: int = MAX_SKU) -> str:
    """Return an SKU as it is, in NFC. One that a spreadsheet took for a number is refused: its last digits are lost."""
    # Some characters are longer in NFC.
    sku = check_text(normalize("NFC", text), at_most=at_most)
    if not sku.strip():
        raise CellError("cell.empty")
    if _SCIENTIFIC.fullmatch(sku.strip()):
        raise CellError("cell.spreadsheet_number", value=shorten(sku.strip(), VALUE_AT_MOST))
    return sku


def read_barcode(text: str) -> str:
    """Return a barcode (GTIN, EAN, UPC) without spaces and hyphens, or a shop's own; "" for an empty text."""
    code = re.sub(r"[\s-]", "", normalize("NFC", text).strip().removeprefix("'"))
    if _SCIENTIFIC.fullmatch(text.strip()):
        raise CellError("cell.spreadsheet_number", value=shorten(text.strip(), VALUE_AT_MOST))
    if not code.isascii() or not (code.isalnum() or not code):
        raise CellError("cell.not_a_barcode", value=shorten(text, VALUE_AT_MOST))
    return check_length(code, MAX_BARCODE)


def check_text(text: str, *, at_most: int) -> str:
    """Return `text` as it is. Control characters and halves of characters are refused: no database takes them all."""
    check_length(text, at_most)
    if _UNKEPT.search(text):
        raise CellError("cell.control_characters")
    return text


def check_length(text: str, at_most: int) -> str:
    """Return `text`, if it is no longer than so many characters."""
    if len(text) > at_most:
        raise CellError("cell.too_long", length=len(text), limit=at_most)
    return text


def read_price(text: str) -> Decimal | None:
    """Return a price, of at most two decimals; nothing means that none is shown. A currency is not looked at."""
    amount = read_amount(text)
    return amount[0] if amount else None


def read_amount(text: str, *, currency: str = "") -> tuple[Decimal, str] | None:
    """Return a price and its currency: 39.90 EUR, EUR 39.90, 39,90 €, $39.90. None for an empty text.

    The currency is "" where the text names none. `currency` says which dollar a $ is, US ones by default.
    """
    text = text.strip()
    if not text:
        return None
    named, number = numbers.split_currency(text)
    if not number and (named == "$" or named in list_currencies()):
        # A currency without a number.
        return None
    if named == "$":
        named = currency if currency in numbers.DOLLARS else "USD"
    amount = _number(number, "cell.not_a_price", said=text)
    if amount < 0:
        raise CellError("cell.negative", value=shorten(text, VALUE_AT_MOST))
    if amount >= PRICE_BELOW:
        raise CellError("cell.not_a_price", value=shorten(text, VALUE_AT_MOST))
    if amount != (rounded := amount.quantize(Decimal("0.01"))):
        raise CellError("cell.too_many_decimals", value=shorten(text, VALUE_AT_MOST))
    return rounded, read_currency(named) if named else ""


def _number(text: str, otherwise: str, *, said: str) -> Decimal:
    """Return a number. Raises CellError with the code `otherwise` for none; messages quote the cell as it is `said`."""
    value = shorten(said, VALUE_AT_MOST)
    try:
        return numbers.read_decimal(text)
    except numbers.AmbiguousNumberError as error:
        one, other = map(str, error.readings)
        raise CellError("cell.ambiguous_number", value=value, one=one, other=other) from error
    except numbers.NotANumberError as error:
        raise CellError(otherwise, value=value) from error


def read_money(text: str) -> tuple[Decimal, str]:
    """Return a price and its currency, which must be there."""
    money = read_amount(text)
    if money is None or not money[1]:
        raise CellError("cell.not_money", value=shorten(text, VALUE_AT_MOST))
    return money


def read_currency(text: str) -> str:
    """Return an ISO 4217 currency code, in capitals."""
    code = text.strip().upper()
    if code not in list_currencies():
        raise CellError("cell.not_a_currency", value=shorten(text, VALUE_AT_MOST))
    return code


def read_stock(text: str) -> int | None:
    """Return a number of pieces, also as 5.0 or 1 000; nothing means that they are not counted."""
    text = text.strip()
    if not text:
        return None
    pieces = _number(text, "cell.not_a_stock", said=text)
    if pieces != pieces.to_integral_value() or not 0 <= pieces <= MAX_STOCK:
        raise CellError("cell.not_a_stock", value=shorten(text, VALUE_AT_MOST))
    return int(pieces)


def read_flag(text: str) -> bool:
    """Return whether `text` says yes."""
    word = text.strip().lower()
    if word not in _TRUE | _FALSE:
        raise CellError("cell.not_a_flag", value=shorten(text, VALUE_AT_MOST))
    return word in _TRUE


def read_slug(text: str, *, at_most: int) -> str:
    """Return a slug: ASCII letters, digits, hyphens and underscores."""
    slug = text.strip()
    if not re.fullmatch(rf"[-\w]{{1,{at_most}}}", slug, re.ASCII):
        raise CellError("cell.not_a_slug", value=shorten(text, VALUE_AT_MOST))
    return slug


def read_hex(text: str) -> str:
    """Return a hexadecimal colour, as in #1f3a5f."""
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", text.strip(), re.ASCII):
        raise CellError("cell.not_a_hex_colour", value=shorten(text, VALUE_AT_MOST))
    return text.strip()


def read_list(text: str, separator: str, *, at_most: int) -> tuple[str, ...]:
    """Return the distinct, non-empty parts of `text`, without the white space around them."""
    parts = [read_text(part, at_most=at_most) for part in split(text, separator)]
    return tuple(dict.fromkeys(part for part in parts if part))


def read_path(names: Iterable[str]) -> tuple[str, ...]:
    """Return the names of a category and its ancestors, the root first."""
    path = tuple(name for name in (read_text(name, at_most=MAX_NAME) for name in names) if name)
    check_depth(path)
    return path


def check_depth(path: Sequence[object]) -> None:
    """Raise CellError for a category more than MAX_DEPTH levels deep."""
    if len(path) > MAX_DEPTH:
        raise CellError("cell.too_deep", depth=len(path), limit=MAX_DEPTH)
