"""Probes that poll for saved photos: one for each web process, over a connection that this process accepted."""

from __future__ import annotations

import http.client
import json
import re
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from lab.benchmarks.freshness_parts.saving import SKU, Journal
from lab.chaos.reading import comes_first

ASKED_EVERY_S = 0.1
# More than one, for ties.
LIMIT = 3
# Any idle process accepts a new connection: 200 attempts reach each of them in practice.
CONNECTIONS_TRIED = 200
ANSWERED_WITHIN_S = 60.0


class Probe(threading.Thread):
    """Records when one web process finds each photo of a journal; `found` has the Unix times by photo.

    Every `asked_every_s` it searches for the outstanding photos, oldest first, until one is not found; past that one
    only if the index's sequence has advanced by more entries than photos were found. A photo costs two or three
    searches.
    """

    def __init__(
        self, port: int, pid: int, tokens: Mapping[int, str], journal: Path, *, asked_every_s: float = ASKED_EVERY_S
    ) -> None:
        super().__init__(daemon=True)
        self.found: dict[int, float] = {}
        self.requests = 0
        self.error: Exception | None = None
        self._port, self._pid, self._tokens, self._asked_every_s = port, pid, tokens, asked_every_s
        self._journal = Journal(journal)
        self._outstanding: list[int] = []
        self._sequence: int | None = None
        # Change-log entries that the process has applied and that no photo found so far explains.
        self._unaccounted = 0
        self._stopped = threading.Event()
        self._connection = connection_to(port, pid)

    def run(self) -> None:
        try:
            while not self._stopped.is_set():
                started = time.monotonic()
                self._outstanding += [save.number for save in self._journal.read()]
                self._ask_for_outstanding()
                self._stopped.wait(max(0.0, self._asked_every_s - (time.monotonic() - started)))
        except Exception as error:  # noqa: BLE001  (raised again where the thread is waited for)
            self.error = error
        finally:
            self._connection.close()

    def stop(self) -> None:
        """Stop and join the thread. Re-raises its exception, if it failed."""
        self._stopped.set()
        self.join()
        if self.error is not None:
            raise self.error

    def _ask_for_outstanding(self) -> None:
        for number in list(self._outstanding):
            answer = self._search(self._tokens[number])
            sequence = answer["index"]["sequence"]
            self._unaccounted += sequence - (sequence if self._sequence is None else self._sequence)
            self._sequence = sequence
            if answer["articles"] and comes_first(SKU.format(number), answer["articles"]):
                self.found[number] = time.time()
                self._outstanding.remove(number)
                self._unaccounted = max(0, self._unaccounted - 1)
            elif not self._unaccounted:
                return

    def _search(self, token: str) -> Any:
        path = "/api/search?" + urlencode({"token": token, "limit": LIMIT})
        try:
            return self._get(path)
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
            # The server closed the idle connection (keep-alive timeout).
            self._connection.close()
            self._connection = connection_to(self._port, self._pid)
            return self._get(path)

    def _get(self, path: str) -> Any:
        self.requests += 1
        self._connection.request("GET", path)
        answer = self._connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"A search was answered with {answer.status}: {body[:300]!r}")
        return json.loads(body)


def children_of(pid: int) -> list[int]:
    """Return the child processes of a process; for gunicorn's master those are the workers."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def connection_to(port: int, pid: int) -> http.client.HTTPConnection:
    """Return a keep-alive connection accepted by the given server process. Raises RuntimeError if it accepts none."""
    for _ in range(CONNECTIONS_TRIED):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWERED_WITHIN_S)
        connection.request("GET", "/api/health/live")
        connection.getresponse().read()
        if holds(pid, socket_inode(port, connection.sock.getsockname()[1])):
            return connection
        connection.close()
    raise RuntimeError(f"Process {pid} took none of {CONNECTIONS_TRIED} connections to port {port}.")


def socket_inode(port: int, client_port: int) -> str:
    """Return the inode of the server's socket of a local connection; "" if it is closed."""
    ends = re.compile(rf" [0-9A-F]{{8}}:{port:04X} [0-9A-F]{{8}}:{client_port:04X} ")
    for line in Path("/proc/net/tcp").read_text().splitlines():
        if ends.search(line):
            return line.split()[9]
    return ""


def holds(pid: int, inode: str) -> bool:
    """Whether a process has a socket open."""
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        try:
            if str(descriptor.readlink()) == f"socket:[{inode}]":
                return True
        except FileNotFoundError:
            continue
    return False
