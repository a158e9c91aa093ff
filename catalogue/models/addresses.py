"""Addresses of which a page of results has dozens: Django takes 30 to 40 µs to make one."""

from __future__ import annotations

import re
from functools import lru_cache

from django.urls import get_script_prefix, get_urlconf, reverse
from django.utils.translation import get_language

# What no address has to quote.
_PLAIN = re.compile(r"[A-Za-z0-9_-]+")


def address_to(name: str, *values: int | str) -> str:
    """Return the address of this name with these arguments, as `reverse` does."""
    if all(isinstance(value, int) or _PLAIN.fullmatch(value) for value in values):
        return pattern_of(name, tuple([isinstance(value, int) for value in values])).format(*values)
    return reverse(name, args=values)


def pattern_of(name: str, numbers: tuple[bool, ...]) -> str:
    """Return an address to be formatted with its arguments, of which some are `numbers` and all others plain words."""
    return _pattern(name, numbers, get_language(), get_script_prefix(), get_urlconf())


@lru_cache(maxsize=256)
def _pattern(name: str, numbers: tuple[bool, ...], *_of: str | None) -> str:
    """Return the same for what it depends on, `_of`."""
    marks = [1_000_000_000 + place if number else f"argument{place}" for place, number in enumerate(numbers)]
    address = reverse(name, args=marks)
    for place, mark in enumerate(marks):
        address = address.replace(str(mark), f"{{{place}}}")
    return address
