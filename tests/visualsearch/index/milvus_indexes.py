"""Milvus indexes to test with."""

from __future__ import annotations

from visualsearch.index.base import Changes, Rows
from visualsearch.index.milvus import MilvusIndex


class CompactedIndex(MilvusIndex):
    """Compacts all changes at once, so that the tail stays empty."""

    def apply(self, changes: Changes) -> None:
        if self.snapshot_sequence == 0:
            self.build([], sequence=0)
            self.reopen(head=lambda: changes.sequence)
        self.compact([changes], sequence=changes.sequence, nonce=changes.nonce)
        self.reopen(head=lambda: changes.sequence)
        assert self.snapshot_sequence == changes.sequence

    def replace_all(self, changes: Changes) -> None:
        rows: Rows = (changes.ids, changes.vectors)
        self.build([rows], sequence=changes.sequence, nonce=changes.nonce)
        self._state = type(self)(self.space, uri="")._state
        self.reopen(head=lambda: changes.sequence)
