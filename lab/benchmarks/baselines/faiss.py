"""FAISS's own index types with default storage: float32 vectors in the memory of each process."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, ClassVar

import faiss
import numpy as np

from lab.benchmarks.baselines.base import BUILD_BREADTH, NEIGHBOURS, Baseline
from lab.benchmarks.baselines.collection import Collection, Filter
from visualsearch.index.base import VectorIds
from visualsearch.vectors import Vectors

FILE = "index.faiss"
# Training vectors per centroid: FAISS warns below 39.
SAMPLES_A_LIST = 40


class FaissBaseline(Baseline):
    """Common base of FAISS index types. A filter is a bitmap selector, created for each search."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._index: Any = None

    def build(self, collection: Collection) -> None:
        faiss.omp_set_num_threads(self.build_cores)
        index = self._new(collection)
        for batch in collection.batches():
            index.add(batch.vectors.astype(np.float32))
        faiss.write_index(index, str(self.folder / FILE))

    def open(self) -> None:
        faiss.omp_set_num_threads(1)
        self._index = faiss.read_index(str(self.folder / FILE))

    def search(self, query: Vectors, *, limit: int, setting: int, allowed_ids: Filter | None) -> VectorIds:
        chosen = {}
        if allowed_ids is not None:
            bits = np.packbits(allowed_ids.passes, bitorder="little")
            chosen["sel"] = faiss.IDSelectorBitmap(bits)
        _, ids = self._index.search(query[np.newaxis], limit, params=self._parameters(setting, chosen))
        nearest_ids: VectorIds = ids[0][ids[0] >= 0]
        return nearest_ids

    def close(self) -> None:
        self._index = None

    def _new(self, collection: Collection) -> Any:
        raise NotImplementedError

    def _parameters(self, setting: int, chosen: dict[str, Any]) -> Any:
        raise NotImplementedError


class Flat(FaissBaseline):
    """Exact brute-force search: the reference for the others."""

    settings: ClassVar[tuple[int, ...]] = (0,)
    build_cores: ClassVar[int] = 1

    def _new(self, collection: Collection) -> Any:
        return faiss.IndexFlatIP(collection.dimensions)

    def _parameters(self, setting: int, chosen: dict[str, Any]) -> Any:
        return faiss.SearchParameters(**chosen) if chosen else None


class Hnsw(FaissBaseline):
    """HNSW, a hierarchical graph of nearest neighbours (Malkov and Yashunin, 2018)."""

    def _new(self, collection: Collection) -> Any:
        index = faiss.IndexHNSWFlat(collection.dimensions, NEIGHBOURS, faiss.METRIC_INNER_PRODUCT)
        index.hnsw.efConstruction = BUILD_BREADTH
        return index

    def _parameters(self, setting: int, chosen: dict[str, Any]) -> Any:
        return faiss.SearchParametersHNSW(efSearch=setting, **chosen)


class Ivf(FaissBaseline):
    """Inverted file: k-means clusters of vectors; a search scans the `nprobe` nearest clusters."""

    settings: ClassVar[tuple[int, ...]] = (1, 2, 4, 8, 16, 32, 64, 128)

    def _new(self, collection: Collection) -> Any:
        lists = max(1, min(4 * math.isqrt(collection.count), collection.count // SAMPLES_A_LIST))
        index = faiss.index_factory(collection.dimensions, f"IVF{lists},Flat", faiss.METRIC_INNER_PRODUCT)
        index.train(collection.sample(SAMPLES_A_LIST * lists))
        return index

    def _parameters(self, setting: int, chosen: dict[str, Any]) -> Any:
        return faiss.SearchParametersIVF(nprobe=setting, **chosen)

    def describe(self) -> str:
        return f"{self._index.nlist} lists"
