"""Fixtures of every test of the catalogue."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils import translation

from tests.factories import stock_small_shop


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Begin each test in English: a request's language stays active in its thread."""
    with translation.override("en"):
        yield


@pytest.fixture
def shop(db: None) -> None:
    stock_small_shop()
