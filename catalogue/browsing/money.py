"""Formatting of prices in the active language."""

from __future__ import annotations

from decimal import Decimal

from babel.numbers import format_currency
from django.utils.translation import get_language


def written(amount: Decimal, currency: str) -> str:
    """Return an amount formatted in the active language, as in €39.90 or 39,90 €."""
    return str(format_currency(amount, currency, locale=get_language() or "en"))
