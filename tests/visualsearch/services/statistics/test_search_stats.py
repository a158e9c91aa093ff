from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from tests.processes.valkey import Valkey
from visualsearch.models import SearchDay
from visualsearch.services import versions
from visualsearch.services.statistics import search_stats

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture(autouse=True)
def forget_server() -> None:
    search_stats.server.cache_clear()


@pytest.mark.usefixtures("valkey")
def test_searches_are_added_to_their_day() -> None:
    for match in ("close", "close", "weak", "none"):
        search_stats.count_search(match, {"total": 40}, versions.serving_version())
    assert search_stats.keep_counts() == 1
    search_stats.count_search("close", {"total": 4_000}, versions.serving_version())

    search_stats.keep_counts()

    day = SearchDay.objects.get()
    assert day.day == timezone.now().date()
    assert (day.close, day.weak, day.none, day.searches) == (3, 1, 1, 5)
    assert search_stats.keep_counts() == 0


@pytest.mark.usefixtures("valkey")
def test_counts_that_a_killed_worker_had_taken_are_added_once() -> None:
    search_stats.count_search("close", {"total": 40}, versions.serving_version())
    redis = search_stats.server()
    (key,) = redis.scan_iter(f"{search_stats.COUNTING}*")
    redis.rename(key, key.replace(search_stats.COUNTING, search_stats.TAKEN))
    search_stats.count_search("weak", {"total": 40}, versions.serving_version())

    search_stats.keep_counts()
    assert SearchDay.objects.get().close == 1
    # Killed after the row was written and before the counts were removed.
    redis.hset(
        key.replace(search_stats.COUNTING, search_stats.TAKEN),
        mapping={"batch": SearchDay.objects.get().batch, "close": 1},
    )
    search_stats.keep_counts()
    search_stats.keep_counts()

    assert (SearchDay.objects.get().close, SearchDay.objects.get().weak) == (1, 1)


def test_a_cache_that_is_down_costs_a_search_nothing(valkey: Valkey) -> None:
    valkey.stop()
    search_stats.count_search("close", {"total": 40}, versions.serving_version())


def test_the_share_without_a_result_and_the_slowest_of_twenty() -> None:
    days = [
        SearchDay(day=date(2026, 3, 1), close=10, none=5, durations={"50": 14, "104": 1}),
        SearchDay(day=date(2026, 3, 2), weak=5, durations={"50": 5}),
    ]

    summary = search_stats.summary_of(days)

    assert (summary.searches, summary.without_result, summary.p95_ms) == (20, 0.25, 50)
    assert search_stats.percentile(days, 1.0) == 104


def test_without_a_search_there_is_no_share() -> None:
    summary = search_stats.summary_of([SearchDay(day=date(2026, 3, 1))])
    assert (summary.searches, summary.without_result, summary.p95_ms) == (0, None, None)


def test_days_without_a_search_are_there_too() -> None:
    today = date(2026, 3, 10)
    SearchDay.objects.create(day=today - timedelta(days=2), close=4)

    days = search_stats.days_until(today, count=4)

    assert [(day.day.day, day.searches) for day in days] == [(7, 0), (8, 4), (9, 0), (10, 0)]


@pytest.mark.parametrize(("milliseconds", "bound"), [(0, 10), (10, 10), (10.1, 12), (50, 52), (10**9, 30_477)])
@pytest.mark.usefixtures("valkey")
def test_a_duration_is_counted_below_the_bound_that_it_does_not_pass(milliseconds: float, bound: int) -> None:
    search_stats.count_search("close", {"total": milliseconds}, versions.serving_version())
    search_stats.keep_counts()
    assert SearchDay.objects.get().durations == {str(bound): 1}
