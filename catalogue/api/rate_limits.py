"""How often a caller may ask. Counted in the cache that all processes share, by commands that no two mix up.

REST framework's own throttles read a list and write it back, so that of two requests at once one is not counted.
"""

from __future__ import annotations

import logging
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from django.core.cache import cache
from django.utils.crypto import salted_hmac
from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

logger = logging.getLogger(__name__)

MINUTE_S, DAY_S = 60.0, 86_400.0
SECONDS_OF = {"s": 1.0, "m": MINUTE_S, "h": 3_600.0, "d": DAY_S}


@dataclass(frozen=True, slots=True)
class Limit:
    """So many a window, which begins with a caller's first request. `who` names the caller and what is counted."""

    who: str
    most: int
    window_s: float


def limit_of_rate(who: str, rate: str) -> Limit:
    """Return the limit that a setting writes as 60/min, 5/s, 1000/hour or 10000/day."""
    number, _, period = rate.partition("/")
    return Limit(who, int(number), SECONDS_OF[period[0]])


class WindowThrottle(BaseThrottle, ABC):
    """Lets a request through that exceeds none of its limits. A cache that is down lets all pass: the shop sells on."""

    _wait_s: float | None = None
    _counted: Sequence[Counter] = ()

    @abstractmethod
    def limits(self, request: Request) -> list[Limit]:
        """Return what the caller may at the most."""

    def cost(self, request: Request) -> int:
        """Return as how many the request counts."""
        return 1

    def allow_request(self, request: Request, view: APIView) -> bool:
        cost = self.cost(request)
        try:
            self._counted = [count(limit, cost) for limit in self.limits(request)]
            too_many = [counter for counter in self._counted if counter.asked > counter.most]
            if too_many:
                # What is refused counts nowhere: the day's quota must not use up the minute's.
                self.take_back(cost)
        except RedisError as error:
            logger.warning("requests are not counted, the cache does not answer: %s", error)
            return True
        self._wait_s = max((counter.wait_s() for counter in too_many), default=None)
        return not too_many

    def take_back(self, cost: int) -> None:
        """Have a request that was let through count nowhere, since it was refused for something else."""
        counted, self._counted = self._counted, ()
        with suppress(RedisError):
            for counter in counted:
                counter.take_back(cost)

    def wait(self) -> float | None:
        return self._wait_s


@dataclass(frozen=True, slots=True)
class Counter:
    """A limit's window: what was asked in it until now, and the time (Unix, s) when it ends."""

    key: str
    asked: int
    most: int
    until: float

    def take_back(self, cost: int) -> None:
        # A window that ended in between has forgotten what was counted.
        with suppress(ValueError):
            cache.decr(self.key, cost)

    def wait_s(self) -> float:
        return max(self.until - time.time(), 1.0)


def count(limit: Limit, cost: int) -> Counter:
    """Count a request and return what that makes. Raises RedisError if the cache does not answer."""
    now = time.time()
    # A proxy may name any text as a client's address. And addresses are in no key that somebody could list.
    who = salted_hmac("throttle", limit.who, algorithm="sha256").hexdigest()
    until = cache.get_or_set(f"window:{who}", now + limit.window_s, limit.window_s) or now
    key = f"asked:{who}:{until}"
    cache.add(key, 0, limit.window_s + 1)
    try:
        asked = cache.incr(key, cost)
    except ValueError:
        # The window ended in between.
        asked = 0
    return Counter(key, asked, limit.most, until)
