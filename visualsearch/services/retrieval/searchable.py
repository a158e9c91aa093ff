"""Which articles a search can show: published ones with a photo that has an embedding. Their filters are counted."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.db.models import TextField
from django.db.models.functions import Cast

from catalogue.after_response import after_response
from catalogue.browsing.offers import Offer, published_offer
from catalogue.models import Article
from catalogue.models.querysets import ArticleQuerySet
from visualsearch.models import ModelVersion, PhotoEmbedding

# Finding the articles that cannot be shown takes 0.5 s for 100,000 articles with 219,000 photos (SQLite), so they are
# cached for this many times as long as that took: it then takes 5 % of the time at the most.
CACHED_FOR_TIMES = 20
# What takes less is cached for so many times as long as an index may be old: a second.
CACHED_FROM_S, CACHED_REFRESHES = 0.05, 5
# So many times as long a request takes what is cached, and has it found anew after its response. Less often by the
# other factor while the log does not move on: only publishing and hiding articles change it then.
STALE_FOR_TIMES, UNMOVED_FOR_TIMES = 5, 5
# More than these are left out by a subquery: a list of ids is faster, but below SQLite's limit of parameters.
IDS_AT_MOST = 2_000

# By epoch of the model version.
_cached: dict[str, CachedIds] = {}
_locks: dict[str, threading.Lock] = {}


@dataclass(frozen=True, slots=True)
class CachedIds:
    """Published articles that cannot be shown, None if they are more than IDS_AT_MOST, and how many can be.

    Found at a time (time.monotonic()) at which the log's head was `head`, and good for so many seconds.
    """

    ids: list[int] | None
    count: int
    found_at: float
    good_for_s: float
    head: int


def searchable_articles(version: ModelVersion) -> ArticleQuerySet:
    """Return the published articles that a search with this version can show.

    Of a large shop, articles whose photos were embedded or removed in the last seconds may be missing or too many.
    """
    return _without(version, _hidden(version).ids)


def count_searchable(version: ModelVersion) -> int:
    """Return how many articles a search with this version can show, as `searchable_articles` has them."""
    return _hidden(version).count


def _without(version: ModelVersion, hidden: list[int] | None) -> ArticleQuerySet:
    published = Article.objects.published()
    return published.filter(pk__in=_embedded(version)) if hidden is None else published.exclude(pk__in=hidden)


def searchable_offer(version: ModelVersion) -> Offer:
    """Return the same as an offer, whose filters are counted."""
    offer, hidden = published_offer(), _hidden(version).ids
    table = offer.table
    if hidden is None:
        shown = _without(version, None).order_by().values_list("pk", flat=True)
        return replace(offer, among=table.with_ids(shown))
    return replace(offer, among=~table.with_ids(hidden))


def _hidden(version: ModelVersion) -> CachedIds:
    """Return the published articles that cannot be shown, as they were lately: see CachedIds."""
    cached = _cached.get(version.epoch)
    if cached is None:
        return _find(version)
    age_s = time.monotonic() - cached.found_at
    good_for_s = cached.good_for_s * (1 if version.head > cached.head else UNMOVED_FOR_TIMES)
    if age_s >= good_for_s and (
        age_s >= STALE_FOR_TIMES * good_for_s
        or not after_response(("searchable", version.epoch), lambda: _find(version))
    ):
        return _find(version)
    return cached


def _find(version: ModelVersion) -> CachedIds:
    """Find the published articles that cannot be shown. While one thread does, others get those found before."""
    lock = _locks.setdefault(version.epoch, threading.Lock())
    if not lock.acquire(blocking=version.epoch not in _cached):
        return _cached[version.epoch]
    try:
        started = time.monotonic()
        hidden = Article.objects.published().exclude(pk__in=_embedded(version)).order_by()
        found = list(hidden.values_list("pk", flat=True)[: IDS_AT_MOST + 1])
        ids = None if len(found) > IDS_AT_MOST else found
        count = _without(version, ids).order_by().count()
        now = time.monotonic()
        took_s = now - started
        good_for_s = (
            CACHED_FOR_TIMES * took_s if took_s >= CACHED_FROM_S else CACHED_REFRESHES * settings.INDEX_REFRESH_S
        )
        cached = CachedIds(ids, count, now, good_for_s, version.head)
        _cached[version.epoch] = cached
        return cached
    finally:
        lock.release()


def _embedded(version: ModelVersion) -> Any:
    """Return the articles of all photos that have an embedding of their present bytes, as a subquery."""
    # Without the cast SQLite reads the photos through the index on their digest, whose random access is slow.
    present = Cast("photo__sha256", TextField())
    return PhotoEmbedding.objects.filter(model_version=version, photo_sha256=present).values("photo__article")
