"""How old what a Milvus server holds must be before it is removed."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tests.visualsearch.index.vectors import SPACE
from visualsearch.index import milvus
from visualsearch.index.milvus import MilvusIndex

NOW = 10_000_000.0


class Server:
    """What is asked of a server's collections, without one: notes what is dropped."""

    def __init__(self, names: list[str], current: str) -> None:
        self._names, self._current = names, current
        self.dropped: list[str] = []

    def behind(self, alias: str) -> str:
        return self._current

    def names(self, prefix: str) -> list[str]:
        return self._names

    def drop(self, name: str) -> None:
        self.dropped.append(name)

    def notes(self, name: str) -> list[dict[str, Any]]:
        return [{"sequence": 1, "note": '{"mark": "", "floor": 0, "folds": [[1, 7]]}'}]


def index_of(monkeypatch: pytest.MonkeyPatch, ages_s: list[float], *, current: int) -> tuple[MilvusIndex, Server]:
    """Return an index whose collections began to be built so long ago, oldest first."""
    names = [f"made_{int((NOW - age_s) * 1e9):020d}" for age_s in ages_s]
    server = Server(names, names[current])
    index = MilvusIndex(SPACE, uri="nowhere")
    monkeypatch.setattr(index, "_collections", server)
    monkeypatch.setattr(milvus, "time", SimpleNamespace(time=lambda: NOW))
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
