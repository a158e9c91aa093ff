"""Turns at other people's servers: few at once, a pause between two, and a rest for a host that asks for one.

All of it is kept in the cache that the workers share and expires by itself, so a worker that is killed holds nothing
up for long. A cache that is down gives no turns: what waits is in the database, and waits.
"""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from dataclasses import dataclass
from uuid import uuid4

from django.conf import settings
from django.core.cache import cache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

AT_ONCE = 2
# Whoever holds a turn longer than this has died: a fetch takes 10 s at the most.
TURN_S = 60
# What decides on a turn reads and writes several keys, which takes milliseconds, and nobody else may meanwhile.
_DECIDING_S = 2
# How soon to ask again when others hold all turns.
_SOON_S = 0.1
# A busy host is left alone for so long, twice as long each time, and never longer than the second; what it asks for
# itself is granted up to the third.
REST_S, REST_AT_MOST_S, ASKED_AT_MOST_S = 30, 3_600, 86_400


@dataclass(frozen=True)
class Slot:
    """A turn that was given, to be given back by `end_turn`."""

    key: str
    lease_token: str


@dataclass(frozen=True)
class NotNow:
    """No turn was given; the next may be in so many seconds."""

    wait_s: float


def take_turn(host: str) -> Slot | NotNow:
    """Take one of the host's turns, if there is one."""
    try:
        if not cache.add(_key("deciding", host), 1, _DECIDING_S):
            return NotNow(_SOON_S)
        try:
            return _decide(host)
        finally:
            cache.delete(_key("deciding", host))
    except RedisError as error:
        logger.warning("the cache gives no turns: %s", error)
        return NotNow(TURN_S)


def end_turn(slot: Slot) -> None:
    with suppress(RedisError):
        # One that expired may be another's by now.
        if cache.get(slot.key) == slot.lease_token:
            cache.delete(slot.key)


def back_off(host: str, asked_s: float | None) -> float:
    """Give no turns at a busy host for a while, longer each time. Returns for how many seconds."""
    seconds = min(asked_s or 0.0, ASKED_AT_MOST_S)
    try:
        left = _next_turn(host) - time.time()
        if left > settings.FETCH_PAUSE_S:
            # It rests already: two that were asked at once are refused at once.
            return max(left, seconds)
        key = _key("refusals", host)
        cache.add(key, 0, 2 * REST_AT_MOST_S)
        times = cache.incr(key)
        seconds = max(seconds, min(REST_S * 2.0 ** (times - 1), REST_AT_MOST_S))
        cache.set(_key("next", host), time.time() + seconds, int(seconds) + 1)
    except (RedisError, ValueError) as error:  # ValueError: the count expired in between.
        logger.warning("the cache does not note that %s is busy: %s", host, error)
        seconds = max(seconds, REST_S)
    return seconds


def was_answered(host: str) -> None:
    """Note that a host is no longer busy."""
    with suppress(RedisError):
        cache.delete(_key("refusals", host))


def _decide(host: str) -> Slot | NotNow:
    left = _next_turn(host) - time.time()
    if left > 0:
        return NotNow(left)
    lease_token = uuid4().hex
    for place in range(AT_ONCE):
        key = _key(f"turn-{place}", host)
        if cache.add(key, lease_token, TURN_S):
            cache.set(_key("next", host), time.time() + settings.FETCH_PAUSE_S, TURN_S)
            return Slot(key, lease_token)
    return NotNow(_SOON_S)


def _next_turn(host: str) -> float:
    return float(cache.get(_key("next", host), 0.0))


def _key(what: str, host: str) -> str:
    return f"host:{what}:{host}"
