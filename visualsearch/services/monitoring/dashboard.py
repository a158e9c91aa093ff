"""How the shop is doing, for its staff: what is sold, what can be found, and what is searched for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone
from redis.exceptions import RedisError

from catalogue.models import Article, ImportRun, Photo, PhotoSource
from visualsearch.exceptions import SearchUnavailableError
from visualsearch.models import SearchDay
from visualsearch.services import duplicates, versions
from visualsearch.services.indexing import indexing, status
from visualsearch.services.monitoring import diagnosis
from visualsearch.services.statistics import search_stats
from visualsearch.services.statistics.search_stats import Summary

# Days of the plot, and of the numbers beside it.
SHOWN_DAYS, RECENT_DAYS = 30, 7


@dataclass(frozen=True, slots=True)
class Articles:
    """Articles: all, hidden, out of stock, and without a photo."""

    count: int
    hidden: int
    sold_out: int
    without_photo: int


@dataclass(frozen=True, slots=True)
class Searching:
    """The version that serves, and what it finds. `lag` is how many changes its newest snapshot is behind."""

    model: str
    fallback: bool
    vectors: int
    pending: int
    failed: int
    lag: int


@dataclass(frozen=True, slots=True)
class Dashboard:
    """What the first page of the admin shows. `searching` is None while search by photo is down.

    `stalled`: something waits for the workers, and none of them answers.
    """

    articles: Articles
    photos: int
    sources_waiting: int
    sources_failed: int
    imports: int
    pairs: int
    searching: Searching | None
    days: list[SearchDay]
    recent: Summary
    now: datetime
    stalled: bool


def dashboard() -> Dashboard:
    """Return the numbers of this moment; those of searches are up to a minute old."""
    now = timezone.now()
    days = search_stats.days_until(now.date(), count=SHOWN_DAYS)
    sources_waiting = PhotoSource.objects.waiting().count()
    imports = ImportRun.objects.exclude(state__in=ImportRun.ENDED).count()
    found = searching()
    waits = sources_waiting or imports or (found is not None and found.pending)
    return Dashboard(
        articles=articles(),
        photos=Photo.objects.count(),
        sources_waiting=sources_waiting,
        sources_failed=PhotoSource.objects.failed().count(),
        imports=imports,
        pairs=duplicates.open_pairs().count(),
        searching=found,
        days=days,
        recent=search_stats.summary_of(days[-RECENT_DAYS:]),
        now=now,
        stalled=bool(waits) and not workers_answer(),
    )


def workers_answer() -> bool:
    """Return whether a worker looked for what waits when it should have. Without a broker none can."""
    try:
        return not diagnosis.workers_late(diagnosis.since_sweep_s())
    except RedisError:
        return False


def articles() -> Articles:
    counts = Article.objects.order_by().aggregate(
        count=Count("pk"),
        hidden=Count("pk", filter=Q(published=False)),
        sold_out=Count("pk", filter=Q(stock=0)),
    )
    bare = Article.objects.filter(~Exists(Photo.objects.filter(article=OuterRef("pk")))).count()
    return Articles(**counts, without_photo=bare)


def searching() -> Searching | None:
    try:
        version = versions.serving_version()
        model = versions.get_model(version)
        index = indexing.fresh_index(version)
    except SearchUnavailableError:
        return None
    counted = status.counts(version)
    return Searching(
        model=f"{model.card.name} {model.card.version}",
        fallback=model.fallback,
        vectors=len(index),
        pending=counted.pending,
        failed=counted.failed,
        lag=max(index.sequence - index.snapshot_sequence, 0),
    )
