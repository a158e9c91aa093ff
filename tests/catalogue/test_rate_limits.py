"""A window lets so many requests through, ends, and lets as many through again."""

from __future__ import annotations

import time
from typing import Any, cast
from uuid import uuid4

import pytest
from django.core.cache import cache

from catalogue import rate_limits
from catalogue.cache_trip import server
from catalogue.rate_limits import Limit, address_of, admit, count, limit_of_rate, network_of

pytestmark = pytest.mark.usefixtures("valkey")


def passes(*limits: Limit, cost: int = 1) -> bool:
    return admit(limits, cost=cost).allowed


def caller() -> str:
    return f"caller {uuid4()}"


def test_a_window_ends_and_the_next_lets_as_many_through() -> None:
    limit = Limit(caller(), 2, 1.0)

    first = [passes(limit) for _ in range(3)]
    time.sleep(1.1)
    second = [passes(limit) for _ in range(3)]

    assert first == second == [True, True, False]


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("unknown", "unknown"),
        ("", ""),
    ],
)
def test_who_has_a_network_is_one_caller(address: str, network: str) -> None:
    assert network_of(address) == network


def test_what_is_refused_does_not_put_off_the_end_of_the_window() -> None:
    limit = Limit(caller(), 1, 60.0)
    until = count(limit, 1).until

    refused = [passes(limit) for _ in range(3)]

    assert refused == [False] * 3
    assert count(limit, 1).until == pytest.approx(until, abs=0.05)


def test_no_key_of_a_window_outlasts_it(valkey: Any) -> None:
    """A key without an end would be a window that never ends, and memory that is never given back."""
    before = time.time()

    counter = count(Limit(caller(), 1, 60.0), 1)

    assert before + 60 <= counter.until <= time.time() + 60
    client = cast(Any, cache)._cache.get_client(None)
    lasting = {key.decode().split(":")[2]: client.ttl(key) for key in client.keys("*")}
    assert set(lasting) == {"asked"}
    assert 0 < lasting["asked"] <= 60


def test_all_limits_of_a_request_are_counted_in_one_trip(valkey: Any) -> None:
    def calls(command: str) -> int:
        return int(server().info("commandstats").get(f"cmdstat_{command}", {"calls": 0})["calls"])

    before = calls("exec"), calls("get")

    assert passes(Limit(caller(), 1, 60.0), Limit(caller(), 1, 60.0, spent=True))

    assert (calls("exec"), calls("get")) == (before[0] + 1, before[1])


def test_a_key_that_lost_its_end_has_one_again(valkey: Any) -> None:
    limit = Limit(caller(), 5, 60.0)
    key = cache.make_key(count(limit, 1).key)
    server().persist(key)

    count(limit, 1)

    assert 0 < server().ttl(key) <= 60


def test_the_wait_is_what_is_left_of_the_window() -> None:
    limit = Limit(caller(), 1, 60.0)
    passes(limit)

    wait = admit([limit]).wait_s

    assert wait is not None
    assert 58 < wait <= 60


@pytest.mark.parametrize(("cost", "through"), [(3, True), (4, False)])
def test_a_request_that_counts_as_several_is_let_through_up_to_the_most(cost: int, through: bool) -> None:
    limit = Limit(caller(), 5, 60.0)
    assert passes(limit, cost=2)

    assert passes(limit, cost=cost) is through

    # What was refused counts nowhere.
    assert passes(limit, cost=3) is not through


@pytest.mark.parametrize(
    ("rate", "most", "window_s"),
    [("60/min", 60, 60.0), ("5/s", 5, 1.0), ("1000/hour", 1_000, 3_600.0), ("10000/day", 10_000, 86_400.0)],
)
def test_a_rate_is_so_many_a_window(rate: str, most: int, window_s: float) -> None:
    assert limit_of_rate("who", rate) == Limit("who", most, window_s)
    assert (rate_limits.MINUTE_S, rate_limits.DAY_S) == (60.0, 86_400.0)


@pytest.mark.parametrize(
    ("proxies", "address"), [(0, "10.0.0.9"), (1, "10.0.0.2"), (2, "203.0.113.7"), (3, "1.1.1.1"), (9, "1.1.1.1")]
)
def test_proxies_are_believed_as_far_as_they_are_known(settings: Any, proxies: int, address: str) -> None:
    settings.PROXIES = proxies

    meta = {"REMOTE_ADDR": "10.0.0.9", "HTTP_X_FORWARDED_FOR": "1.1.1.1, 203.0.113.7,10.0.0.2"}

    assert address_of(meta) == address
    assert address_of({"REMOTE_ADDR": "10.0.0.9"}) == "10.0.0.9"
    assert address_of({}) == ""
