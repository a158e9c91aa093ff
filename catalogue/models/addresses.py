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
    texts = [str(value) for value in values]
    if not all(map(_PLAIN.fullmatch, texts)):
        return reverse(name, args=values)
    kinds = tuple(isinstance(value, int) for value in values)
    return _pattern(name, kinds, get_language(), get_script_prefix(), get_urlconf()).format(*texts)


@lru_cache(maxsize=256)
def _pattern(name: str, numbers: tuple[bool, ...], *_of: str | None) -> str:
    """Return an address to be formatted with its arguments, some of them `numbers`. `_of` is what it depends on."""
    marks = [1_000_000_000 + place if number else f"argument{place}" for place, number in enumerate(numbers)]
    address = reverse(name, args=marks)
    for place, mark in enumerate(marks):
        address = address.replace(str(mark), f"{{{place}}}")
    return address
