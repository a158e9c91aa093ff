"""How many searches a day, how near their best was, and how long they took: for the shop's own people.

Counted in the cache that all processes share, since a search must not wait for the database's only writer; a task adds
the counts to the rows each minute. Nothing is counted of who searched, or for what.
"""

from __future__ import annotations

import bisect
import logging
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
from redis.exceptions import RedisError, ResponseError

from visualsearch.models import SearchDay
from visualsearch.services import measured

logger = logging.getLogger(__name__)

MATCHES = ("close", "weak", "none")
# Upper bounds in milliseconds, each a fifth above the one before: a percentile is known to 20 %.
BUCKETS_MS = [round(10 * 1.2**step) for step in range(45)]
# A count that the cache does not take is not worth a search's time.
TIMEOUT_S = 0.2
# Counts that no worker fetches are forgotten after so long.
KEPT_S = 7 * 24 * 3600
COUNTING, TAKEN = "vitrine:searches:", "vitrine:searches-taken:"


@dataclass(frozen=True, slots=True)
class Summary:
    """The searches of some days. Shares are 0 to 1, and None where there was no search; `p95_ms` within 20 %."""

    searches: int
    without_result: float | None
    p95_ms: int | None


@cache
def server() -> Redis:
    address = settings.CACHES["default"]["LOCATION"]
    return Redis.from_url(address, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S, decode_responses=True)


def count_search(match: str, timings_ms: Mapping[str, float]) -> None:
    """Count a search with a new photo, for Prometheus and by day; "total" is how long it took.

    A cache that is down counts none by day.
    """
    measured.observe_search(match, timings_ms)
    milliseconds = timings_ms["total"]
    place = min(bisect.bisect_left(BUCKETS_MS, milliseconds), len(BUCKETS_MS) - 1)
    key = f"{COUNTING}{timezone.now():%Y-%m-%d}"
    try:
        with server().pipeline(transaction=False) as pipeline:
            pipeline.hincrby(key, match, 1)
            pipeline.hincrby(key, f"ms:{BUCKETS_MS[place]}", 1)
            pipeline.expire(key, KEPT_S)
            pipeline.execute()
    except (RedisError, OSError, ValueError) as error:
        # Down, or another cache than Redis.
        logger.debug("a search is not counted: %s", error)


def keep_counts() -> int:
    """Add what was counted to the rows, each count once whatever is killed when. Returns how many days had any."""
    redis = server()
    for key in redis.scan_iter(f"{COUNTING}*"):
        taken = key.replace(COUNTING, TAKEN)
        try:
            # What a killed worker took and did not add is added first, below; this is left for the next time.
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
    """Add counts to a day's row, unless the same batch is in it already."""
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
    row.batch = counts["batch"]
    row.save()


def days_until(last: date, *, count: int) -> list[SearchDay]:
    """Return so many days up to the last, oldest first; a day without a search has a row that is not saved."""
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
    """Return the milliseconds that a share of the days' searches took at most; None where there was none."""
    counts: dict[int, int] = {}
    for day in days:
        for bound, count in day.durations.items():
            counts[int(bound)] = counts.get(int(bound), 0) + count
    wanted = share * sum(counts.values())
    reached = 0
    for bound in sorted(counts):
        reached += counts[bound]
        if reached >= wanted:
            return bound
    return None
