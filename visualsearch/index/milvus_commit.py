"""What of a Milvus collection is true: nobody's half-written work, and nothing that came too late."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from visualsearch.index.base import PhotoIds
from visualsearch.index.milvus_collections import any_of, none_of

# Commits name so many folds; what was written before the oldest of them is true whoever wrote it. So a request would
# have to be late by this many folds, each of a thousand changes, to be believed.
COMPACTIONS_NAMED = 16


@dataclass(frozen=True, slots=True)
class Commit:
    """What is true in a collection up to `sequence`: entities up to `floor`, and those of the named folds.

    `folds` are (sequence, fold), oldest first; the last of them wrote this commit.
    """

    collection: str
    sequence: int
    nonce: str
    floor: int
    compactions: tuple[tuple[int, int], ...]

    @classmethod
    def read(cls, collection: str, entity: Mapping[str, Any]) -> Commit:
        note = json.loads(entity["note"])
        compactions = tuple((int(sequence), int(compact)) for sequence, compact in note["folds"])
        return cls(collection, int(entity["sequence"]), note["mark"], note["floor"], compactions)

    @property
    def note(self) -> str:
        return json.dumps({"mark": self.nonce, "floor": self.floor, "folds": self.compactions})

    @property
    def compaction(self) -> int:
        return self.compactions[-1][1]

    def true(self, *, without: PhotoIds) -> str:
        """Return the filter for the entities that this commit calls true, without those of some photos."""
        named = any_of("fold", [compact for _, compact in self.compactions])
        photos = f" and {none_of('photo_id', without)}" if len(without) else ""
        return f"photo_id > 0 and (sequence <= {self.floor} or {named}){photos}"

    def followed_by(self, sequence: int, nonce: str, compact: int) -> Commit:
        """Return the commit of a fold that goes on from this one."""
        compactions = (*self.compactions, (sequence, compact))
        floor = compactions[-COMPACTIONS_NAMED - 1][0] if len(compactions) > COMPACTIONS_NAMED else self.floor
        return replace(self, sequence=sequence, nonce=nonce, floor=floor, compactions=compactions[-COMPACTIONS_NAMED:])
