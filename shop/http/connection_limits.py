"""How many connections an address may have open, how slow a client may be, and who is given up when there are too many.

Nothing here knows a socket: `shop.http.channels` and `shop.http.server` ask, and act on it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum, auto
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Protocol, TypeVar

# A client may send nothing, or read nothing of its answer, for SILENT_AT_MOST_S. For a whole request or answer it has
# GRACE_S and the time of its bytes at the slowest rate: 3 MB may take five minutes.
SILENT_AT_MOST_S = 10.0
GRACE_S = 10.0
SLOWEST_BYTES_PER_S = 10_000
# Whoever has one IPv6 address usually has the 18 quintillion of its subnet.
IPV6_PREFIX = 64


class Phase(Enum):
    """What a connection waits for."""

    IDLE = auto()  # the client's next request
    RECEIVING = auto()  # the rest of a request
    BUSY = auto()  # an answer of the shop's
    SENDING = auto()  # the client, to read its answer


class Waiting(Protocol):
    """What a choice among connections looks at: the client's network, and when it last sent or read something."""

    network: str
    moved_at: float

    @property
    def phase(self) -> Phase: ...

    @property
    def held_bytes(self) -> int:
        """The bytes of its requests' bodies in memory."""


C = TypeVar("C", bound=Waiting)


def network_of(address: str) -> str:
    """Return what counts as one client: an IPv4 address, or the /64 network of an IPv6 address."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is None:
            return str(ip_network((parsed, IPV6_PREFIX), strict=False))
        parsed = parsed.ipv4_mapped
    return str(parsed)


def is_too_slow(*, waited_s: float, silent_s: float, moved_bytes: int) -> bool:
    """Whether a client that moved so many bytes since its request or answer began is given up."""
    return silent_s > SILENT_AT_MOST_S or waited_s > GRACE_S + moved_bytes / SLOWEST_BYTES_PER_S


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """Of one process: connections in all and for each network (0: no limit), and bytes of bodies held in memory."""

    connections: int
    per_network: int
    held_bytes: int


def displaced_by(newest: C, connections: Collection[C], limits: ConnectionLimits) -> C | None:
    """Return the connection to close since `newest` was opened; None while there is room.

    A network that is at its limit gives up one of its own; where all are taken, the network with the most does. It is
    the one whose client has been silent for longest, so that whoever holds connections loses them first. If the shop
    is at work for all of them, it is `newest`.
    """
    mine = [one for one in connections if one.network == newest.network]
    if limits.per_network and len(mine) > limits.per_network:
        return _most_silent(mine, newest)
    if len(connections) <= limits.connections:
        return None
    count = Counter(one.network for one in connections if one.phase is not Phase.BUSY)
    most = max(count.values())
    return _most_silent([one for one in connections if count[one.network] == most], newest)


def _most_silent(connections: Collection[C], newest: C) -> C:
    # An answer that is on its way was worked for.
    for phases in ({Phase.IDLE, Phase.RECEIVING}, {Phase.SENDING}):
        waiting = [one for one in connections if one is not newest and one.phase in phases]
        if waiting:
            return min(waiting, key=lambda one: one.moved_at)
    return newest


def displaced_by_bytes(connections: Collection[C], limits: ConnectionLimits) -> C | None:
    """Return the half-sent request to give up since bodies take more memory than they may; None if they do not.

    It is the most silent of the network that holds the most.
    """
    if sum(one.held_bytes for one in connections) <= limits.held_bytes:
        return None
    half_sent = [one for one in connections if one.phase is Phase.RECEIVING and one.held_bytes]
    by_network: Counter[str] = Counter()
    for one in half_sent:
        by_network[one.network] += one.held_bytes
    most = max(by_network.values(), default=0)
    heaviest = [one for one in half_sent if by_network[one.network] == most]
    return min(heaviest, key=lambda one: one.moved_at, default=None)
