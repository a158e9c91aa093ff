"""A small shop that can be searched by photo, in the test's own database."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image

from catalogue.imaging import read_image
from catalogue.models import Article
from tests.factories import ArticleFactory, PhotoFactory, drawn_picture
from visualsearch.index.base import VectorIndex
from visualsearch.models import ModelVersion
from visualsearch.services.indexing import embedding
from visualsearch.services.retrieval.articles import SearchPage, find_articles
from visualsearch.services.retrieval.engine import Engine
from visualsearch.services.retrieval.options import SearchOptions
from visualsearch.services.retrieval.tokens import Query

COLOURS = ("#b00020", "#1f3a5f", "#2e7d32", "#f5c400", "#6a1b9a", "#111111")


def found_article(colour: str, *, photos: int = 1, shape: str = "rectangle", **fields: Any) -> Article:
    """Return an article whose photos, drawn in one colour, can be found."""
    article = ArticleFactory.create(**fields)
    made = [
        PhotoFactory.create(article=article, colour=colour, shape=shape, size=(90 + 6 * place, 120), position=place)
        for place in range(photos)
    ]
    embedding.embed_photos([photo.pk for photo in made])
    return article


def shopper_photo(colour: str, *, file_format: str = "JPEG", shape: str = "rectangle") -> bytes:
    """Return a file as a shopper sends it: the same garment, a little larger."""
    return drawn_picture(colour, size=(180, 240), file_format=file_format, shape=shape)


def query_for(colour: str) -> Query:
    return Engine.serving().embed_query(read_image(shopper_photo(colour)))


def engine_of(version: ModelVersion, index: VectorIndex) -> Engine:
    """Return a version at work on an index of the test's own."""
    engine = Engine(version)
    engine.index = index
    return engine


def find(query: Query, **options: Any) -> SearchPage:
    """Return what a search with the query finds, with options of the search."""
    return find_articles(Engine(query.version), query, SearchOptions(**options))


def encoded(picture: Image.Image, file_format: str, **options: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, file_format, **options)
    return file.getvalue()
