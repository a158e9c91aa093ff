"""Rate limit per host: few concurrent requests, a pause between two, and back-off for a host that is busy.

All state is in the cache that workers share and expires by itself, so a killed worker blocks others only briefly. While
the cache is down no slots are given: due sources stay in the database.
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
# A slot held longer than this belongs to a dead worker: a fetch takes 10 s at the most.
SLOT_EXPIRES_S = 60
# Expiry of the lock under which a slot is given: several keys are read and written, which takes milliseconds.
_LOCK_EXPIRES_S = 2
# Retry delay while all slots are taken.
_SOON_S = 0.1
# Back-off for a busy host: the first, which doubles each time, and the longest; then the longest Retry-After granted.
BACK_OFF_S, BACK_OFF_AT_MOST_S, RETRY_AFTER_AT_MOST_S = 30, 3_600, 86_400


@dataclass(frozen=True)
class Slot:
    """Permission to make one request; `release_slot` releases it."""

    key: str
    lease_token: str


@dataclass(frozen=True)
class NotNow:
    """No slot is free; try again in `wait_s` seconds."""

    wait_s: float


def acquire_slot(host: str) -> Slot | NotNow:
    """Acquire a slot for one request to `host`, if one is free."""
    try:
        if not cache.add(_key("deciding", host), 1, _LOCK_EXPIRES_S):
            return NotNow(_SOON_S)
        try:
            return _decide(host)
        finally:
            cache.delete(_key("deciding", host))
    except RedisError as error:
        logger.warning("the cache gives no slots: %s", error)
        return NotNow(SLOT_EXPIRES_S)


def release_slot(slot: Slot) -> None:
    with suppress(RedisError):
        # A slot that expired may belong to another worker by now.
        if cache.get(slot.key) == slot.lease_token:
            cache.delete(slot.key)


def back_off(host: str, asked_s: float | None) -> float:
    """Give no slots for a busy host for a while, longer each time. Returns the seconds."""
    seconds = min(asked_s or 0.0, RETRY_AFTER_AT_MOST_S)
    try:
        left = _next_slot(host) - time.time()
        if left > settings.FETCH_PAUSE_S:
            # In back-off already: refusals of concurrent requests count once, the longest Retry-After of them holds.
            if seconds > left:
                _rest(host, seconds)
            return max(left, seconds)
        key = _key("refusals", host)
        cache.add(key, 0, 2 * BACK_OFF_AT_MOST_S)
        times = cache.incr(key)
        seconds = max(seconds, min(BACK_OFF_S * 2.0 ** (times - 1), BACK_OFF_AT_MOST_S))
        _rest(host, seconds)
    except (RedisError, ValueError) as error:  # ValueError: the count expired in between.
        logger.warning("the cache does not note that %s is busy: %s", host, error)
        seconds = max(seconds, BACK_OFF_S)
    return seconds


def _rest(host: str, seconds: float) -> None:
    cache.set(_key("next", host), time.time() + seconds, int(seconds) + 1)


def was_answered(host: str) -> None:
    """Reset the back-off of a host that answered."""
    with suppress(RedisError):
        cache.delete(_key("refusals", host))


def _decide(host: str) -> Slot | NotNow:
    left = _next_slot(host) - time.time()
    if left > 0:
        return NotNow(left)
    lease_token = uuid4().hex
    for place in range(AT_ONCE):
        key = _key(f"slot-{place}", host)
        if cache.add(key, lease_token, SLOT_EXPIRES_S):
            cache.set(_key("next", host), time.time() + settings.FETCH_PAUSE_S, SLOT_EXPIRES_S)
            return Slot(key, lease_token)
    return NotNow(_SOON_S)


def _next_slot(host: str) -> float:
    return float(cache.get(_key("next", host), 0.0))


def _key(what: str, host: str) -> str:
    return f"host:{what}:{host}"
