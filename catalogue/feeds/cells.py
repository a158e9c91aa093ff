"""Parses the text of a cell. Each function raises CellError for a text that it cannot parse."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal

from babel.numbers import list_currencies

from catalogue.feeds.lists import split
from catalogue.feeds.rows import CellError
from catalogue.messages.message import shorten
from catalogue.models import MAX_STOCK

MAX_SKU = 100
MAX_NAME = 200
MAX_SLUG, MAX_ARTICLE_SLUG = 100, 120
MAX_DESCRIPTION = 20_000
MAX_PATH = 1_000
MAX_DEPTH = 10
# A message quotes at most this many characters of a cell.
VALUE_AT_MOST = 40

_PRICE = re.compile(r"(\d{1,8})(?:[.,](\d{1,2}))?", re.ASCII)
_MONEY = re.compile(r"(?P<before>[A-Z]{3}(?=[^A-Z]))?\s*(?P<number>[\d.,]+)\s*(?P<after>(?<![A-Z])[A-Z]{3})?", re.ASCII)
_TRUE = {"true", "yes", "y", "1", "oui", "vrai"}
_FALSE = {"false", "no", "n", "0", "non", "faux"}
# Control characters (Cc) except tab and line ends, and surrogates (Cs).
_UNKEPT = re.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f\\ud800-\\udfff]")


def read_text(text: str, *, at_most: int) -> str:
    """Return `text` without the white space around it."""
    return check_text(text, at_most=at_most).strip()


def check_text(text: str, *, at_most: int) -> str:
    """Return `text` unchanged. Control characters and surrogates are refused: not every database stores them."""
    if len(text) > at_most:
        raise CellError("cell.too_long", length=len(text), limit=at_most)
    if _UNKEPT.search(text):
        raise CellError("cell.control_characters")
    return text


def read_price(text: str) -> Decimal | None:
    """Return a price written as 39.90, 39,90 or 39; None for an empty cell, which means that no price is shown.

    Thousands separators are refused: "1,299" is ambiguous.
    """
    text = text.strip()
    if not text:
        return None
    parts = _PRICE.fullmatch(text)
    if parts is None:
        raise CellError("cell.not_a_price", value=shorten(text, VALUE_AT_MOST))
    return Decimal(f"{parts[1]}.{parts[2] or '0'}")


def read_money(text: str) -> tuple[Decimal, str]:
    """Return a price and its currency, written as 39.90 EUR or EUR 39.90."""
    parts = _MONEY.fullmatch(text.strip().upper())
    currency = parts and (parts["after"] or parts["before"])
    try:
        price = read_price(parts["number"]) if parts else None
    except CellError:
        price = None
    if price is None or not currency:
        raise CellError("cell.not_money", value=shorten(text, VALUE_AT_MOST))
    return price, read_currency(currency)


def read_currency(text: str) -> str:
    """Return an ISO 4217 currency code, in capitals."""
    code = text.strip().upper()
    if code not in list_currencies():
        raise CellError("cell.not_a_currency", value=shorten(text, VALUE_AT_MOST))
    return code


def read_stock(text: str) -> int | None:
    """Return a number of pieces; None for an empty cell, which means that they are not counted."""
    text = text.strip()
    if not text:
        return None
    if not re.fullmatch(r"\d{1,10}", text, re.ASCII) or int(text) > MAX_STOCK:
        raise CellError("cell.not_a_stock", value=shorten(text, VALUE_AT_MOST))
    return int(text)


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
