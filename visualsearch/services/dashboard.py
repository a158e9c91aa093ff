"""How the shop is doing, for its staff: what is sold, what can be found, and what is searched for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone

from catalogue.import_models import ImportRun
from catalogue.models import Article, Photo, PhotoSource
from visualsearch.exceptions import SearchUnavailableError
from visualsearch.models import SearchDay
from visualsearch.services import counting, duplicates, indexing, status, versions
from visualsearch.services.counting import Summary

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
    """What the first page of the admin shows. `searching` is None while search by photo is down."""

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


def dashboard() -> Dashboard:
    """Return the numbers of this moment; those of searches are up to a minute old."""
    now = timezone.now()
    days = counting.days_until(now.date(), count=SHOWN_DAYS)
    return Dashboard(
        articles=articles(),
        photos=Photo.objects.count(),
        sources_waiting=PhotoSource.objects.waiting().count(),
        sources_failed=PhotoSource.objects.failed().count(),
        imports=ImportRun.objects.exclude(state__in=ImportRun.ENDED).count(),
        pairs=duplicates.open_pairs().count(),
        searching=searching(),
        days=days,
        recent=counting.summary_of(days[-RECENT_DAYS:]),
        now=now,
    )


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
