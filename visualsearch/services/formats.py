"""Numbers of a search as their reader writes them."""

from __future__ import annotations

from babel.numbers import format_percent
from django.utils.translation import get_language


def percent(number: float, language: str = "") -> str:
    """Return a probability or a similarity as hundredths, as its reader writes it; a negative one as 0%."""
    return str(format_percent(max(number, 0.0), locale=language or get_language() or "en"))
