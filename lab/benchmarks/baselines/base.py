"""The interface of a baseline index: one process builds it into a folder, another opens the folder and searches."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar

from lab.benchmarks.baselines.collection import Collection, Filter
from visualsearch.index.base import PhotoIds
from visualsearch.vectors import Vectors

# HNSW parameters of all graphs: M, neighbours of a vector, and efConstruction, candidates while building.
NEIGHBOURS, BUILD_BREADTH = 16, 128
# efSearch: candidates that a search in a graph keeps, from fast to accurate.
BREADTHS = (16, 32, 64, 128, 256, 512)


class Baseline(ABC):
    """An index under test. `build` runs in one process; `open` and `search`, on one thread, in a fresh one.

    `settings` trade speed for recall (nprobe, efSearch, …); each is a point of the curve of recall against time.
    """

    settings: ClassVar[tuple[int, ...]] = BREADTHS
    build_cores: ClassVar[int] = os.cpu_count() or 1

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @abstractmethod
    def build(self, collection: Collection) -> None:
        """Write an index of the collection's vectors into the folder. Ids are their places."""

    @abstractmethod
    def open(self) -> None:
        """Make ready to search what was built."""

    @abstractmethod
    def search(self, query: Vectors, *, limit: int, setting: int, allowed_ids: Filter | None) -> PhotoIds:
        """Return the ids nearest to the query, of those that pass the filter; fewer where it finds no more."""

    def describe(self) -> str:
        """Return what was built, in a few words, once it is open."""
        return ""

    def servers(self) -> list[int]:
        """Return the processes, other than this one, that searches run in."""
        return []

    @abstractmethod
    def close(self) -> None:
        """End what `build` or `open` started."""
