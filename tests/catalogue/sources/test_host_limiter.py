"""Turns at a host: few at once in all processes, a pause between, and none while it is busy."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import LazySettings
from django.core.cache import cache, close_caches

from catalogue.sources import host_limiter
from catalogue.sources.host_limiter import NotNow, Slot, acquire_slot, back_off, release_slot, was_answered
from tests.processes.valkey import Valkey


@pytest.fixture(autouse=True)
def no_pause(valkey: Valkey, settings: LazySettings) -> None:
    settings.FETCH_PAUSE_S = 0.0


def taken(host: str) -> Slot:
    slot = acquire_slot(host)
    assert isinstance(slot, Slot), slot
    return slot


def waits(host: str) -> float:
    slot = acquire_slot(host)
    assert isinstance(slot, NotNow), slot
    return slot.wait_s


def test_a_host_has_two_slots_and_each_host_its_own() -> None:
    first, _ = taken("a.example"), taken("a.example")

    assert waits("a.example") < 1
    taken("b.example")
    release_slot(first)
    taken("a.example")


def test_a_slot_that_nobody_gives_back_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host_limiter, "SLOT_EXPIRES_S", 1)
    lost, _ = taken("a.example"), taken("a.example")

    time.sleep(1.1)
    again = taken("a.example")
    # Whoever comes back from the dead takes nobody's slot away.
    release_slot(lost)
    taken("a.example")

    assert again.key == lost.key
    assert waits("a.example") < 1


def test_slots_that_many_take_at_once_are_two() -> None:
    def take(number: int) -> bool:
        try:
            return isinstance(acquire_slot("a.example"), Slot)
        finally:
            close_caches()

    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(take, range(40)))

    assert sum(got) <= host_limiter.AT_ONCE
    end = time.monotonic() + 5
    while sum(got) < host_limiter.AT_ONCE and time.monotonic() < end:
        got.append(take(0))
    assert sum(got) == host_limiter.AT_ONCE


def test_a_pause_lies_between_two_slots(settings: LazySettings) -> None:
    settings.FETCH_PAUSE_S = 0.5
    release_slot(taken("a.example"))

    assert 0 < waits("a.example") <= 0.5
    time.sleep(0.5)
    taken("a.example")


def test_a_busy_host_rests_twice_as_long_each_time_until_it_answers(valkey: Valkey) -> None:
    rests = []
    for _ in range(3):
        rests.append(back_off("a.example", None))
        assert waits("a.example") > rests[-1] - 1
        # Two that were asked at once are refused at once, which is one refusal.
        assert back_off("a.example", None) <= rests[-1]
        # The rest is over.
        cache.delete(host_limiter._key("next", "a.example"))
    was_answered("a.example")

    assert rests == [30, 60, 120]
    assert back_off("a.example", 100.0) == 100
    assert back_off("b.example", 1e9) == host_limiter.RETRY_AFTER_AT_MOST_S


def test_of_two_refusals_at_once_the_longer_wait_holds(valkey: Valkey) -> None:
    assert back_off("a.example", None) == 30
    assert back_off("a.example", 300.0) == 300

    assert 290 < waits("a.example") <= 300
    # A shorter one takes nothing back.
    assert back_off("a.example", 60.0) > 290
    assert waits("a.example") > 290


def test_without_a_cache_there_are_no_slots(valkey: Valkey) -> None:
    valkey.stop()

    assert waits("a.example") == host_limiter.SLOT_EXPIRES_S
    assert back_off("a.example", None) == host_limiter.BACK_OFF_S
