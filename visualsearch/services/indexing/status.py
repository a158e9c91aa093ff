"""How search by photo is doing: for the answer to a search, and for health."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from django.db.models import Count, Exists, F, OuterRef, Subquery, TextField, Value
from django.db.models.functions import Cast, Coalesce

from catalogue.models import Photo
from visualsearch.index.base import VectorIndex
from visualsearch.models import EmbeddingFailure, ModelVersion, PhotoEmbedding

# Counting takes longer than searching (60 ms for 100,000 photos); a second's delay hurts no shopper.
COUNTED_FOR_S = 1.0
# Where it takes longer, it is done less often, so that it takes up to a twentieth of the time.
COUNTED_FOR_TIMES = 20

# By model version.
_counted: dict[int, Kept] = {}
_locks: dict[int, threading.Lock] = {}


@dataclass(frozen=True, slots=True)
class Counts:
    """Photos waiting for a version, and those that cannot be embedded."""

    pending: int
    failed: int


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """Vectors that can be found, the last change of the log among them, and photos that wait to be embedded."""

    vectors: int
    sequence: int
    pending: int


@dataclass(frozen=True, slots=True)
class Kept:
    """Counts, until when they are good, and the least sequence of the change log that they hold."""

    counts: Counts
    until: float
    since: int


def counts(version: ModelVersion, *, since: int = 0) -> Counts:
    """Return the counts of a version, not older than COUNTED_FOR_S, nor than `since`, a sequence already committed.

    Whoever shows them beside an index gives the index's sequence: else what was just found would be waiting too. While
    one thread counts, the others take what was counted before, if that holds `since`.
    """
    kept = _counted.get(version.pk)
    known = kept is not None and kept.since >= since
    if kept is not None and known and time.monotonic() < kept.until:
        return kept.counts
    lock = _locks.setdefault(version.pk, threading.Lock())
    if not lock.acquire(blocking=not known):
        return _counted[version.pk].counts
    try:
        started = time.monotonic()
        counted = count(version)
        now = time.monotonic()
        good_for = max(COUNTED_FOR_S, COUNTED_FOR_TIMES * (now - started))
        _counted[version.pk] = Kept(counted, now + good_for, since)
        return counted
    finally:
        lock.release()


def count(version: ModelVersion) -> Counts:
    """Count the rows in one statement, so that all are of one moment.

    What waits is what is neither embedded nor failed. ModelVersion.waiting() says the same, photo by photo, and takes
    nine times as long (SQLite, 100,000 photos).
    """
    # Cast, so that SQLite looks photos up by their key. By their digest, which is in no order, takes 0.4 s.
    present = Cast("photo__sha256", TextField())
    found = PhotoEmbedding.objects.filter(model_version=OuterRef("pk"), photo_sha256=present)
    failed = EmbeddingFailure.objects.filter(model_version=OuterRef("pk"), photo_sha256=F("photo__sha256"))
    embedded_too = PhotoEmbedding.objects.filter(
        model_version=OuterRef("model_version"), photo=OuterRef("photo"), photo_sha256=OuterRef("photo_sha256")
    )
    numbers = {
        "photos": Photo.objects.order_by(),
        "found": found,
        "failed": failed,
        "hopeless": failed.exclude(Exists(embedded_too)),
    }
    counted = {
        name: Coalesce(Subquery(rows.annotate(all=Value(1)).values("all").annotate(n=Count("pk")).values("n")), 0)
        for name, rows in numbers.items()
    }
    row = ModelVersion.objects.filter(pk=version.pk).values_list(*counted.values()).get()
    of = dict(zip(counted, row, strict=True))
    return Counts(of["photos"] - of["found"] - of["hopeless"], of["failed"])


def index_status(version: ModelVersion, index: VectorIndex) -> IndexStatus:
    """Return what the answer to a search says of the index that it used.

    The photos waiting may be counted up to COUNTED_FOR_S before; a search does not wait for them to be counted anew.
    """
    return IndexStatus(vectors=len(index), sequence=index.sequence, pending=counts(version).pending)
