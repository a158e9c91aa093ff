"""The data set of one size that all baselines share: vectors, queries, filters, and the ground truth.

    <folder>/vectors.f16   the vectors; a photo's id is its row number
             shares.npy    a uniform random number below 10,000 for each: "share < 100" is a filter that 1 % pass
             queries.npy   vectors of the same distribution that are not in the collection
             exact.npy     the similarities of the 20 exact nearest neighbours of each query, under each filter

The numbers that filters compare are independent of the vectors.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from visualsearch.index.base import StoredVectors, VectorIds
from visualsearch.vectors import Vectors

SHARES = 10_000
# Selectivities of filters, as how many of ten thousand photos pass; all means no filter.
NO_FILTER = SHARES
SELECTIVITIES = (10, 100, 500, 1_000, 2_000, 5_000, NO_FILTER)
# The largest k of recall@k.
DEEPEST = 20
CHUNK = 50_000
# Tolerance for float32 dot products that are summed in another order.
ROUNDING = 2e-6


@dataclass(frozen=True, slots=True)
class Filter:
    """Restricts a search to photos whose share is less than `below`.

    `passes` says of each photo whether it is one of them; `ids` are those, ascending.
    """

    below: int
    passes: NDArray[np.bool_]
    ids: VectorIds


@dataclass(frozen=True, slots=True)
class Batch:
    """Consecutive photos: ids (n,), vectors (n, dimensions), and the numbers that filters compare, (n,)."""

    ids: VectorIds
    vectors: StoredVectors
    shares: NDArray[np.uint16]


@dataclass(frozen=True)
class Collection:
    """The data set in a folder."""

    folder: Path

    @classmethod
    def write(cls, folder: Path, vectors: Iterable[StoredVectors], queries: StoredVectors, *, seed: int) -> Collection:
        """Write vectors, queries and the ground truth into a new folder."""
        folder.mkdir(parents=True)
        np.save(folder / "queries.npy", queries)
        count = 0
        with (folder / "vectors.f16").open("wb") as file:
            for chunk in vectors:
                file.write(np.ascontiguousarray(chunk, "<f2").data)
                count += len(chunk)
        np.save(folder / "shares.npy", np.random.default_rng(seed).integers(0, SHARES, count, dtype=np.uint16))
        collection = cls(folder)
        np.save(folder / "exact.npy", collection._nearest())
        return collection

    @cached_property
    def queries(self) -> Vectors:
        """The queries, shape (n, dimensions), float32 of length 1."""
        stored = np.load(self.folder / "queries.npy").astype(np.float32)
        queries: Vectors = stored / np.linalg.norm(stored, axis=1, keepdims=True)
        return queries

    @cached_property
    def shares(self) -> NDArray[np.uint16]:
        shares: NDArray[np.uint16] = np.load(self.folder / "shares.npy")
        return shares

    @cached_property
    def vectors(self) -> StoredVectors:
        """The vectors, shape (n, dimensions), float16, memory-mapped."""
        shape = (self.count, self.dimensions)
        return np.memmap(self.folder / "vectors.f16", dtype="<f2", mode="r", shape=shape)

    @property
    def count(self) -> int:
        return len(self.shares)

    @property
    def dimensions(self) -> int:
        return int(self.queries.shape[1])

    def batches(self, size: int = CHUNK) -> Iterator[Batch]:
        for start in range(0, self.count, size):
            place = slice(start, min(start + size, self.count))
            ids = np.arange(place.start, place.stop, dtype=np.int64)
            yield Batch(ids, np.asarray(self.vectors[place]), self.shares[place])

    def sample(self, count: int) -> Vectors:
        """Return `count` evenly spaced vectors as float32, to train an index on."""
        places = np.linspace(0, self.count - 1, min(count, self.count)).astype(np.int64)
        return self.vectors[places].astype(np.float32)

    def filter(self, below: int) -> Filter | None:
        """Return the filter that `below` of ten thousand photos pass; None for NO_FILTER."""
        if below == NO_FILTER:
            return None
        passes = self.shares < below
        return Filter(below, passes, np.flatnonzero(passes))

    def recall(self, found: list[VectorIds], *, limit: int, allowed_ids: Filter | None) -> float:
        """Return the mean recall@limit of the results of the first queries.

        Hits are compared by similarity and not by id, so that ties count as right. Raises ValueError for a photo that
        is found twice or does not pass the filter.
        """
        exact = np.load(self.folder / "exact.npy")[SELECTIVITIES.index(allowed_ids.below if allowed_ids else NO_FILTER)]
        right = expected = 0
        for query, ids, similarities in zip(self.queries, found, exact, strict=False):
            if len(np.unique(ids)) < len(ids):
                raise ValueError("it found a photo twice")
            if allowed_ids and (self.shares[ids] >= allowed_ids.below).any():
                raise ValueError("it found a photo that does not pass the filter")
            best = similarities[np.isfinite(similarities)][:limit]
            expected += len(best)
            if len(best):
                near = self.vectors[ids[:limit]].astype(np.float32) @ query
                right += min(int((near >= best[-1] - ROUNDING).sum()), len(best))
        return right / expected if expected else 1.0

    def _nearest(self) -> NDArray[np.float32]:
        """Return the similarities of the exact nearest neighbours, descending, (filters, queries, 20), −inf-padded."""
        best = np.full((len(SELECTIVITIES), len(self.queries), DEEPEST), -np.inf, np.float32)
        for batch in self.batches():
            similarities = self.queries @ batch.vectors.astype(np.float32).T
            for place, below in enumerate(SELECTIVITIES):
                passing = similarities[:, batch.shares < below]
                if passing.shape[1] > DEEPEST:
                    passing = np.partition(passing, -DEEPEST, axis=1)[:, -DEEPEST:]
                both = np.concatenate([best[place], passing], axis=1)
                best[place] = np.sort(both, axis=1)[:, : -DEEPEST - 1 : -1]
        return best
