"""How often a caller may ask, and what that may cost. Counted in the cache that all processes share, atomically.

REST framework's own throttles read a list and write it back, so that of two requests at once one is not counted. All
limits of a request are counted in one trip to the cache: each command by Django's cache takes 0.3 ms of a processor.

An address may what `settings.RATE_LIMITS` says, an API client what its row says: so much of each `Rate` that some app
registers, which is where its window and its usual quota are declared.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.cache import cache
from django.utils.crypto import salted_hmac
from redis.exceptions import RedisError

from catalogue.cache_trip import send_later, server
from catalogue.models import ApiClient

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise
    from redis.client import Pipeline

logger = logging.getLogger(__name__)

MINUTE_S, DAY_S = 60.0, 86_400.0
SECONDS_OF = {"s": 1.0, "m": MINUTE_S, "h": 3_600.0, "d": DAY_S}


@dataclass(frozen=True, slots=True)
class Limit:
    """So many a window, which begins with a caller's first request. `who` names the caller and what is counted.

    `spent`: what is counted is known afterwards only, and told by `spend`. Until then, a request is let through while
    anything is left.
    """

    who: str
    most: int
    window_s: float
    spent: bool = False

    def is_exceeded(self, counted: int) -> bool:
        return counted >= self.most if self.spent else counted > self.most

    def in_milliseconds(self) -> Limit:
        """Return the limit, so many seconds, as one of milliseconds that are spent."""
        return Limit(self.who, self.most * 1_000, self.window_s, spent=True)


@dataclass(frozen=True, slots=True)
class Rate:
    """A quota that staff set of each API client; `default` where they have not. `name` is its key in `rates`."""

    name: str
    label: StrPromise
    window_s: float
    default: int
    help_text: StrPromise | str = ""

    def quota_of(self, client: ApiClient) -> int:
        return int(client.rates.get(self.name, self.default))

    def limit_of(self, client: ApiClient) -> Limit:
        return Limit(f"{self.name} of {client.pk}", self.quota_of(client), self.window_s)


# By name, in the order in which apps registered them.
RATES: dict[str, Rate] = {}


def register_rate(rate: Rate) -> Rate:
    """Have staff set this rate of every API client."""
    RATES[rate.name] = rate
    return rate


def limit_of_rate(who: str, rate: str) -> Limit:
    """Return the limit that a setting writes as 60/min, 5/s, 1000/hour or 10000/day."""
    number, _, period = rate.partition("/")
    return Limit(who, int(number), SECONDS_OF[period[0]])


def limits_of_address(name: str, address: str) -> list[Limit]:
    """Return the limit that settings' rate of this name sets for an address, none where there is no rate."""
    rate: str | None = settings.RATE_LIMITS.get(name)
    return [limit_of_rate(f"{name} of {network_of(address)}", rate)] if rate else []


def network_of(address: str) -> str:
    """Return what counts as one caller: an IPv6 address' /64, which a connection has whole, else the address."""
    try:
        given = ip_address(address)
    except ValueError:
        # What a proxy names.
        return address
    if given.version == 4:
        return str(given)
    return str(given.ipv4_mapped or ip_network((int(given) >> 64 << 64, 64)))


def address_of(meta: Mapping[str, Any]) -> str:
    """Return the address that a request comes from, past the proxies that settings.PROXIES counts. `meta`: its META."""
    forwarded = str(meta.get("HTTP_X_FORWARDED_FOR", ""))
    if not settings.PROXIES or not forwarded:
        return str(meta.get("REMOTE_ADDR") or "")
    # Each proxy adds the address that it was asked from at the end; what is before those, a client may have made up.
    addresses = forwarded.split(",")
    return str(addresses[-min(settings.PROXIES, len(addresses))]).strip()


