"""Load generator: concurrent clients that send photos over HTTP, in a process of their own.

    python -m lab.benchmarks.serving.clients < plan.json

Imports only the standard library, so that its CPU use is negligible beside the server's.
"""

from __future__ import annotations

import http.client
import json
import sys
import threading
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

BOUNDARY = "vitrine-benchmark"
CONTENT_TYPE = f"multipart/form-data; boundary={BOUNDARY}"
ANSWERED_WITHIN_S = 60.0


@dataclass
class Plan:
    """A load: the request bodies in a folder, in turn, sent by concurrent clients for some seconds."""

    port: int
    path: str
    bodies: str
    clients: int
    seconds: float
    # Open loop: seconds between a client's scheduled requests; 0 is closed loop: each as soon as the last is answered.
    every_s: float = 0.0


@dataclass
class Tally:
    """The results. `failed` counts responses other than 200 and requests without one; `why` describes the first.

    `busy_ms` has the latencies of those that are 503 with Retry-After. In open loop, latencies count from the scheduled
    time and not from sending, which avoids coordinated omission.
    """

    latencies_ms: list[float] = field(default_factory=list)
    failed: int = 0
    busy_ms: list[float] = field(default_factory=list)
    why: str = ""
    seconds: float = 0.0


class Client:
    """A keep-alive connection that reconnects when the server has closed it."""

    def __init__(self, port: int, path: str) -> None:
        self._port, self._path = port, path
        self._connection: http.client.HTTPConnection | None = None
        self.retry_after = ""

    def send(self, body: bytes) -> tuple[int, bytes]:
        """Return status and body of the response, and set `retry_after` from its header.

        Reconnects once if the server has closed an idle connection.
        """
        return self._ask("POST", self._path, body)

    def get(self, path: str) -> tuple[int, bytes]:
        """Return the same of a path that is fetched."""
        return self._ask("GET", path)

    def _ask(self, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        kept = self._connection is not None
        try:
            return self._send(method, path, body)
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
            self.close()
            if not kept:
                raise
            return self._send(method, path, body)

    def _send(self, method: str, path: str, body: bytes | None) -> tuple[int, bytes]:
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=ANSWERED_WITHIN_S)
        self._connection.request(method, path, body, {"Content-Type": CONTENT_TYPE} if body else {})
        answer = self._connection.getresponse()
        self.retry_after = answer.headers.get("Retry-After", "")
        return answer.status, answer.read()

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def body_of(photo: bytes) -> bytes:
    """Return a multipart form body with the photo as `image`."""
    head = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="image"; filename="photo.jpg"\r\n'
        "Content-Type: image/jpeg\r\n\r\n"
    )
    return head.encode() + photo + f"\r\n--{BOUNDARY}--\r\n".encode()


def send_all(plan: Plan) -> Tally:
    """Send photos until the time is over, and wait for outstanding responses."""
    bodies = [file.read_bytes() for file in sorted(Path(plan.bodies).iterdir())]
    tally, lock = Tally(), threading.Lock()
    began = time.perf_counter()

    def work(number: int) -> None:
        client, turn = Client(plan.port, plan.path), number
        due = began + plan.every_s * number / plan.clients
        while time.perf_counter() - began < plan.seconds:
            time.sleep(max(due - time.perf_counter(), 0) if plan.every_s else 0)
            started, why, busy = due if plan.every_s else time.perf_counter(), "", False
            due += plan.every_s
            try:
                status, answer = client.send(bodies[turn % len(bodies)])
                why = "" if status == 200 else f"{status}: {answer[:200]!r}"
                busy = status == 503 and client.retry_after.isdigit()
            except (OSError, http.client.HTTPException) as error:
                client.close()
                why = repr(error)
            with lock:
                if busy:
                    tally.busy_ms.append((time.perf_counter() - started) * 1000)
                if why:
                    tally.failed, tally.why = tally.failed + 1, tally.why or why
                else:
                    tally.latencies_ms.append((time.perf_counter() - started) * 1000)
            turn += plan.clients
        client.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(plan.clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    tally.seconds = time.perf_counter() - began
    return tally


def main() -> None:
    plan: dict[str, Any] = json.load(sys.stdin)
    json.dump(asdict(send_all(Plan(**plan))), sys.stdout)


if __name__ == "__main__":
    main()
