"""Web servers to fetch pictures from: real ones, on 127.0.0.1.

`FetchPolicy.allow` lets a test reach them, `FetchPolicy.resolve` says which name they have.
"""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from typing import Any

import pytest

from catalogue.exceptions import UnreachableUrlError
from catalogue.imaging import FetchPolicy, fetch_image
from tests.catalogue.imaging.pictures import draw_quarters, encode

PICTURE = encode(draw_quarters(), "JPEG")

LOOPBACK = ip_address("127.0.0.1")

Answer = Callable[[BaseHTTPRequestHandler], None]


class QuietServer(ThreadingHTTPServer):
    """Prints no traceback where a client gives up and breaks the connection, as it is meant to here."""

    def handle_error(self, request: object, client_address: object) -> None:
        pass


class Server:
    """A web server on 127.0.0.1 that answers as told, and remembers what it was asked."""

    def __init__(self, answer: Answer, tls: ssl.SSLContext | None = None) -> None:
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.bodies: list[bytes] = []
        remember, keep = self.asked.append, self.bodies.append

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                remember((self.path, dict(self.headers.items())))
                answer(self)

            def do_POST(self) -> None:
                remember((self.path, {name.lower(): value for name, value in self.headers.items()}))
                keep(self.rfile.read(int(self.headers["Content-Length"])))
                answer(self)

            def log_message(self, *args: object) -> None:
                pass

        self.http = QuietServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        if tls is not None:
            self.http.socket = tls.wrap_socket(self.http.socket, server_side=True)
        self.port: int = self.http.server_address[1]

    def reach(self, **changes: Any) -> FetchPolicy:
        """Return a reach that lets just this server be asked, under any name that resolves to it."""
        reach = FetchPolicy(allow=lambda address: address == LOOPBACK, ports=frozenset({self.port}), timeout_s=5)
        return replace(reach, **changes)


@contextmanager
def serving(answer: Answer, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    server = Server(answer, tls)
    thread = threading.Thread(target=server.http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.http.shutdown()
        server.http.server_close()
        thread.join()


def send(handler: BaseHTTPRequestHandler, body: bytes = PICTURE, status: int = 200, **headers: str) -> None:
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


def redirecting_to(location: str, status: int = 302) -> Answer:
    return lambda handler: send(handler, b"", status, Location=location)


def refusal_of(url: str, **options: Any) -> str:
    with pytest.raises(UnreachableUrlError) as refusal:
        fetch_image(url, **options)
    return str(refusal.value)


# The one text that every refusal must have.
REFUSAL = (
    "No image could be fetched from this address. Use an http or https address on a public host that quickly "
    "returns one image of an allowed size. Or send the image itself."
)
