"""How old what a Milvus server holds must be before it is removed."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from tests.visualsearch.index.vectors import SPACE
from visualsearch.index import milvus
from visualsearch.index.milvus import MilvusIndex

NOW = 10_000_000.0


class Server:
    """What is asked of a server's collections, without one: notes what is dropped."""

    def __init__(self, names: list[str], current: str, served_since: float | None) -> None:
        self._names, self._current, self._served_since = names, current, served_since
        self.dropped: list[str] = []

    def behind(self, alias: str) -> str:
        return self._current

    def names(self, prefix: str) -> list[str]:
        return self._names

    def drop(self, name: str) -> None:
        self.dropped.append(name)

    def notes(self, name: str) -> list[dict[str, Any]]:
        note: dict[str, Any] = {"mark": "", "floor": 0, "folds": [[1, 7]]}
        if self._served_since is not None:
            note["served_since"] = self._served_since
        return [{"sequence": 1, "note": json.dumps(note)}]


def index_of(
    monkeypatch: pytest.MonkeyPatch, ages_s: list[float], *, current: int, served_s: float | None = None
) -> tuple[MilvusIndex, Server]:
    """Return an index whose collections began to be built so long ago, oldest first, and when the current was ready.

    Without `served_s` its commit does not say so, as those of former versions.
    """
    names = [f"made_{int((NOW - age_s) * 1e9):020d}" for age_s in ages_s]
    server = Server(names, names[current], None if served_s is None else NOW - served_s)
    index = MilvusIndex(SPACE, uri="nowhere")
    monkeypatch.setattr(index, "_collections", server)
    monkeypatch.setattr(milvus, "time", SimpleNamespace(time=lambda: NOW))
    return index, server


@pytest.mark.parametrize(
    ("age_s", "served_s", "dropped"), [(599, None, 0), (601, None, 1), (3_000, 599, 0), (3_000, 601, 1)]
)
def test_a_collection_is_dropped_once_the_next_served_for_ten_minutes(
    monkeypatch: pytest.MonkeyPatch, *, age_s: float, served_s: float | None, dropped: int
) -> None:
    """However long it took to build, processes need the former one until they have found it."""
    index, server = index_of(monkeypatch, [100_000, age_s], current=1, served_s=served_s)

    index.prune()

    assert server.dropped == server._names[:dropped]


@pytest.mark.parametrize(("age_s", "dropped"), [(86_399, []), (86_401, [1])])
def test_a_collection_that_was_never_finished_is_dropped_after_a_day(
    monkeypatch: pytest.MonkeyPatch, *, age_s: float, dropped: list[int]
) -> None:
    index, server = index_of(monkeypatch, [100_000, age_s], current=0)

    index.prune()

    assert server.dropped == [server._names[number] for number in dropped]
