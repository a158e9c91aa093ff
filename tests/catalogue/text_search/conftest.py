"""Fixtures of the text search."""

from __future__ import annotations

import pytest

from tests.catalogue.text_search.synonyms import restore_default_synonyms


@pytest.fixture(autouse=True)
def default_synonyms(request: pytest.FixtureRequest) -> None:
    """Have the synonyms of a new shop: tests that empty the database leave none to those behind them."""
    if request.node.get_closest_marker("django_db") or "db" in request.fixturenames:
        request.getfixturevalue("db")
        restore_default_synonyms()
