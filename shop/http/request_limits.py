"""How requests are received: within a time that slow networks keep and half-sent requests do not.

A thread of gunicorn waits for its client as long as the client likes. Here a connection waits in the worker's loop, not
in a thread, until its first byte is there; a thread gives up a client that stops or dawdles; and the shop is called
once the whole body has come.
"""

from __future__ import annotations

import errno
import io
import json
import selectors
import socket
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from http import HTTPStatus
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.utils.http import parse_header_parameters
from gunicorn import util
from gunicorn.workers.gthread import TConn, ThreadWorker

# A client may be silent for this long, and slow for this long on top of what its bytes take at the slowest rate: 3 MB
# may take five minutes. Only waiting counts, not the time that the shop is busy itself.
SILENT_AT_MOST_S = 10.0
GRACE_S = 10.0
SLOWEST_BYTES_PER_S = 10_000

# A search that waited longer than this for a thread is refused: its shopper, told so at once, fares better than in a
# queue that grows without end. Everything else waits its turn, which is short, since searches are what takes long.
QUEUED_AT_MOST_S = 2.0
SHED = ("POST", "/api/predict")
RETRY_AFTER_S = 3

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


class RefusedRequestError(SuspiciousOperation):
    """A request that never arrived whole. Where the shop itself reads a body, Django answers 400 to it."""

    def __init__(self, status: HTTPStatus, detail: str) -> None:
        super().__init__(detail)
        self.status = status


class DeadlineSocket(socket.socket):
    """A client's connection that is patient, within limits, since the last call of `begin`."""

    _waited_s = 0.0
    _moved_bytes = 0

    def begin(self) -> None:
        self._waited_s, self._moved_bytes = 0.0, 0

    def recv(self, size: int, flags: int = 0, /) -> bytes:
        """Return bytes. Raises RefusedRequestError when patience ends, TimeoutError where a time-out is shorter."""
        data: bytes = self._patiently(super().recv, size, flags)
        self._moved_bytes += len(data)
        return data

    def sendall(self, data: Any, flags: int = 0, /) -> None:
        """Send all. Raises BrokenPipeError when patience is at its end: to gunicorn, a client that went away."""
        left = memoryview(data)
        try:
            while left:
                sent: int = self._patiently(super().send, left, flags)
                self._moved_bytes += sent
                left = left[sent:]
        except RefusedRequestError as error:
            raise BrokenPipeError(errno.EPIPE, "The client does not read the answer.") from error

    def _patiently(self, act: Callable[..., Any], *arguments: Any) -> Any:
        asked = self.gettimeout()
        patience = GRACE_S + self._moved_bytes / SLOWEST_BYTES_PER_S - self._waited_s
        allowed = min(SILENT_AT_MOST_S, max(patience, 0.001))
        began = time.monotonic()
        try:
            self.settimeout(allowed if asked is None else min(allowed, asked))
            return act(*arguments)
        except TimeoutError as error:
            if asked is not None and asked < allowed:
                raise
            raise RefusedRequestError(HTTPStatus.REQUEST_TIMEOUT, "The request came too slowly.") from error
        finally:
            self._waited_s += time.monotonic() - began
            self.settimeout(asked)


class Connection(TConn):
    """A client. gunicorn lets its loop linger two seconds on each that it closes; here a thread did that already."""

    # When its request was given to the threads.
    enqueued = 0.0

    def close(self, graceful: bool = False) -> None:
        util.close(self.sock)


