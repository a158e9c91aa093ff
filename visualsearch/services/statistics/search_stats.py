"""Daily search statistics for staff: number of searches, quality of the best match, and latency histograms.

Counts are kept in the shared cache, since a search must not wait for a database write (write-behind); a task adds them
to the rows each minute. Neither visitors nor queries are recorded.
"""

from __future__ import annotations

import bisect
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import cast

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from redis import Redis
from redis.client import Pipeline
from redis.exceptions import ResponseError

from catalogue.cache_trip import send_later
from visualsearch.models import ModelVersion, SearchDay, VersionDay
from visualsearch.services.statistics import instruments

MATCHES = ("close", "weak", "none")
COUNTED_OF_VERSIONS = {*MATCHES, "compared", "agreed", "same_first", "failed"}
# Upper bounds of the histogram in milliseconds, each 20 % above the previous one: percentiles are accurate to 20 %.
BUCKETS_MS = [round(10 * 1.2**step) for step in range(45)]
TIMEOUT_S = 0.2
# Seconds after which counts that no worker fetched expire.
KEPT_S = 7 * 24 * 3600
COUNTING, TAKEN = "vitrine:searches:", "vitrine:searches-taken:"


@dataclass(frozen=True, slots=True)
class Summary:
    """Totals of some days. Shares are 0 to 1, None without a search; `p95_ms` is accurate to 20 %."""

    searches: int
    without_result: float | None
    p95_ms: int | None


@cache
def server() -> Redis:
    address = settings.CACHES["default"]["LOCATION"]
    return Redis.from_url(address, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S, decode_responses=True)


def count_search(match: str, timings_ms: Mapping[str, float], version: ModelVersion) -> None:
    """Count a search with a new photo that a version answered, for Prometheus and by day.

    `timings_ms` are milliseconds by stage, with "total". While the cache is down, daily counts are lost.
    """
    instruments.observe_search(match, timings_ms)
    own = f"v{version.pk}"
    # Without decoding and waiting, which do not depend on the version.
    engine_ms = timings_ms.get("inference", 0.0) + timings_ms.get("search", 0.0) + timings_ms.get("articles", 0.0)
    _count(match, f"ms:{bucket_of(timings_ms['total'])}", f"{own}:{match}", f"{own}:ms:{bucket_of(engine_ms)}")


def count_shadow(version: ModelVersion, *, overlap: float, same_first: bool, milliseconds: float) -> None:
    """Count a shadow comparison of a version; `overlap`, 0 to 1, is the share of results in common."""
    own = f"v{version.pk}"
    agreed = {f"{own}:agreed": round(1000 * overlap), f"{own}:same_first": int(same_first)}
    _count(f"{own}:compared", f"{own}:shadow_ms:{bucket_of(milliseconds)}", **agreed)


def count_shadow_failure(version: ModelVersion) -> None:
    _count(f"v{version.pk}:failed")


def bucket_of(milliseconds: float) -> int:
    """Return the smallest upper bound that is at least the duration."""
    return BUCKETS_MS[min(bisect.bisect_left(BUCKETS_MS, milliseconds), len(BUCKETS_MS) - 1)]


def _count(*names: str, **numbers: int) -> None:
    key = f"{COUNTING}{timezone.now():%Y-%m-%d}"

    def add_counts(pipeline: Pipeline) -> None:
        for name, number in (dict.fromkeys(names, 1) | numbers).items():
            pipeline.hincrby(key, name, number)
        pipeline.expire(key, KEPT_S)

    send_later(add_counts)


def keep_counts() -> int:
    """Add the cached counts to the rows, exactly once even if the process is killed. Returns the number of days."""
    redis = server()
    for key in redis.scan_iter(f"{COUNTING}*"):
        taken = key.replace(COUNTING, TAKEN)
        try:
            # Does nothing if a killed worker left counts under `taken`: those are added below, these next time.
            redis.renamenx(key, taken)
        except ResponseError:
            # Another worker took it.
            continue
    days = 0
    for taken in redis.scan_iter(f"{TAKEN}*"):
        redis.hsetnx(taken, "batch", secrets.token_hex(16))
        add(date.fromisoformat(taken.removeprefix(TAKEN)), cast(dict[str, str], redis.hgetall(taken)))
        redis.delete(taken)
        days += 1
    return days


@transaction.atomic
def add(day: date, counts: Mapping[str, str]) -> None:
    """Add counts to a day's row, unless it has the same batch already: idempotent."""
    SearchDay.objects.get_or_create(day=day)
    row = SearchDay.objects.select_for_update().get(day=day)
    if row.batch == counts["batch"]:
        return
    for name in MATCHES:
        setattr(row, name, getattr(row, name) + int(counts.get(name, 0)))
    for name, count in counts.items():
        kind, _, bound = name.partition(":")
        if kind == "ms":
            row.durations[bound] = row.durations.get(bound, 0) + int(count)
    add_to_versions(day, counts)
    row.batch = counts["batch"]
    row.save()


def add_to_versions(day: date, counts: Mapping[str, str]) -> None:
    """Add each version's counts to its row of the day. Counts of a version that was deleted are dropped."""
    by_version: dict[int, dict[str, int]] = {}
    for name, count in counts.items():
        own, _, rest = name.partition(":")
        if own.startswith("v") and own[1:].isdigit():
            by_version.setdefault(int(own[1:]), {})[rest] = int(count)
    for version in ModelVersion.objects.filter(pk__in=by_version):
        row, _ = VersionDay.objects.get_or_create(version=version, day=day)
        for name, more in by_version[version.pk].items():
            kind, _, bound = name.partition(":")
            if bound:
                buckets = row.shadow_durations if kind == "shadow_ms" else row.durations
                buckets[bound] = buckets.get(bound, 0) + more
            elif kind in COUNTED_OF_VERSIONS:
                setattr(row, kind, getattr(row, kind) + more)
        row.save()


def days_until(last: date, *, count: int) -> list[SearchDay]:
    """Return the `count` days up to the last, oldest first; a day without a search has an unsaved row of zeros."""
    first = last - timedelta(days=count - 1)
    rows = {row.day: row for row in SearchDay.objects.filter(day__gte=first, day__lte=last)}
    every = (first + timedelta(days=number) for number in range(count))
    return [rows.get(day) or SearchDay(day=day) for day in every]


def summary_of(days: Iterable[SearchDay]) -> Summary:
    days = list(days)
    searches = sum(day.searches for day in days)
    return Summary(
        searches=searches,
        without_result=sum(day.none for day in days) / searches if searches else None,
        p95_ms=percentile(days, 0.95),
    )


def percentile(days: Iterable[SearchDay], share: float) -> int | None:
    """Return the quantile `share` of the days' search durations, in milliseconds; None without a search."""
    return percentile_of((day.durations for day in days), share)


def percentile_of(durations: Iterable[Mapping[str, int]], share: float) -> int | None:
    """Return the quantile `share` of histograms, each counts by upper bound; None if all are empty."""
    counts: dict[int, int] = {}
    for buckets in durations:
        for bound, count in buckets.items():
            counts[int(bound)] = counts.get(int(bound), 0) + count
    rank = share * sum(counts.values())
    reached = 0
    for upper in sorted(counts):
        reached += counts[upper]
        if reached >= rank:
            return upper
    return None
