"""Exact brute-force search with NumPy, in memory: the reference for the other indexes, without further libraries."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

from visualsearch.index.base import Allowed, Changes, Hit, Rows, Space, VectorIds, VectorIndex, nearest
from visualsearch.index.tail import Tail
from visualsearch.vectors import Vectors


class ExactIndex(VectorIndex):
    """A tail without a snapshot: each process fills it from the rows when it starts."""

    def __init__(self, space: Space) -> None:
        self.space = space
        self._lock = threading.Lock()
        self._tail = Tail.empty(space.dimensions)
        self._sequence, self._nonce = 0, ""

    @property
    def sequence(self) -> int:
        return self._sequence

    @property
    def nonce(self) -> str:
        return self._nonce

    @property
    def snapshot_sequence(self) -> int:
        return 0

    def __len__(self) -> int:
        return len(self._tail.ids)

    def apply(self, changes: Changes) -> None:
        with self._lock:
            self._tail = self._tail.with_changes(changes)
            self._sequence, self._nonce = changes.sequence, changes.nonce

    def replace_all(self, changes: Changes) -> None:
        with self._lock:
            self._tail = Tail.empty(self.space.dimensions).with_changes(changes)
            self._sequence, self._nonce = changes.sequence, changes.nonce

    def search(
        self, query: Vectors, *, limit: int, allowed_ids: VectorIds | None = None, allowed: Allowed | None = None
    ) -> list[Hit]:
        tail = self._tail.restricted_to(allowed_ids, allowed)
        return nearest(tail.ids, tail.similarities(query), limit)

    def rows(self) -> Rows:
        return self._tail.ids.copy(), self._tail.vectors.copy()

    def reopen(self, *, head: Callable[[], int]) -> bool:
        return False

    @property
    def damaged(self) -> bool:
        return False

    def build(self, rows: Iterable[Rows], *, sequence: int, nonce: str = "", anew: bool = False) -> None:
        """Do nothing: there is no snapshot."""

    def prune(self) -> int:
        return 0
