"""A web server with pictures, and a shop that is to have them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import LazySettings

from tests.catalogue.sources.gallery import Gallery
from tests.processes.valkey import Valkey


@pytest.fixture
def gallery(valkey: Valkey, settings: LazySettings) -> Iterator[Gallery]:
    settings.FETCH_PAUSE_S = 0.0
    with Gallery() as gallery:
        yield gallery
