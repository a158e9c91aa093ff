"""Vectors to test with."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from visualsearch.index.base import Changes, Space, StoredVectors
from visualsearch.vectors import Vectors, normalise, quantise

DIMENSIONS = 8
SPACE = Space("tiny", "1", "epoch", DIMENSIONS)


def axis(number: int) -> Vectors:
    """Return the unit vector along one axis."""
    return np.asarray(np.eye(DIMENSIONS, dtype=np.float32)[number])


def made(count: int, *, seed: int = 0, dimensions: int = DIMENSIONS) -> StoredVectors:
    """Return `count` random unit vectors as rows keep them."""
    rng = np.random.default_rng(seed)
    return quantise(normalise(rng.standard_normal((count, dimensions), dtype=np.float32)))


def changes(
    sequence: int, put: dict[int, Vectors] | None = None, removed: Sequence[int] = (), *, dimensions: int = DIMENSIONS
) -> Changes:
    put = put or {}
    vectors = quantise(np.stack(list(put.values()))) if put else np.empty((0, dimensions), np.float16)
    return Changes(sequence, np.array(list(put), np.int64), vectors, np.array(removed, np.int64))
