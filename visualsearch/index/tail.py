"""The tail: a delta buffer of the newest vectors in memory, searched exactly until compaction into a snapshot."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from visualsearch.index.base import Allowed, Changes, StoredVectors, VectorIds
from visualsearch.vectors import Vectors, to_float32


@dataclass(frozen=True, slots=True)
class Tail:
    """Vectors with ascending photo ids. Immutable: a running search keeps the one it began with."""

    ids: VectorIds
    vectors: StoredVectors

    @classmethod
    def empty(cls, dimensions: int) -> Tail:
        return cls(np.empty(0, np.int64), np.empty((0, dimensions), np.float16))

    def with_changes(self, changes: Changes) -> Tail:
        """Return the tail after the changes: a newer vector of a photo replaces the older one."""
        unchanged = ~np.isin(self.ids, np.concatenate([changes.ids, changes.removed]))
        ids = np.concatenate([self.ids[unchanged], changes.ids])
        vectors = np.concatenate([self.vectors[unchanged], changes.vectors])
        order = np.argsort(ids, kind="stable")
        return Tail(ids[order], vectors[order])

    def restricted_to(self, ids: VectorIds | None, allowed: Allowed | None) -> Tail:
        """Return the part of the tail that is among the ids and allowed, where they are given."""
        if ids is None and allowed is None:
            return self
        selected = np.ones(len(self.ids), bool) if allowed is None else allowed(self.ids)
        if ids is not None:
            selected = selected & np.isin(self.ids, ids)
        return Tail(self.ids[selected], self.vectors[selected])

    def similarities(self, query: Vectors) -> Vectors:
        """Return the cosine of each vector to the query, shape (n,)."""
        return to_float32(self.vectors) @ query
