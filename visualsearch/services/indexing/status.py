"""Counts of pending and failed photos, cached per process: for search responses, health and the dashboard."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from django.db.models import Count, Exists, F, OuterRef, Subquery, TextField, Value
from django.db.models.functions import Cast, Coalesce

from catalogue.after_response import after_response
from catalogue.models import Photo
from visualsearch.index.base import VectorIndex
from visualsearch.models import EmbeddingFailure, ModelVersion, PhotoEmbedding

# Seconds that counts are cached. Counting takes longer than searching: 60 ms for 100,000 photos.
COUNTED_FOR_S = 1.0
# Counts are cached for at least this many times as long as counting took: it then takes 5 % of the time at the most.
COUNTED_FOR_TIMES = 20

# A search shows counts that are older by so many seconds at the most, and has them counted anew after its response: for
# whoever asks next. Less often by this factor while the log does not move on: only new photos change them then.
STALE_FOR_S, UNMOVED_FOR_TIMES = 60.0, 5

# By model version.
_counted: dict[int, CachedCounts] = {}
_locks: dict[int, threading.Lock] = {}


@dataclass(frozen=True, slots=True)
class Counts:
    """Photos pending for a version, and those that cannot be embedded."""

    pending: int
    failed: int


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """Vectors in the index, the sequence up to which it is current, and photos that are pending."""

    vectors: int
    sequence: int
    pending: int


@dataclass(frozen=True, slots=True)
class CachedCounts:
    """Cached counts, when they were made, for how many seconds, and a sequence of the change log that they include."""

    counts: Counts
    made_at: float
    good_for_s: float
    since: int


def counts(version: ModelVersion, *, since: int = 0) -> Counts:
    """Return the cached counts of a version. They include the change at `since`, a committed sequence.

    To show them beside an index, pass the index's sequence: a photo just indexed would else count as pending too. While
    one thread counts, the others get the previous counts, if those include `since`.
    """
    cached = _counted.get(version.pk)
    usable = cached is not None and cached.since >= since
    if cached is not None and usable and time.monotonic() < cached.made_at + cached.good_for_s:
        return cached.counts
    lock = _locks.setdefault(version.pk, threading.Lock())
    if not lock.acquire(blocking=not usable):
        return _counted[version.pk].counts
    try:
        started = time.monotonic()
        counted = count(version)
        now = time.monotonic()
        good_for_s = max(COUNTED_FOR_S, COUNTED_FOR_TIMES * (now - started))
        _counted[version.pk] = CachedCounts(counted, now, good_for_s, since)
        return counted
    finally:
        lock.release()


def count(version: ModelVersion) -> Counts:
    """Count the rows in one statement, so that all counts are consistent.

    Pending is what is neither embedded nor failed. ModelVersion.waiting() gives the same set photo by photo, and
    counting that takes nine times as long (SQLite, 100,000 photos).
    """
    # The cast keeps SQLite from using the index on the digest, whose random access takes 0.4 s, instead of the key.
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
    """Return the status of the index that a search used, for its response. `pending` may be STALE_FOR_S old."""
    sequence = index.sequence
    return IndexStatus(vectors=len(index), sequence=sequence, pending=_soon_counted(version, sequence).pending)


def _soon_counted(version: ModelVersion, sequence: int) -> Counts:
    cached = _counted.get(version.pk)
    if cached is None:
        return counts(version, since=sequence)
    age_s = time.monotonic() - cached.made_at
    good_for_s = cached.good_for_s * (1 if sequence > cached.since else UNMOVED_FOR_TIMES)
    if age_s >= good_for_s and (
        age_s >= good_for_s + STALE_FOR_S
        or not after_response(("counts", version.pk), lambda: counts(version, since=sequence))
    ):
        return counts(version, since=sequence)
    return cached.counts