@dataclass(frozen=True, slots=True)
class Admission:
    """What became of a request: refused where `wait_s` says when to come back, else let through and counted."""

    wait_s: float | None = None
    counters: tuple[Counter, ...] = ()

    @property
    def allowed(self) -> bool:
        return self.wait_s is None

    def take_back(self) -> None:
        """Have a request that was let through count nowhere, since it was refused for something else."""
        with suppress(RedisError):
            for counter in self.counters:
                counter.take_back()


def admit(limits: Iterable[Limit], *, cost: int = 1) -> Admission:
    """Count a request, which counts as `cost` of them, and let it through if it exceeds none of its limits.

    What is refused counts nowhere: the day's quota must not use up the minute's. A cache that is down lets all pass:
    the shop sells on.
    """
    try:
        counters = count_all([(limit, 0 if limit.spent else cost) for limit in limits])
        exceeded = [counter for counter in counters if counter.limit.is_exceeded(counter.asked)]
    except RedisError as error:
        logger.warning("requests are not counted, the cache does not answer: %s", error)
        return Admission()
    admission = Admission(max((one.wait_s() for one in exceeded), default=None), tuple(counters))
    if not admission.allowed:
        admission.take_back()
    return admission


def spend(limits: Iterable[Limit], amount: int) -> None:
    """Count what a request turned out to cost, which only those after it are refused for: once it is answered."""
    costs = [(limit, amount) for limit in limits]
    if costs:
        keys = _keys(costs)
        send_later(lambda pipeline: _add(pipeline, keys, costs), lambda answers: _counters(keys, costs, answers))


@dataclass(frozen=True, slots=True)
class Counter:
    """A limit's window: what was asked in it until now, this request's `cost` included; and when it ends (Unix, s).

    `key` is the cache's.
    """

    key: str
    asked: int
    limit: Limit
    until: float
    cost: int

    def take_back(self) -> None:
        # A window that ended in between has forgotten what was counted.
        with suppress(ValueError):
            cache.decr(self.key, self.cost)

    def wait_s(self) -> float:
        return max(self.until - time.time(), 1.0)


def count(limit: Limit, cost: int) -> Counter:
    """Count a request and return what that makes. Raises RedisError if the cache does not answer."""
    return count_all([(limit, cost)])[0]


def count_all(costs: Sequence[tuple[Limit, int]]) -> list[Counter]:
    """Count a request in each limit as its cost, in one transaction, and return what that makes.

    Raises RedisError if the cache does not answer.
    """
    if not costs:
        return []
    keys = _keys(costs)
    with server().pipeline() as pipeline:
        _add(pipeline, keys, costs)
        return _counters(keys, costs, pipeline.execute())


def _keys(costs: Sequence[tuple[Limit, int]]) -> list[str]:
    # A proxy may name any text as a client's address. And addresses are in no key that somebody could list.
    return [f"asked:{salted_hmac('throttle', limit.who, algorithm='sha256').hexdigest()}" for limit, _ in costs]


def _add(pipeline: Pipeline, keys: Sequence[str], costs: Sequence[tuple[Limit, int]]) -> None:
    for key, (limit, cost) in zip(keys, costs, strict=True):
        stored = cache.make_key(key)
        # A window begins with the first request: its key is not there before.
        pipeline.set(stored, 0, px=_milliseconds(limit), nx=True)
        pipeline.incrby(stored, cost)
        pipeline.pttl(stored)


def _counters(keys: Sequence[str], costs: Sequence[tuple[Limit, int]], answers: Sequence[Any]) -> list[Counter]:
    """Return what the answers to `_add` say of each limit."""
    now = time.time()
    counters = [
        Counter(key, asked, limit, now + left_ms / 1000, cost)
        for key, (limit, cost), asked, left_ms in zip(keys, costs, answers[1::3], answers[2::3], strict=True)
    ]
    for counter in counters:
        if counter.until < now:
            # The last window ended within the transaction. Without an end, this one would never end.
            server().pexpire(cache.make_key(counter.key), _milliseconds(counter.limit))
    return counters


def _milliseconds(limit: Limit) -> int:
    return round(limit.window_s * 1000)
