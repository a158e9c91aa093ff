"""A supplier with a feed, and a shop that is to have it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import LazySettings

from tests.catalogue.scheduled_feeds.supplier import Supplier
from tests.processes.valkey import Valkey


@pytest.fixture
def supplier(valkey: Valkey, settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Supplier]:
    settings.FETCH_PAUSE_S = 0.0
    with Supplier(monkeypatch) as supplier:
        yield supplier
