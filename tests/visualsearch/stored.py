"""Versions and vectors that tests make up, so that no photo has to be looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from catalogue.models import Article, Photo
from tests.factories import ArticleFactory
from visualsearch.inference.types import Prediction
from visualsearch.models import ModelVersion, PhotoEmbedding
from visualsearch.services.indexing import indexing
from visualsearch.services.retrieval.garments import NO_PART, Garment
from visualsearch.services.retrieval.tokens import Query
from visualsearch.vectors import normalise, quantise

DIMENSIONS = 4


def made_version(name: str = "made", **fields: Any) -> ModelVersion:
    fields = {"state": ModelVersion.State.SERVING, "dimensions": DIMENSIONS, **fields}
    return ModelVersion.objects.create(name=name, version="1", **fields)


def query_seeing(version: ModelVersion, *predictions: Prediction) -> Query:
    """Return the query of a photo of one garment that has these predictions, and no parts."""
    return Query(version, (Garment((NO_PART, NO_PART, NO_PART), predictions, (0.0, 0.0, 1.0, 1.0)),))


def put(
    version: ModelVersion, vectors: int | Sequence[Sequence[float]], *, article: Article | None = None
) -> list[int]:
    """Give new photos of an article these vectors, or so many made at random, as a worker does. Returns their ids."""
    article = article or ArticleFactory.create()
    if isinstance(vectors, int):
        numbers = np.random.default_rng(Photo.objects.count()).standard_normal((vectors, DIMENSIONS), np.float32)
    else:
        numbers = np.array(vectors, np.float32)
    made = Photo.objects.bulk_create(Photo(article=article, file="none", sha256="a" * 64) for _ in numbers)
    rows = quantise(normalise(numbers))
    PhotoEmbedding.objects.bulk_create(
        PhotoEmbedding(model_version=version, photo=photo, vector=row.tobytes(), photo_sha256=photo.sha256)
        for photo, row in zip(made, rows, strict=True)
    )
    ids = [photo.pk for photo in made]
    indexing.log_changes(version, ids)
    return ids


def take(version: ModelVersion, ids: Sequence[int]) -> None:
    """Take the vectors of photos away, as whoever deletes them does."""
    PhotoEmbedding.objects.filter(photo__in=ids).delete()
    indexing.log_changes(version, ids)


class Clock:
    """A clock that the test moves, in place of a module's `time`."""

    now = 1_000.0

    def monotonic(self) -> float:
        return self.now

    def time(self) -> float:
        return self.now
