"""The shop's own index, opened from its snapshot, with the shop's filtered search."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import numpy as np

from catalogue.columns.photos import PhotoColumn
from lab.benchmarks.baselines.base import Baseline
from lab.benchmarks.baselines.collection import Collection, Filter
from visualsearch.index.base import Space, VectorIds
from visualsearch.index.faiss import FaissIndex
from visualsearch.index.snapshot import read_manifest
from visualsearch.services.retrieval.allowed import AllowedVectors
from visualsearch.services.retrieval.nearest import nearest_articles
from visualsearch.vectors import Vectors


class Vitrine(Baseline):
    """The index of visualsearch/index/faiss.py, with columns of as many photos and articles in place of the shop's.

    What a filter passes is an array of articles, as the shop's columns give it; an array also has the final say.
    """

    settings: ClassVar[tuple[int, ...]] = (0,)
    build_cores: ClassVar[int] = 1

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._index: FaissIndex | None = None
        self._articles = np.empty(0, np.int64)
        self._photos = PhotoColumn(self._articles, self._articles)

    def build(self, collection: Collection) -> None:
        rows = ((batch.ids, batch.vectors) for batch in collection.batches())
        self._new(collection.dimensions).build(rows, sequence=1)

    def open(self) -> None:
        dimensions = read_manifest(self._snapshot()).dimensions
        self._index = self._new(dimensions)
        self._index.reopen(head=lambda: 1)
        self._articles = np.arange(len(self._index))
        self._photos = PhotoColumn(self._articles, self._articles)

    def search(self, query: Vectors, *, limit: int, setting: int, allowed_ids: Filter | None) -> VectorIds:
        if self._index is None:
            raise RuntimeError("open it first")
        if allowed_ids is None:
            return np.array([hit.vector_id for hit in self._index.search(query, limit=limit)], np.int64)
        passing = Passing(allowed_ids)
        hits = nearest_articles(
            self._index,
            query,
            limit=limit,
            articles_of=passing.of,
            photos_at_most=passing.at_most,
            allowed=AllowedVectors(self._photos, self._articles, allowed_ids.passes),
        )
        return np.array([hit.article_id for hit in hits], np.int64)

    def describe(self) -> str:
        manifest = read_manifest(self._snapshot())
        return f"{manifest.factory}, recall {manifest.recall:.3f} at its build"

    def close(self) -> None:
        self._index = None

    def _new(self, dimensions: int) -> FaissIndex:
        return FaissIndex(Space("made", "1", "benchmark", dimensions), folder=self.folder)

    def _snapshot(self) -> Path:
        return next(path for path in (self.folder / "made-1").iterdir() if not path.name.startswith("."))


class Passing:
    """Stands in for the shop's database queries under a filter; each photo is its own article."""

    def __init__(self, photos: Filter) -> None:
        self._photos = photos

    def of(self, ids: VectorIds) -> dict[int, int]:
        return as_articles(ids[self._photos.passes[ids]])

    def at_most(self, limit: int) -> dict[int, int] | None:
        return as_articles(self._photos.ids) if len(self._photos.ids) <= limit else None


def as_articles(ids: VectorIds) -> dict[int, int]:
    numbers = ids.tolist()
    return dict(zip(numbers, numbers, strict=True))
