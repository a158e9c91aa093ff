"""The crowd of `attack slow`: it opens what it says, from where it says, and notices what a server closes."""

from __future__ import annotations

import itertools
import socket
import time
from ipaddress import ip_address

import pytest

from lab.security.slow_clients import SlowAttack, attacked, many_sources


def test_each_source_is_an_address_of_its_own_on_this_machine() -> None:
    sources = list(itertools.islice(many_sources(), 2_000))

    assert len(set(sources)) == 2_000
    assert all(ip_address(source).is_loopback for source in sources)
    assert "127.0.0.1" not in sources


@pytest.mark.parametrize("many", [False, True])
def test_a_crowd_sends_half_requests_and_opens_anew_what_is_closed(*, many: bool) -> None:
    attack = SlowAttack("x", b"half", b"more", every_s=0.01, a_second=100, at_once=5, at_most=5, many_sources=many)
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(10)
        with attacked(attack, server.getsockname()[1]) as crowd:
            clients = [server.accept() for _ in range(5)]
            clients[0][0].settimeout(10)
            received = b""
            while len(received) < 8:
                received += clients[0][0].recv(100)
            clients[1][0].close()
            clients.append(server.accept())
            while not crowd.closed:
                time.sleep(0.01)
    for client, _ in clients:
        client.close()

    assert received.startswith(b"halfmore")
    assert crowd.highest == 5
    assert len({address for _, (address, _port) in clients}) == (6 if many else 1)
