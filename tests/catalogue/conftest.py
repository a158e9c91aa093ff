"""Fixtures of every test of the catalogue."""

from __future__ import annotations

import pytest

from tests.factories import stock_small_shop


@pytest.fixture
def shop(db: None) -> None:
    stock_small_shop()
