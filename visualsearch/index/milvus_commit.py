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
FOLDS_NAMED = 16


@dataclass(frozen=True, slots=True)
class Commit:
    """What is true in a collection up to `sequence`: entities up to `floor`, and those of the named folds.

    `folds` are (sequence, fold), oldest first; the last of them wrote this commit.
    """

    collection: str
    sequence: int
    mark: str
    floor: int
    folds: tuple[tuple[int, int], ...]

    @classmethod
    def read(cls, collection: str, entity: Mapping[str, Any]) -> Commit:
        note = json.loads(entity["note"])
        folds = tuple((int(sequence), int(fold)) for sequence, fold in note["folds"])
        return cls(collection, int(entity["sequence"]), note["mark"], note["floor"], folds)

    @property
    def note(self) -> str:
        return json.dumps({"mark": self.mark, "floor": self.floor, "folds": self.folds})

    @property
    def fold(self) -> int:
        return self.folds[-1][1]

    def true(self, *, without: PhotoIds) -> str:
        """Return the filter for the entities that this commit calls true, without those of some photos."""
        named = any_of("fold", [fold for _, fold in self.folds])
        photos = f" and {none_of('photo_id', without)}" if len(without) else ""
        return f"photo_id > 0 and (sequence <= {self.floor} or {named}){photos}"

    def followed_by(self, sequence: int, mark: str, fold: int) -> Commit:
        """Return the commit of a fold that goes on from this one."""
        folds = (*self.folds, (sequence, fold))
        floor = folds[-FOLDS_NAMED - 1][0] if len(folds) > FOLDS_NAMED else self.floor
        return replace(self, sequence=sequence, mark=mark, floor=floor, folds=folds[-FOLDS_NAMED:])
