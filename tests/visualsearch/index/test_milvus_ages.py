"""How old what a Milvus server holds must be before it is removed, or believed to be known to all."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tests.visualsearch.index.vectors import SPACE, axis
from visualsearch.index import milvus
from visualsearch.index.base import VectorIds
from visualsearch.index.milvus import MilvusIndex
from visualsearch.vectors import Vectors

NOW = 10_000_000.0


class Server:
    """What is asked of a server's collections, without one: notes what is dropped, and how a search is asked."""

    def __init__(self, names: list[str], current: str) -> None:
        self._names, self._current = names, current
        self.dropped: list[str] = []
        self.settled: list[bool] = []

    def behind(self, alias: str) -> str:
        return self._current

    def names(self, prefix: str) -> list[str]:
        return self._names

    def drop(self, name: str) -> None:
        self.dropped.append(name)

    def notes(self, name: str) -> list[dict[str, Any]]:
        return [{"sequence": 1, "note": '{"mark": "", "floor": 0, "folds": [[1, 7]]}'}]

    def search(self, name: str, query: Vectors, which: str, *, limit: int, settled: bool) -> tuple[VectorIds, Vectors]:
        self.settled.append(settled)
        return np.empty(0, np.int64), np.empty(0, np.float32)


def index_of(monkeypatch: pytest.MonkeyPatch, ages_s: list[float], *, current: int) -> tuple[MilvusIndex, Server]:
    """Return an index whose collections began to be built so long ago, oldest first."""
    names = [f"made_{int((NOW - age_s) * 1e9):020d}" for age_s in ages_s]
    server = Server(names, names[current])
    index = MilvusIndex(SPACE, uri="nowhere")
    monkeypatch.setattr(index, "_collections", server)
    monkeypatch.setattr(milvus, "time", SimpleNamespace(time=lambda: NOW, monotonic=lambda: NOW))
    return index, server


@pytest.mark.parametrize(("age_s", "dropped"), [(599, 0), (601, 1)])
def test_a_collection_is_dropped_once_the_next_served_for_ten_minutes(
    monkeypatch: pytest.MonkeyPatch, *, age_s: float, dropped: int
) -> None:
    index, server = index_of(monkeypatch, [100_000, age_s], current=1)

    index.prune()

    assert server.dropped == server._names[:dropped]


@pytest.mark.parametrize(("age_s", "dropped"), [(86_399, []), (86_401, [1])])
def test_a_collection_that_was_never_finished_is_dropped_after_a_day(
    monkeypatch: pytest.MonkeyPatch, *, age_s: float, dropped: list[int]
) -> None:
    index, server = index_of(monkeypatch, [100_000, age_s], current=0)

    index.prune()

    assert server.dropped == [server._names[number] for number in dropped]


def test_a_search_waits_for_no_writer_once_a_commit_is_known_to_all(monkeypatch: pytest.MonkeyPatch) -> None:
    index, server = index_of(monkeypatch, [0], current=0)
    assert index.reopen(head=lambda: 1)

    for later_s in (0.0, milvus.SETTLED_AFTER_S, milvus.SETTLED_AFTER_S + 0.1):
        monkeypatch.setattr(milvus, "time", SimpleNamespace(monotonic=lambda later_s=later_s: NOW + later_s))
        index.search(axis(0), limit=1)

    assert milvus.SETTLED_AFTER_S == 10.0
    assert server.settled == [False, False, True]
