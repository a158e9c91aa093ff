"""Addresses of which a page of results has dozens: Django takes 30 to 40 µs to make one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from django.urls import get_script_prefix, get_urlconf, reverse
from django.utils.translation import get_language

# What no address has to quote.
_PLAIN = re.compile(r"[A-Za-z0-9_-]+")


def address_to(name: str, *values: int | str) -> str:
    """Return the address of this name with these arguments, as `reverse` does."""
    return addresses_to(name, values)[0]


def addresses_to(name: str, *rows: Sequence[int | str]) -> list[str]:
    """Return an address for each row of arguments, which are numbers and texts in the same places."""
    kinds = tuple(isinstance(value, int) for value in rows[0])
    pattern = _pattern(name, kinds, get_language(), get_script_prefix(), get_urlconf())
    return [
        pattern.format(*values)
        if all(isinstance(value, int) or _PLAIN.fullmatch(value) for value in values)
        else reverse(name, args=values)
        for values in rows
    ]


@lru_cache(maxsize=256)
def _pattern(name: str, numbers: tuple[bool, ...], *_of: str | None) -> str:
    """Return an address to be formatted with its arguments, some of them `numbers`. `_of` is what it depends on."""
    marks = [1_000_000_000 + place if number else f"argument{place}" for place, number in enumerate(numbers)]
    address = reverse(name, args=marks)
    for place, mark in enumerate(marks):
        address = address.replace(str(mark), f"{{{place}}}")
    return address
