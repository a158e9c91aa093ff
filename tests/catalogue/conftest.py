"""Fixtures of every test of the catalogue."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils import translation


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Begin each test in English: a request's language stays active in its thread."""
    with translation.override("en"):
        yield
