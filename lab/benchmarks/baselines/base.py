"""The interface of a baseline index: one process builds it into a folder, another opens the folder and searches."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar

from lab.benchmarks.baselines.collection import Collection, Filter
from visualsearch.index.base import VectorIds
from visualsearch.vectors import Vectors

# HNSW build parameters of all graphs: M (neighbours per node) and efConstruction (candidates while building).
NEIGHBOURS, BUILD_BREADTH = 16, 128
# HNSW's efSearch (candidates while searching), from fast to accurate.
BREADTHS = (16, 32, 64, 128, 256, 512)


class Baseline(ABC):
    """An index under test. `build` runs in one process; `open` and `search`, on one thread, in a fresh one.

    `settings` trade speed for recall (nprobe, efSearch, …); each is a point of the curve of recall against time.
    """

    settings: ClassVar[tuple[int, ...]] = BREADTHS
    build_cores: ClassVar[int] = os.cpu_count() or 1

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def data(self) -> Path:
        """The folder of what `build` wrote."""
        return self.folder

    @abstractmethod
    def build(self, collection: Collection) -> None:
        """Write an index of the collection's vectors into the folder. Ids are row numbers."""

    @abstractmethod
    def open(self) -> None:
        """Load the index from the folder, ready to search."""

    @abstractmethod
    def search(self, query: Vectors, *, limit: int, setting: int, allowed_ids: Filter | None) -> VectorIds:
        """Return up to `limit` ids that pass the filter, nearest to the query (d,) first."""

    def describe(self) -> str:
        """Return a short description of the open index."""
        return ""

    def servers(self) -> list[int]:
        """Return the pids of other processes that execute searches."""
        return []

    @abstractmethod
    def close(self) -> None:
        """Release the resources of `build` or `open`."""
