"""Finds a snapshot's places near a query with FAISS: at once in a flat index, list by list in a divided one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from visualsearch.index.base import StoredVectors
from visualsearch.index.snapshot import NprobeSetting
from visualsearch.vectors import Vectors, to_float32

# Candidates are ranked again on the stored vectors; this many more than asked for, so that rounding at the edge of the
# list loses none.
SPARE = 16
# Vectors widened to float32 at once, where many are compared: as many as stay in the processor's cache.
ROWS = 1_000

RowOffsets = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class FaissSearcher:
    """An opened FAISS index and the vectors it was made from, in the same order.

    `probes` is what the build measured, depths ascending; nothing for a flat index, which is searched as a whole.
    """

    index: Any
    vectors: StoredVectors
    probes: Sequence[NprobeSetting] = ()

    @classmethod
    def open(cls, file: Path, vectors: StoredVectors, probes: Sequence[NprobeSetting]) -> FaissSearcher:
        """Map the file. Raises RuntimeError for one that FAISS cannot read or map.

        IO_FLAG_MMAP would map lists too, but starts 32 threads a search to read them ahead.
        """
        return cls(faiss.read_index(str(file), faiss.IO_FLAG_MMAP_IFC | faiss.IO_FLAG_READ_ONLY), vectors, probes)

    def nearest(self, query: Vectors, limit: int, *, live: NDArray[np.uint8] | None, live_count: int) -> RowOffsets:
        """Return `limit` places and some to spare, or all that are live, in no order.

        `live` has a bit a place, 1 for those to be found; None finds all.
        """
        # The setting belongs to the calling thread. Requests are parallel already, and a fork after a search with
        # several OpenMP threads hangs (faiss issue 5206).
        faiss.omp_set_num_threads(1)
        count = min(limit + SPARE, live_count)
        if count == 0:
            return np.empty(0, np.int64)
        selector = None if live is None else faiss.IDSelectorBitmap(live)
        if not self.probes:
            return self._places(query, count, faiss.SearchParameters(sel=selector))
        # Where one of ten is live, the nearest ten of them reach as far as the nearest hundred of all.
        lists = self.lists_for(limit * len(self.vectors) / live_count)
        while True:
            places = self._places(query, count, faiss.SearchParametersIVF(sel=selector, nprobe=lists))
            if len(places) == count or lists == self.index.nlist:
                return places
            lists = min(2 * lists, self.index.nlist)

    def lists_for(self, depth: float) -> int:
        """Return how many lists to search for the nearest `depth`: as measured, between and beyond in proportion."""
        depths = [probes.depth for probes in self.probes]
        beyond = max(1.0, depth / depths[-1])
        lists = np.interp(depth, depths, [probes.lists for probes in self.probes])
        return min(int(np.ceil(lists * beyond)), int(self.index.nlist))

    def _places(self, query: Vectors, count: int, parameters: Any) -> RowOffsets:
        _, places = self.index.search(query[np.newaxis], count, params=parameters)
        found: RowOffsets = places[0][places[0] >= 0]
        return found


def similarities_at(vectors: StoredVectors, places: RowOffsets, query: Vectors) -> Vectors:
    """Return the cosines of the query to the vectors at some places, shape (n,), however many they are."""
    similarities = np.empty(len(places), np.float32)
    for start in range(0, len(places), ROWS):
        some = places[start : start + ROWS]
        similarities[start : start + ROWS] = to_float32(vectors[some]) @ query
    return similarities
