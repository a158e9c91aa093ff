"""Searches a snapshot's FAISS index: a flat one as a whole, an IVF index with the nprobe that its build measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
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

# Rows of which a filter leaves less than this share are copied and compared by themselves. FAISS asks for each row of a
# list whether it may be found, which takes 8 ns; copying a vector takes 250 ns more than reading it where it lies.
SPARSE = 0.03
# Up to so many rows are compared so without a look at their lists.
FEW = 5_000
# How many of the rows that a filter leaves are in each list is estimated from every n-th of all rows, the first n by
# which at most COUNTED of them are counted. No multiples of how many vectors a photo has: its first lie elsewhere than
# its last.
STEPS, COUNTED = (1, 7, 31, 127), 20_000
# The squared coefficient of variation, among lists, of the share that a filter leaves, up to which it is even.
EVEN = 0.3
# So many times the rows that a search of all compares are compared where a filter's share is not even.
CAUTION = 1.5

RowOffsets = NDArray[np.int64]


@dataclass(frozen=True)
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

    def nearest_among(self, query: Vectors, limit: int, mask: NDArray[np.bool_]) -> RowOffsets:
        """Return the same of the rows that a mask leaves, one bool a row.

        Where it leaves the same share of all lists, the nearest `limit` are among as many lists as the nearest of
        `limit` by that share. Else what it leaves may be far from the query and in few lists: half as many rows again
        are compared as a search without a mask compares.
        """
        faiss.omp_set_num_threads(1)
        # Its address is given to FAISS.
        query = np.ascontiguousarray(query, np.float32)
        left = int(np.count_nonzero(mask))
        count = min(limit + SPARE, left)
        if left <= max(FEW, count):
            return self._nearest_of(np.flatnonzero(mask), query, count)
        if not self.probes:
            return self._rows(query, count, faiss.SearchParameters(sel=selector_of(mask)))
        share = left / len(mask)
        step = next((step for step in STEPS if left <= COUNTED * step), STEPS[-1])
        sizes = np.bincount(self.list_of_row[::step][mask[::step]], minlength=self.index.nlist)
        if self._is_even(sizes):
            least = self.lists_for(limit / share) * len(mask) / self.index.nlist * share
        else:
            least = CAUTION * self.lists_for(limit) * len(mask) / self.index.nlist
        similarities, lists = self.index.quantizer.search(query[np.newaxis], self.index.nlist)
        if step == 1:
            filled = sizes[lists[0]] > 0
            lists, similarities = lists[:, filled], similarities[:, filled]
        used = 1 + int(np.searchsorted(np.cumsum(sizes[lists[0]]), max(least, 4 * count) / step))
        sparse = np.flatnonzero(mask) if share < SPARSE else None
        selector = selector_of(mask) if sparse is None else None
        while True:
            if sparse is None:
                found = self._rows_in(query, count, lists[0, :used], similarities[0, :used], selector)
            else:
                chosen = np.isin(np.arange(self.index.nlist), lists[0, :used])
                found = self._nearest_of(sparse[chosen[self.list_of_row[sparse]]], query, count)
            # Sizes are estimates.
            if len(found) == count or used >= lists.shape[1]:
                return found
            used *= 2

    @cached_property
    def list_of_row(self) -> NDArray[np.uint16]:
        """The number of the list of each row. Read from all lists on first use: 0.05 s for a million."""
        numbers = np.empty(len(self.vectors), np.uint16)
        for number in range(self.index.nlist):
            numbers[view_of(self.index.invlists.get_ids(number), self.index.invlists.list_size(number))] = number
        return numbers

    @cached_property
    def list_sizes(self) -> NDArray[np.int64]:
        return np.bincount(self.list_of_row, minlength=self.index.nlist)

    def _is_even(self, sizes: NDArray[np.int64]) -> bool:
        """Whether rows of which so many are in each list are the same share of all, but for chance."""
        expected = self.list_sizes * (sizes.sum() / len(self.vectors))
        # Chance alone gives a variance as large as the mean.
        surplus = np.mean((sizes - expected) ** 2 / np.maximum(expected, 1e-9)) - 1
        return bool(surplus <= EVEN * expected.mean())

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

    def _rows_in(
        self, query: Vectors, count: int, lists: RowOffsets, similarities: Vectors, selector: Any
    ) -> RowOffsets:
        """Search these lists, given with the similarities of their centroids."""
        found, rows = np.empty(count, np.float32), np.empty(count, np.int64)
        arrays = map(faiss.swig_ptr, (lists, similarities, found, rows))
        parameters = faiss.SearchParametersIVF(sel=selector, nprobe=len(lists))
        # FAISS's own wrapper for Python takes no parameters.
        self.index.search_preassigned_c(1, faiss.swig_ptr(query), count, *arrays, False, parameters)
        return rows[rows >= 0]

    def _nearest_of(self, rows: RowOffsets, query: Vectors, count: int) -> RowOffsets:
        """Return the `count` of these rows that are nearest by the stored vectors."""
        if len(rows) <= count:
            return rows
        dimensions = self.vectors.shape[1]
        stored = faiss.ScalarQuantizer(dimensions, faiss.ScalarQuantizer.QT_fp16)
        # It reads half precision as it is: a third of the time of `to_float32`.
        scanner = stored.select_InvertedListScanner(
            faiss.METRIC_INNER_PRODUCT, faiss.IndexFlatIP(dimensions), False, None, False
        )
        scanner.set_query(faiss.swig_ptr(query))
        best, nearest = np.full(count, -np.inf, np.float32), np.full(count, -1, np.int64)
        vectors = np.asarray(self.vectors)
        for start in range(0, len(rows), ROWS):
            some = rows[start : start + ROWS]
            copied = vectors[some].view(np.uint8).reshape(-1)
            pointers = map(faiss.swig_ptr, (copied, some, best, nearest))
            scanner.scan_codes(len(some), *pointers, count)
        return nearest


def selector_of(mask: NDArray[np.bool_]) -> Any:
    return faiss.IDSelectorBitmap(np.packbits(mask, bitorder="little"))


def view_of(pointer: Any, size: int) -> NDArray[Any]:
    return np.asarray(faiss.rev_swig_ptr(pointer, size))


def similarities_at(vectors: StoredVectors, rows: RowOffsets, query: Vectors) -> Vectors:
    """Return the cosines of the query to the vectors at some row offsets, shape (n,), in chunks of ROWS."""
    similarities = np.empty(len(rows), np.float32)
    for start in range(0, len(rows), ROWS):
        some = rows[start : start + ROWS]
        similarities[start : start + ROWS] = to_float32(vectors[some]) @ query
    return similarities
