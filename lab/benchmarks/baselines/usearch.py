"""USearch: HNSW over half-precision vectors, memory-mapped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from usearch.index import Index

from lab.benchmarks.baselines.base import BUILD_BREADTH, NEIGHBOURS, Baseline
from lab.benchmarks.baselines.collection import Collection, Filter
from visualsearch.index.base import VectorIds
from visualsearch.vectors import Vectors

FILE = "index.usearch"
# Over-fetching under a filter: the initial factor over the expected depth, and the growth factor of each retry.
SPARE, MORE = 2, 4


class Usearch(Baseline):
    """USearch's index. Its Python API has no filters: results are post-filtered, fetching more until enough pass."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._index: Any = None

    def build(self, collection: Collection) -> None:
        index = Index(
            ndim=collection.dimensions,
            metric="ip",
            dtype="f16",
            connectivity=NEIGHBOURS,
            expansion_add=BUILD_BREADTH,
        )
        for batch in collection.batches():
            index.add(batch.ids.astype(np.uint64), batch.vectors, threads=self.build_cores)
        index.save(str(self.folder / FILE))

    def open(self) -> None:
        self._index = Index.restore(str(self.folder / FILE), view=True)

    def search(self, query: Vectors, *, limit: int, setting: int, allowed_ids: Filter | None) -> VectorIds:
        self._index.expansion_search = setting
        if allowed_ids is None:
            return self._nearest(query, limit)
        if len(allowed_ids.ids) == 0:
            return allowed_ids.ids
        count = len(self._index)
        limit = min(limit, len(allowed_ids.ids))
        depth = SPARE * limit * count // len(allowed_ids.ids)
        while True:
            ids = self._nearest(query, min(depth, count))
            passing = ids[allowed_ids.passes[ids]]
            if len(passing) >= limit or depth >= count:
                return passing[:limit]
            depth *= MORE

    def close(self) -> None:
        self._index = None

    def _nearest(self, query: Vectors, limit: int) -> VectorIds:
        ids: VectorIds = self._index.search(query, limit, threads=1).keys.astype(np.int64)
        return ids
