"""Formatting of prices in the active language."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache

from babel.numbers import format_currency
from django.utils.translation import get_language


def written(amount: Decimal, currency: str) -> str:
    """Return an amount formatted in the active language, as in €39.90 or 39,90 €."""
    return _written(amount, currency, get_language() or "en")


# Prices repeat, and Babel takes 0.2 ms for each: a tenth of a list's time.
@lru_cache(maxsize=4_096)
def _written(amount: Decimal, currency: str, language: str) -> str:
    return str(format_currency(amount, currency, locale=language))