class DeadlineWorker(ThreadWorker):
    """gunicorn's threaded worker, which half-sent requests do not hold up."""

    def accept(self, listener: Any) -> None:
        try:
            accepted, client = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        self.nr_conns += 1
        connection = Connection(self.cfg, DeadlineSocket(fileno=accepted.detach()), client, listener.getsockname())
        connection.timeout = time.monotonic() + SILENT_AT_MOST_S
        self.pending_conns.append(connection)
        readable = partial(self.on_pending_socket_readable, connection)
        self.poller.register(connection.sock, selectors.EVENT_READ, readable)

    def enqueue_req(self, conn: Connection) -> None:
        conn.enqueued = time.monotonic()
        super().enqueue_req(conn)

    def handle_request(self, req: Any, conn: Connection) -> Any:
        waited = time.monotonic() - conn.enqueued
        if waited <= QUEUED_AT_MOST_S or (req.method, req.path) != SHED:
            return super().handle_request(req, conn)
        # Read to its end, so that the client, still sending, hears the answer, and may ask again on the connection.
        while req.body is not None and req.body.read(65_536):
            pass
        detail = "More photos come in than can be looked at. Send this one again in a moment."
        origin = dict(req.headers).get("ORIGIN", "")
        write_problem(
            conn.sock, HTTPStatus.SERVICE_UNAVAILABLE, "Search by photo is busy.", detail, code="search_unavailable",
            more=[f"Retry-After: {RETRY_AFTER_S}", *may_be_read_by(origin)],
        )  # fmt: skip
        count_shed()
        return self.alive

    def handle(self, conn: Connection) -> Any:
        conn.sock.begin()
        kept = super().handle(conn)
        if not kept:
            conn.sock.begin()
            util.close_graceful(conn.sock)
        return kept

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Exception) -> None:
        if isinstance(exc, RefusedRequestError):
            self.log.info("Refused a request: %s", exc)
            write_problem(client, exc.status, exc.status.phrase, str(exc))
        else:
            super().handle_error(req, client, addr, exc)


def may_be_read_by(origin: str) -> list[str]:
    """Return the headers by which a browser lets the scripts of a site read an answer, where the shop allows it."""
    from django.conf import settings  # noqa: PLC0415  (nothing of Django before the fork)

    if origin not in settings.CORS_ALLOWED_ORIGINS:
        return []
    return [f"Access-Control-Allow-Origin: {origin}", "Access-Control-Expose-Headers: retry-after", "Vary: Origin"]


def count_shed() -> None:
    from shop.observability.metrics import SHED_SEARCHES  # noqa: PLC0415  (it is measured by the processes that serve, after the fork)

    SHED_SEARCHES.inc()


def write_problem(
    client: socket.socket, status: int, title: str, detail: str, code: str = "", more: Sequence[str] = ()
) -> None:
    """Answer a request that the shop never saw, in the one shape of its refusals; `more` are further headers."""
    stays = bool(code)
    code = code or ("server_error" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "invalid")
    problem = {"type": "about:blank", "title": title, "status": int(status), "code": code, "detail": detail}
    body = json.dumps({**problem, "errors": {}}).encode()
    head = (
        f"HTTP/1.1 {int(status)} {title}\r\nConnection: {'keep-alive' if stays else 'close'}\r\n"
        + "".join(f"{header}\r\n" for header in more)
        + f"Content-Type: application/problem+json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    client.sendall(head.encode("latin-1") + body)


# gunicorn has no setting for what it says itself, of malformed requests above all; it would be HTML.
util.write_error = write_problem


def in_utf8(content_type: str) -> str:
    """Return what a Content-Type says but for an encoding. Everything here is UTF-8, in an address's query too.

    Django would decode query and body as a client names it, by codecs that are none of text (rot13, zlib) or that give
    what no database stores.
    """
    if "charset" not in content_type.lower():
        return content_type
    kind, parameters = parse_header_parameters(content_type)
    boundary = parameters.get("boundary", "")
    return f'{kind}; boundary="{boundary}"' if boundary else kind


def receive_first(application: Application, *, most_bytes: int) -> Application:
    """Return the application, called with bodies that are here already, up to so many bytes.

    So nothing of the shop, no connection to the database above all, waits for a client. A body sent in chunks gets the
    length that Django goes by. A longer body with a length is left to the application to refuse or to read.
    """

    def received(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        if "CONTENT_TYPE" in environ:
            environ["CONTENT_TYPE"] = in_utf8(environ["CONTENT_TYPE"])
        chunked = "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower()
        length = int(environ.get("CONTENT_LENGTH") or 0)
        if chunked or 0 < length <= most_bytes:
            body = environ["wsgi.input"].read(most_bytes + 1 if chunked else length)
            if len(body) > most_bytes:
                raise RefusedRequestError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The request is too large.")
            if len(body) < length:
                raise RefusedRequestError(HTTPStatus.BAD_REQUEST, "The request was cut off.")
            environ.pop("HTTP_TRANSFER_ENCODING", None)
            environ |= {"CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body)}
        return application(environ, start_response)

    return received
