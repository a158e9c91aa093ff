"""The photos that queries are compared with: each has one vector or several, and counts by its best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from visualsearch.inference.types import Inference, Model
from visualsearch.vectors import Vectors


@dataclass(frozen=True, slots=True)
class Gallery:
    """Stored vectors (m, dimensions) and the photo of each, (m,), ascending from 0."""

    vectors: Vectors
    photo: NDArray[np.int64]

    @classmethod
    def of(cls, described: Sequence[Vectors]) -> Gallery:
        """Return the gallery of photos, each with its vectors (k, dimensions)."""
        photos = np.repeat(np.arange(len(described)), [len(vectors) for vectors in described])
        return cls(np.concatenate(described), photos)

    def similarities(self, queries: Vectors) -> Vectors:
        """Return the similarity of each query (n, dimensions) to each photo by its best vector, (n, photos)."""
        starts = np.flatnonzero(np.diff(self.photo, prepend=-1))
        return np.asarray(np.maximum.reduceat(queries @ self.vectors.T, starts, axis=1), np.float32)

    def beside(self, other: Gallery) -> Gallery:
        """Return a gallery of the photos of both, the other's last."""
        return Gallery(
            np.concatenate([self.vectors, other.vectors]),
            np.concatenate([self.photo, other.photo + self.photo[-1] + 1]),
        )

    def only(self, photos: Sequence[int]) -> Gallery:
        """Return a gallery of some photos, ascending, numbered anew."""
        kept = np.isin(self.photo, photos)
        return Gallery(self.vectors[kept], np.searchsorted(np.asarray(photos), self.photo[kept]))


def queries_of(model: Model, inferences: Sequence[Inference]) -> Vectors:
    """Return the vectors with which photos are searched for, (n, dimensions)."""
    query = model.descriptor.query
    return np.stack([query(one.shape, one.colour, studio=one.studio) for one in inferences])
