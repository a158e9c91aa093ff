"""A shop whose articles can be found by photo."""

from __future__ import annotations

import pytest
from django.test import Client

from catalogue.models import Article
from tests.factories import CategoryFactory, ColourFactory
from tests.visualsearch.garments import BLUE, GREEN, RED
from tests.visualsearch.web.shopping import PAGE, article_with, upload
from visualsearch.services import versions
from visualsearch.services.indexing import embedding


@pytest.fixture
def dress() -> Article:
    """The article that the query shows, among two others; all can be found."""
    versions.serving_version()
    article_with("pants", BLUE, sku="P-1", category=CategoryFactory.create(slug="pants"), price="80.00", stock=0)
    article_with("t-shirt", GREEN, sku="T-1", colours=[ColourFactory.create(slug="green")])
    article = article_with("dress", RED, sku="D-1", name="Red dress", price="20.00", stock=3)
    embedding.embed_photos(embedding.waiting_ids(limit=10))
    return article


@pytest.fixture
def results(client: Client, dress: Article) -> str:
    """The address of the results of the red dress."""
    return str(client.post(PAGE, {"image": upload()})["Location"])
