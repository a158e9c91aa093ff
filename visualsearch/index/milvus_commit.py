"""Commits of a Milvus collection: which compactions, and so which entities, are valid."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from visualsearch.index.base import VectorIds
from visualsearch.index.milvus_collections import any_of, none_of

# Compactions that a commit lists. Entities up to the oldest of them count as valid whoever wrote them, so a delayed
# write would have to arrive this many compactions late, each of a thousand changes, to be visible.
COMPACTIONS_NAMED = 16


@dataclass(frozen=True, slots=True)
class Commit:
    """The valid entities of a collection at `sequence`: those up to `floor`, and those of the listed compactions.

    `compactions` are (sequence, id), oldest first; the last of them wrote this commit. `served_since` is when the
    collection was complete, in seconds since 1970: a build may have begun half an hour before.
    """

    collection: str
    sequence: int
    nonce: str
    floor: int
    compactions: tuple[tuple[int, int], ...]
    served_since: float

    @classmethod
    def read(cls, collection: str, entity: Mapping[str, Any]) -> Commit:
        note = json.loads(entity["note"])
        compactions = tuple((int(sequence), int(compaction)) for sequence, compaction in note["folds"])
        # Commits of before do not say it.
        served_since = note["served_since"] if "served_since" in note else begun(collection)
        return cls(collection, int(entity["sequence"]), note["mark"], note["floor"], compactions, served_since)

    @property
    def note(self) -> str:
        said = {"mark": self.nonce, "floor": self.floor, "folds": self.compactions, "served_since": self.served_since}
        return json.dumps(said)

    @property
    def name(self) -> tuple[str, int]:
        """What no other commit has."""
        return self.collection, self.compaction

    @property
    def compaction(self) -> int:
        return self.compactions[-1][1]

    def valid(self, *, without: VectorIds) -> str:
        """Return Milvus's filter expression for the valid entities, without those of some photos."""
        listed = any_of("fold", [compaction for _, compaction in self.compactions])
        photos = f" and {none_of('photo_id', without)}" if len(without) else ""
        return f"photo_id > 0 and (sequence <= {self.floor} or {listed}){photos}"

    def followed_by(self, sequence: int, nonce: str, compaction: int) -> Commit:
        """Return the commit of the next compaction, after this one."""
        compactions = (*self.compactions, (sequence, compaction))
        floor = compactions[-COMPACTIONS_NAMED - 1][0] if len(compactions) > COMPACTIONS_NAMED else self.floor
        return replace(self, sequence=sequence, nonce=nonce, floor=floor, compactions=compactions[-COMPACTIONS_NAMED:])


def begun(collection: str) -> float:
    """Return when a collection's build began, in seconds since 1970."""
    return int(collection.rsplit("_", 1)[1]) / 1e9
