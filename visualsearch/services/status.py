"""How search by photo is doing: for the answer to a search, and for health."""

from __future__ import annotations

import time
from dataclasses import dataclass

from visualsearch.models import ModelVersion
from visualsearch.services import indexing

# Counting takes longer than searching (a tenth of a second for 100,000 photos); a second's delay hurts no shopper.
COUNTED_FOR_S = 1.0

# By model version: when it was counted, the least sequence of the change log that the count holds, and the count.
_counted: dict[int, tuple[float, int, Counts]] = {}


@dataclass(frozen=True, slots=True)
class Counts:
    """Photos waiting for a version, and those that cannot be embedded."""

    pending: int
    failed: int


def counts(version: ModelVersion, *, since: int = 0) -> Counts:
    """Return the counts of a version, not older than COUNTED_FOR_S, nor than `since`, a sequence already committed.

    Whoever shows them beside an index gives the index's sequence: else what was just found would be waiting too.
    """
    kept = _counted.get(version.pk)
    if kept is None or kept[1] < since or time.monotonic() - kept[0] > COUNTED_FOR_S:
        kept = (time.monotonic(), since, Counts(version.waiting().count(), version.failed().count()))
        _counted[version.pk] = kept
    return kept[2]


def index_status(version: ModelVersion) -> dict[str, int]:
    """Return what the answer to a search says of the index: vectors that can be found, sequence, photos waiting.

    The photos waiting may be counted up to COUNTED_FOR_S before; a search does not wait for them to be counted anew.
    """
    index = indexing.fresh_index(version)
    return {"vectors": len(index), "sequence": index.sequence, "pending": counts(version).pending}
