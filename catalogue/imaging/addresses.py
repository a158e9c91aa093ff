"""Which IP addresses and ports a picture may be fetched from (protection against SSRF)."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_network
from ssl import SSLContext

import httpx

IPAddress = IPv4Address | IPv6Address

# The only block that IANA assigns to hosts on the Internet. Outside it lie mapped, compatible and NAT64 forms of IPv4
# addresses, private, link-local and multicast ones.
_GLOBAL_UNICAST = IPv6Network("2000::/3")
# Blocks that `is_global` accepts, in some or all releases of Python.
_NOT_PUBLIC = [
    ip_network(block)
    for block in (
        "168.63.129.16/32",  # Azure's metadata and key service, public on paper
        "192.0.0.0/24",  # protocol assignments; Oracle's metadata service
        "192.88.99.0/24",  # 6to4 relays
        "2001::/23",  # protocol assignments, Teredo among them: it carries an IPv4 address of the sender's choice
        "2002::/16",  # 6to4 carries one too
        "3fff::/20",  # documentation
    )
]


def is_public(address: IPAddress) -> bool:
    """Return whether `address` is a host on the public Internet; IPv6 forms of IPv4 addresses are not."""
    if isinstance(address, IPv6Address) and address not in _GLOBAL_UNICAST:
        return False
    return address.is_global and not address.is_multicast and not any(address in block for block in _NOT_PUBLIC)


def resolve_host(host: str, port: int) -> Sequence[str]:
    """Return the addresses that the system's resolver gives for `host`. Raises OSError."""
    return [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


@dataclass(frozen=True)
class FetchPolicy:
    """What `fetch_picture` may reach, and for how long. The defaults allow public web servers only.

    Only ports 80 and 443: pictures on other ports are rare, internal services are not.
    """

    allow: Callable[[IPAddress], bool] = is_public
    ports: frozenset[int] = frozenset({80, 443})
    resolve: Callable[[str, int], Sequence[str]] = resolve_host
    timeout_s: float = 10.0
    max_redirects: int = 3
    # The environment is ignored: neither proxies nor certificates of the server's own network.
    tls: SSLContext = field(default_factory=lambda: httpx.create_ssl_context(trust_env=False))
