"""Turns at a host: few at once in all processes, a pause between, and none while it is busy."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import LazySettings
from django.core.cache import cache, close_caches

from catalogue.sources import host_limiter
from catalogue.sources.host_limiter import NotNow, Slot, back_off, end_turn, take_turn, was_answered
from tests.processes.valkey import Valkey


@pytest.fixture(autouse=True)
def no_pause(valkey: Valkey, settings: LazySettings) -> None:
    settings.FETCH_PAUSE_S = 0.0


def taken(host: str) -> Slot:
    turn = take_turn(host)
    assert isinstance(turn, Slot), turn
    return turn


def waits(host: str) -> float:
    turn = take_turn(host)
    assert isinstance(turn, NotNow), turn
    return turn.wait_s


def test_a_host_has_two_turns_and_each_host_its_own() -> None:
    first, _ = taken("a.example"), taken("a.example")

    assert waits("a.example") < 1
    taken("b.example")
    end_turn(first)
    taken("a.example")


def test_a_turn_that_nobody_gives_back_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host_limiter, "TURN_S", 1)
    lost, _ = taken("a.example"), taken("a.example")

    time.sleep(1.1)
    again = taken("a.example")
    # Whoever comes back from the dead takes nobody's turn away.
    end_turn(lost)
    taken("a.example")

    assert again.key == lost.key
    assert waits("a.example") < 1


def test_turns_that_many_take_at_once_are_two() -> None:
    def take(number: int) -> bool:
        try:
            return isinstance(take_turn("a.example"), Slot)
        finally:
            close_caches()

    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(take, range(40)))

    assert sum(got) <= host_limiter.AT_ONCE
    end = time.monotonic() + 5
    while sum(got) < host_limiter.AT_ONCE and time.monotonic() < end:
        got.append(take(0))
    assert sum(got) == host_limiter.AT_ONCE


def test_a_pause_lies_between_two_turns(settings: LazySettings) -> None:
    settings.FETCH_PAUSE_S = 0.5
    end_turn(taken("a.example"))

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
    assert back_off("b.example", 1e9) == host_limiter.ASKED_AT_MOST_S


def test_without_a_cache_there_are_no_turns(valkey: Valkey) -> None:
    valkey.stop()

    assert waits("a.example") == host_limiter.TURN_S
    assert back_off("a.example", None) == host_limiter.REST_S
