"""Which articles a search can show: published ones with a photo that has an embedding. Their filters are counted."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Any

from django.db.models import TextField
from django.db.models.functions import Cast

from catalogue.models import Article
from catalogue.models.querysets import ArticleQuerySet
from visualsearch.models import ModelVersion, PhotoEmbedding

# Finding the articles that cannot be shown takes 0.5 s for 100,000 articles with 219,000 photos (SQLite), so they are
# cached for this many times as long as that took: it then takes 5 % of the time at the most.
CACHED_FOR_TIMES = 20
# What takes less is not cached. A small shop's counts are exact at any moment.
CACHED_FROM_S = 0.05
# More than these are left out by a subquery: a list of ids is faster, but below SQLite's limit of parameters.
IDS_AT_MOST = 2_000

# By epoch of the model version.
_cached: dict[str, CachedIds] = {}
_locks: dict[str, threading.Lock] = {}


@dataclass(frozen=True, slots=True)
class CachedIds:
    """Published articles that cannot be shown, None if they are more than IDS_AT_MOST; and when the cache expires."""

    ids: list[int] | None
    until: float


def searchable_articles(version: ModelVersion) -> ArticleQuerySet:
    """Return the published articles that a search with this version can show.

    Of a large shop, articles whose photos were embedded or removed in the last seconds may be missing or too many.
    """
    hidden = _hidden_ids(version)
    published = Article.objects.published()
    return published.filter(pk__in=_embedded(version)) if hidden is None else published.exclude(pk__in=hidden)


def _hidden_ids(version: ModelVersion) -> list[int] | None:
    """Return the published articles that cannot be shown; None if they are many.

    While one thread reads them, others get those read before.
    """
    cached = _cached.get(version.epoch)
    if cached is not None and time.monotonic() < cached.until:
        return cached.ids
    lock = _locks.setdefault(version.epoch, threading.Lock())
    if not lock.acquire(blocking=cached is None):
        return _cached[version.epoch].ids
    try:
        started = time.monotonic()
        hidden = Article.objects.published().exclude(pk__in=_embedded(version)).order_by()
        ids = list(hidden.values_list("pk", flat=True)[: IDS_AT_MOST + 1])
        now = time.monotonic()
        took_s = now - started
        until = now + CACHED_FOR_TIMES * took_s if took_s >= CACHED_FROM_S else now
        _cached[version.epoch] = CachedIds(None if len(ids) > IDS_AT_MOST else ids, until)
        return _cached[version.epoch].ids
    finally:
        lock.release()


def _embedded(version: ModelVersion) -> Any:
    """Return the articles of all photos that have an embedding of their present bytes, as a subquery."""
    # Without the cast SQLite reads the photos through the index on their digest, whose random access is slow.
    present = Cast("photo__sha256", TextField())
    return PhotoEmbedding.objects.filter(model_version=version, photo_sha256=present).values("photo__article")
