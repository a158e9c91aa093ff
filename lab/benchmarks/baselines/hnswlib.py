"""hnswlib, the reference implementation of HNSW."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import hnswlib
import numpy as np

from lab.benchmarks.baselines.base import BUILD_BREADTH, NEIGHBOURS, Baseline
from lab.benchmarks.baselines.collection import Collection, Filter
from visualsearch.index.base import VectorIds
from visualsearch.vectors import Vectors

FILE = "index.hnswlib"


class Hnswlib(Baseline):
    """hnswlib's index. A filter is a Python callback for each visited photo."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._index: Any = None
        self._count = 0

    def build(self, collection: Collection) -> None:
        index = hnswlib.Index(space="ip", dim=collection.dimensions)
        index.init_index(collection.count, M=NEIGHBOURS, ef_construction=BUILD_BREADTH, random_seed=1)
        for batch in collection.batches():
            index.add_items(batch.vectors.astype(np.float32), batch.ids, num_threads=self.build_cores)
        index.save_index(str(self.folder / FILE))
        (self.folder / "dimensions").write_text(str(collection.dimensions))

    def open(self) -> None:
        self._index = hnswlib.Index(space="ip", dim=int((self.folder / "dimensions").read_text()))
        self._index.load_index(str(self.folder / FILE))
        self._index.set_num_threads(1)
        self._count = self._index.get_current_count()

    def search(self, query: Vectors, *, limit: int, setting: int, allowed_ids: Filter | None) -> VectorIds:
        chosen = None
        if allowed_ids is not None:
            chosen = allowed_ids.passes.tobytes().__getitem__
            limit = min(limit, len(allowed_ids.ids))
        breadth = setting
        while True:
            self._index.set_ef(breadth)
            try:
                ids, _ = self._index.knn_query(query, k=min(limit, self._count), num_threads=1, filter=chosen)
            except RuntimeError:
                # It raises if ef candidates yield fewer than k results.
                if breadth >= self._count:
                    raise
                breadth *= 2
            else:
                nearest_ids: VectorIds = ids[0].astype(np.int64)
                return nearest_ids

    def close(self) -> None:
        self._index = None
