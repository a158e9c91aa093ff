"""Addresses are those that Django makes, in each language and below each prefix."""

from __future__ import annotations

import pytest
from django.urls import clear_script_prefix, reverse, set_script_prefix
from django.utils import translation

from catalogue.models.addresses import address_to

ASKED: list[tuple[str, tuple[int | str, ...]]] = [
    ("catalogue:article", ("red-dress_2", 7)),
    ("catalogue:article", ("red-dress_2", 1_000_000_001)),
    ("rendition", (7, "0123456789abcdef", 320, "webp")),
    ("rendition", (8, "é", 1280, "avif")),
]


@pytest.mark.parametrize("language", ["en", "fr", "en"])
@pytest.mark.parametrize("prefix", ["/", "/shop/", "/"])
def test_addresses_are_those_that_django_makes(prefix: str, language: str) -> None:
    set_script_prefix(prefix)
    try:
        with translation.override(language):
            addresses = [address_to(name, *values) for name, values in ASKED]
            expected = [reverse(name, args=values) for name, values in ASKED]
    finally:
        clear_script_prefix()

    assert addresses == expected
    assert all(address.startswith(prefix) for address in addresses)
