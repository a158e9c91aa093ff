"""Searches a snapshot's FAISS index: a flat one as a whole, an IVF index with the nprobe that its build measured."""

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

# Candidates are re-ranked on the stored vectors. This many more than the limit are fetched, so that quantisation does
# not lose one at the edge.
SPARE = 16
# Vectors converted to float32 at once, where many are compared: as many as fit into the processor's cache.
ROWS = 1_000

RowOffsets = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class FaissSearcher:
    """An opened FAISS index and the vectors it was made from, in the same order.

    `probes` are the build's nprobe settings, depths ascending; empty for a flat index, which is searched as a whole.
    """

    index: Any
    vectors: StoredVectors
    probes: Sequence[NprobeSetting] = ()

    @classmethod
    def open(cls, file: Path, vectors: StoredVectors, probes: Sequence[NprobeSetting]) -> FaissSearcher:
        """Memory-map the file. Raises RuntimeError if FAISS cannot read or map it.

        IO_FLAG_MMAP would map inverted lists too, but starts 32 threads per search to read ahead.
        """
        return cls(faiss.read_index(str(file), faiss.IO_FLAG_MMAP_IFC | faiss.IO_FLAG_READ_ONLY), vectors, probes)

    def nearest(self, query: Vectors, limit: int, *, live: NDArray[np.uint8] | None, live_count: int) -> RowOffsets:
        """Return the offsets of at least `limit` nearest rows, or of all live ones if they are fewer, in no order.

        `live` has one bit a row, 1 for rows that may be found; None means all.
        """
        # The setting is per thread. Requests run in parallel already, and a fork after a search with several OpenMP
        # threads hangs (faiss issue 5206).
        faiss.omp_set_num_threads(1)
        count = min(limit + SPARE, live_count)
        if count == 0:
            return np.empty(0, np.int64)
        selector = None if live is None else faiss.IDSelectorBitmap(live)
        if not self.probes:
            return self._rows(query, count, faiss.SearchParameters(sel=selector))
        # Where a tenth of the rows is live, the nearest ten live ones reach as far as the nearest hundred of all.
        lists = self.lists_for(limit * len(self.vectors) / live_count)
        while True:
            rows = self._rows(query, count, faiss.SearchParametersIVF(sel=selector, nprobe=lists))
            if len(rows) == count or lists == self.index.nlist:
                return rows
            lists = min(2 * lists, self.index.nlist)

    def lists_for(self, depth: float) -> int:
        """Return the nprobe for the nearest `depth`: interpolated between the settings, beyond them in proportion."""
        depths = [probes.depth for probes in self.probes]
        beyond = max(1.0, depth / depths[-1])
        lists = np.interp(depth, depths, [probes.lists for probes in self.probes])
        return min(int(np.ceil(lists * beyond)), int(self.index.nlist))

    def _rows(self, query: Vectors, count: int, parameters: Any) -> RowOffsets:
        _, labels = self.index.search(query[np.newaxis], count, params=parameters)
        # FAISS fills up with −1 where it found fewer.
        rows: RowOffsets = labels[0][labels[0] >= 0]
        return rows


def similarities_at(vectors: StoredVectors, rows: RowOffsets, query: Vectors) -> Vectors:
    """Return the cosines of the query to the vectors at some row offsets, shape (n,), in chunks of ROWS."""
    similarities = np.empty(len(rows), np.float32)
    for start in range(0, len(rows), ROWS):
        some = rows[start : start + ROWS]
        similarities[start : start + ROWS] = to_float32(vectors[some]) @ query
    return similarities
