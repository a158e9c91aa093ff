"""Time-outs, lock expiries and retention periods."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from django.core.cache import cache

from catalogue import cache_trip
from lab.harness.trial_shop import patience_s
from tests.visualsearch.stored import Clock
from visualsearch import tasks
from visualsearch.models import ModelVersion
from visualsearch.services.indexing import status
from visualsearch.services.indexing.status import Counts
from visualsearch.services.monitoring import health
from visualsearch.services.statistics import search_stats


@pytest.fixture
def frozen(tmp_path: Path, settings: Any) -> Iterator[None]:
    """A broker and cache that takes connections and never answers."""
    address = tmp_path / "frozen.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(address))
        listener.listen()
        settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": f"unix://{address}"}}
        search_stats.server.cache_clear()
        yield
    search_stats.server.cache_clear()


@pytest.mark.usefixtures("frozen")
def test_a_cache_that_is_frozen_costs_a_search_a_moment() -> None:
    started = time.monotonic()

    search_stats.count_shadow_failure(ModelVersion(pk=1))

    assert cache_trip.TIMEOUT_S <= time.monotonic() - started < patience_s(5 * cache_trip.TIMEOUT_S + 1)


@pytest.mark.usefixtures("frozen")
def test_a_broker_that_is_frozen_is_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "BROKER_TIMEOUT_S", 0.1)
    started = time.monotonic()

    assert health.broker_state() == "down"

    assert 0.1 <= time.monotonic() - started < patience_s(2)


def lasting(pattern: str) -> dict[str, int]:
    """Return for how many seconds keys of the cache last."""
    client = cast(Any, cache)._cache.get_client(None)
    return {key.decode().split(":", 2)[-1]: client.ttl(key) for key in client.keys(pattern)}


@pytest.mark.usefixtures("valkey")
def test_counts_that_no_worker_fetches_are_kept_a_week() -> None:
    search_stats.server.cache_clear()

    search_stats.count_shadow_failure(ModelVersion(pk=1))

    client = search_stats.server()
    (key,) = client.scan_iter(f"{search_stats.COUNTING}*")
    assert search_stats.KEPT_S - 60 < client.ttl(key) <= search_stats.KEPT_S == 7 * 24 * 3_600


@pytest.mark.usefixtures("valkey")
def test_of_tasks_of_one_name_one_runs_until_it_ends_or_its_lock_does() -> None:
    with tasks.only_one("made", expiry_s=100) as first:
        with tasks.only_one("made", expiry_s=100) as second:
            assert (first, second) == (True, False)
        assert {name: 90 < seconds <= 100 for name, seconds in lasting("*only-one*").items()} == {"only-one:made": True}
    with tasks.only_one("made", expiry_s=1) as dead:
        time.sleep(1.1)
        with tasks.only_one("made", expiry_s=1) as third:
            assert (dead, third) == (True, True)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Clock, list[float]]]:
    """A clock, and when something was counted by it; counting takes as long as the last entry of the other list."""
    clock, when = Clock(), []

    def count(version: ModelVersion) -> Counts:
        when.append(clock.now)
        clock.now += took[0]
        return Counts(len(when), 0)

    took = [0.0]
    monkeypatch.setattr(status, "time", clock)
    monkeypatch.setattr(status, "count", count)
    yield clock, took
    status._counted.clear()


@pytest.mark.parametrize(("took_s", "good_for_s"), [(0.0, 1.0), (0.05, 1.0), (0.1, 2.0), (3.0, 60.0)])
def test_counts_are_good_for_a_second_or_twenty_times_as_long_as_counting_takes(
    counted: tuple[Clock, list[float]], took_s: float, good_for_s: float
) -> None:
    clock, took = counted
    version, took[0] = ModelVersion(pk=1), took_s
    seen = [status.counts(version).pending]
    done = clock.now

    for clock.now in (done + good_for_s - 0.01, done + good_for_s + 0.01):
        seen.append(status.counts(version).pending)

    assert seen == [1, 1, 2]
