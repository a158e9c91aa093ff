"""How search by photo is doing: for the answer to a search, and for health."""

from __future__ import annotations

import time
from dataclasses import dataclass

from visualsearch.models import ModelVersion
from visualsearch.services import indexing

# Counting takes longer than searching; a second's delay hurts nobody.
COUNTED_FOR_S = 1.0

_counted: dict[int, tuple[float, Counts]] = {}


@dataclass(frozen=True, slots=True)
class Counts:
    """Photos waiting for a version, and those that cannot be embedded."""

    pending: int
    failed: int


def counts(version: ModelVersion) -> Counts:
    """Return the counts of a version, not older than COUNTED_FOR_S."""
    kept = _counted.get(version.pk)
    if kept is None or time.monotonic() - kept[0] > COUNTED_FOR_S:
        kept = (time.monotonic(), Counts(version.waiting().count(), version.failed().count()))
        _counted[version.pk] = kept
    return kept[1]


def index_status(version: ModelVersion) -> dict[str, int]:
    """Return what the answer to a search says of the index: vectors that can be found, sequence, photos waiting."""
    index = indexing.fresh_index(version)
    return {"vectors": len(index), "sequence": index.sequence, "pending": counts(version).pending}
