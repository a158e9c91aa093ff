"""Clients that hold on to a server by being slow: half-sent headers, half-sent bodies, answers that are not read."""

from __future__ import annotations

import errno
import itertools
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

# The loopback network has 16 million addresses, each of which can be a client's.
ONE_SOURCE = "127.0.0.2"
WOKEN_EVERY_S = 0.05
UNDER_WAY = {errno.EINPROGRESS, errno.EWOULDBLOCK, errno.EAGAIN}


@dataclass(frozen=True)
class SlowAttack:
    """A crowd of slow clients.

    `first` is what each sends at once, `then` what it sends again every `every_s` seconds. `a_second` connections are
    opened each second, as long as no more than `at_most` are open, and `at_once` at the beginning. `reads`: whether
    answers are read.
    """

    name: str
    first: bytes
    then: bytes = b""
    every_s: float = 3.0
    a_second: float = 10.0
    at_once: int = 0
    at_most: int = 900
    many_sources: bool = False
    reads: bool = True


@dataclass
class Connection:
    """A slow client's connection: what it has yet to send of its beginning, and when it sends the next byte."""

    socket: socket.socket
    unsent: memoryview
    due: float


@dataclass
class Crowd:
    """The open connections of an attack, and how many the shop has closed or refused."""

    attack: SlowAttack
    port: int
    connections: list[Connection] = field(default_factory=list)
    opened: int = 0
    closed: int = 0
    highest: int = 0

    def run(self, stop: threading.Event) -> None:
        """Open connections and keep them waiting until `stop` is set."""
        sources = many_sources() if self.attack.many_sources else itertools.repeat(ONE_SOURCE)
        began = time.monotonic()
        while not stop.wait(WOKEN_EVERY_S):
            due = self.attack.at_once + int((time.monotonic() - began) * self.attack.a_second)
            while self.opened < due and len(self.connections) < self.attack.at_most:
                self.open(next(sources))
            # Those that could not be opened are not made up for at once.
            self.opened = max(self.opened, due)
            self.connections = [one for one in self.connections if self.tend(one)]
            self.highest = max(self.highest, len(self.connections))
        for one in self.connections:
            one.socket.close()

    def open(self, source: str) -> None:
        self.opened += 1
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if not self.attack.reads:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        client.setblocking(False)
        client.bind((source, 0))
        code = client.connect_ex(("127.0.0.1", self.port))
        if code and code not in UNDER_WAY:
            client.close()
            self.closed += 1
            return
        self.connections.append(Connection(client, memoryview(self.attack.first), 0.0))

    def tend(self, one: Connection) -> bool:
        """Send what is due. Returns whether the connection is still open."""
        try:
            if one.unsent:
                one.unsent = one.unsent[one.socket.send(one.unsent) :]
                one.due = time.monotonic() + self.attack.every_s
            elif self.attack.then and time.monotonic() >= one.due:
                one.socket.send(self.attack.then)
                one.due += self.attack.every_s
            if self.attack.reads and not one.socket.recv(65_536):
                raise ConnectionResetError
        except BlockingIOError:
            return True
        except OSError:
            with suppress(OSError):
                one.socket.close()
            self.closed += 1
            return False
        return True


def many_sources() -> Iterator[str]:
    """Yield addresses of this machine, each another one, none of them the usual 127.0.0.1."""
    for number in itertools.count(3):
        yield f"127.{1 + number // 62_500 % 250}.{number // 250 % 250}.{1 + number % 250}"


@contextmanager
def attacked(attack: SlowAttack, port: int) -> Iterator[Crowd]:
    """Attack a port of this machine while the block runs."""
    crowd, stop = Crowd(attack, port), threading.Event()
    thread = threading.Thread(target=crowd.run, args=(stop,))
    thread.start()
    try:
        yield crowd
    finally:
        stop.set()
        thread.join()
