"""The figures of the admin's dashboard and of /metrics: articles, index state, and searches by day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q
from django.utils import timezone

from catalogue.models import Article, ImportRun, PhotoSource
from visualsearch.exceptions import SearchUnavailableError
from visualsearch.models import SearchDay
from visualsearch.services import versions
from visualsearch.services.indexing import indexing, status
from visualsearch.services.monitoring import health
from visualsearch.services.statistics import search_stats
from visualsearch.services.statistics.search_stats import Summary

# Days of the plot, and of the summary beside it.
SHOWN_DAYS, RECENT_DAYS = 30, 7


@dataclass(frozen=True, slots=True)
class Articles:
    """Numbers of articles: all, hidden, and out of stock."""

    count: int
    hidden: int
    sold_out: int


@dataclass(frozen=True, slots=True)
class Searching:
    """The serving version and its index. `lag` is the number of changes since the newest snapshot."""

    model: str
    fallback: bool
    vectors: int
    pending: int
    failed: int
    lag: int


@dataclass(frozen=True, slots=True)
class Dashboard:
    """The figures of the admin's first page. `searching` is None while search by photo is unavailable.

    `stalled`: work is pending, but no worker has reconciled lately.
    """

    articles: Articles
    sources_waiting: int
    sources_failed: int
    searching: Searching | None
    days: list[SearchDay]
    recent: Summary
    now: datetime
    stalled: bool


def dashboard() -> Dashboard:
    """Return the present figures; those of searches are up to a minute old."""
    now = timezone.now()
    days = search_stats.days_until(now.date(), count=SHOWN_DAYS)
    sources_waiting = PhotoSource.objects.waiting().count()
    index_state = searching()
    pending = sources_waiting or (index_state is not None and index_state.pending)
    return Dashboard(
        articles=articles(),
        sources_waiting=sources_waiting,
        sources_failed=PhotoSource.objects.failed().count(),
        searching=index_state,
        days=days,
        recent=search_stats.summary_of(days[-RECENT_DAYS:]),
        now=now,
        stalled=bool(pending or ImportRun.objects.waiting().exists()) and not workers_answer(),
    )


def workers_answer() -> bool:
    """Return whether the last reconciliations are recent enough; False if the broker is down."""
    return health.workers_state() == "ok"


def articles() -> Articles:
    counts = Article.objects.order_by().aggregate(
        count=Count("pk"),
        hidden=Count("pk", filter=Q(published=False)),
        sold_out=Count("pk", filter=Q(stock=0)),
    )
    return Articles(**counts)


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
