"""Who is given up when there are too many connections, and when a client is too slow."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from shop.http.connection_limits import (
    ConnectionLimits,
    Phase,
    displaced_by,
    displaced_by_bytes,
    is_too_slow,
    network_of,
)

LIMITS = ConnectionLimits(connections=4, per_network=2, held_bytes=100)


@dataclass(eq=False)
class Connection:
    network: str
    moved_at: float
    phase: Phase = Phase.IDLE
    held_bytes: int = 0


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("localhost", "localhost"),
    ],
)
def test_ipv6_addresses_of_one_subnet_are_one_client(address: str, network: str) -> None:
    assert network_of(address) == network


@pytest.mark.parametrize(
    ("waited_s", "silent_s", "moved_bytes", "too_slow"),
    [
        (9.0, 9.0, 0, False),
        (9.0, 10.1, 0, True),
        (10.1, 1.0, 900, True),
        (300.0, 1.0, 3_000_000, False),
        (311.0, 1.0, 3_000_000, True),
    ],
)
def test_a_client_has_ten_seconds_and_the_time_that_its_bytes_take(
    waited_s: float, silent_s: float, moved_bytes: int, *, too_slow: bool
) -> None:
    assert is_too_slow(waited_s=waited_s, silent_s=silent_s, moved_bytes=moved_bytes) is too_slow


def test_nobody_is_displaced_while_there_is_room() -> None:
    newest = Connection("a", 3)

    assert displaced_by(newest, [Connection("a", 1), Connection("b", 2), Connection("c", 2), newest], LIMITS) is None


def test_an_address_at_its_limit_loses_its_own_most_silent_connection() -> None:
    other, silent, lively, newest = (Connection(*one) for one in (("b", 0), ("a", 1), ("a", 2), ("a", 3)))

    assert displaced_by(newest, [other, lively, silent, newest], LIMITS) is silent


def test_an_address_all_of_whose_requests_are_worked_at_gets_no_further_connection() -> None:
    newest = Connection("a", 3)
    busy = [Connection("a", 1, Phase.BUSY), Connection("a", 2, Phase.BUSY)]

    assert displaced_by(newest, [*busy, newest], LIMITS) is newest


def test_an_answer_on_its_way_is_displaced_last() -> None:
    sending, half, newest = Connection("a", 0, Phase.SENDING), Connection("a", 1, Phase.RECEIVING), Connection("a", 2)

    assert displaced_by(newest, [sending, half, newest], LIMITS) is half
    half.phase = Phase.BUSY
    assert displaced_by(newest, [sending, half, newest], LIMITS) is sending


def test_where_there_is_no_limit_an_address_may_have_all() -> None:
    limits = ConnectionLimits(connections=4, per_network=0, held_bytes=100)
    connections = [Connection("a", number) for number in range(5)]

    assert displaced_by(connections[3], connections[:4], limits) is None
    assert displaced_by(connections[4], connections, limits) is connections[0]


def test_where_all_are_taken_the_address_with_most_loses_one() -> None:
    one, two, three = Connection("b", 0), Connection("a", 1), Connection("a", 2)
    busy, newest = Connection("c", 0, Phase.BUSY), Connection("d", 3)

    assert displaced_by(newest, [one, two, three, busy, newest], LIMITS) is two
    assert displaced_by(newest, [busy] * 4 + [newest], LIMITS) is newest


def test_who_holds_most_of_the_memory_loses_a_half_sent_request() -> None:
    whole = Connection("a", 0, Phase.BUSY, held_bytes=60)
    small = Connection("b", 0, Phase.RECEIVING, held_bytes=10)
    silent, lively = (Connection("c", at, Phase.RECEIVING, held_bytes=20) for at in (1, 2))

    assert displaced_by_bytes([whole, small, silent], LIMITS) is None
    assert displaced_by_bytes([whole, small, lively, silent], LIMITS) is silent
    assert displaced_by_bytes([whole, whole], LIMITS) is None
