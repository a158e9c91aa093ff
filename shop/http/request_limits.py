"""Request deadlines against slow clients (Slowloris), and load shedding of searches: a worker class for gunicorn.

A thread of gunicorn's own worker waits for its client without limit. Here a connection waits in the event loop until
its first byte arrives, a thread aborts a client that stalls or is too slow, and the application is called once the
whole body has been received. A search that waited too long for a thread is refused with 503 and Retry-After.
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

from catalogue.exceptions import BUSY, TOO_SLOW
from catalogue.messages import Message, english

# A client may send nothing for SILENT_AT_MOST_S. In all it may take GRACE_S plus the time of its bytes at the slowest
# rate: 3 MB may take five minutes. Only time spent waiting for the client counts.
SILENT_AT_MOST_S = 10.0
GRACE_S = 10.0
SLOWEST_BYTES_PER_S = 10_000

# Load shedding: a search that waited longer than this for a thread is refused, since a quick refusal is better than a
# queue that grows without bound. Other requests always wait; they are short, since only searches are expensive.
QUEUED_AT_MOST_S = 2.0
SHED = ("POST", "/api/predict")
RETRY_AFTER_S = 3

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


class RefusedRequestError(SuspiciousOperation):
    """A request that was not received completely. If the application reads the body, Django responds with 400."""

    def __init__(self, status: HTTPStatus, message_code: str) -> None:
        super().__init__(english(Message.of(message_code)))
        self.status, self.message_code = status, message_code


class DeadlineSocket(socket.socket):
    """A client's connection with deadlines for receiving and sending, counted from the last call of `begin`."""

    _waited_s = 0.0
    _moved_bytes = 0

    def begin(self) -> None:
        self._waited_s, self._moved_bytes = 0.0, 0

    def recv(self, size: int, flags: int = 0, /) -> bytes:
        """Return received bytes. Raises RefusedRequestError at the deadline, TimeoutError at an earlier time-out."""
        data: bytes = self._with_deadline(super().recv, size, flags)
        self._moved_bytes += len(data)
        return data

    def sendall(self, data: Any, flags: int = 0, /) -> None:
        """Send all data. Raises BrokenPipeError at the deadline, which gunicorn takes for a closed connection."""
        left = memoryview(data)
        try:
            while left:
                sent: int = self._with_deadline(super().send, left, flags)
                self._moved_bytes += sent
                left = left[sent:]
        except RefusedRequestError as error:
            raise BrokenPipeError(errno.EPIPE, "The client does not read the answer.") from error

    def _with_deadline(self, act: Callable[..., Any], *arguments: Any) -> Any:
        timeout = self.gettimeout()
        budget = GRACE_S + self._moved_bytes / SLOWEST_BYTES_PER_S - self._waited_s
        allowed = min(SILENT_AT_MOST_S, max(budget, 0.001))
        began = time.monotonic()
        try:
            self.settimeout(allowed if timeout is None else min(allowed, timeout))
            return act(*arguments)
        except TimeoutError as error:
            if timeout is not None and timeout < allowed:
                raise
            raise RefusedRequestError(HTTPStatus.REQUEST_TIMEOUT, TOO_SLOW) from error
        finally:
            self._waited_s += time.monotonic() - began
            self.settimeout(timeout)


class Connection(TConn):
    """A client's connection. Closing does not linger for two seconds in the event loop: a thread did that before."""

    # When the request was queued for a thread.
    enqueued = 0.0

    def close(self, graceful: bool = False) -> None:
        util.close(self.sock)


class DeadlineWorker(ThreadWorker):
    """gunicorn's threaded worker with request deadlines and load shedding."""

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
        # The body is read to its end, so that a client still sending gets the response and keeps its connection.
        while req.body is not None and req.body.read(65_536):
            pass
        headers = dict(req.headers)
        more = [f"Retry-After: {RETRY_AFTER_S}", *may_be_read_by(headers.get("ORIGIN", ""))]
        code = "search_unavailable"
        title, text, said = in_language(BUSY, code, headers.get("ACCEPT-LANGUAGE", ""))
        write_problem(conn.sock, HTTPStatus.SERVICE_UNAVAILABLE, title, text, code=code, more=[*more, *said])
        count_shed()
        return self.alive

    def handle(self, conn: Connection) -> Any:
        conn.sock.begin()
        keep_alive = super().handle(conn)
        if not keep_alive:
            conn.sock.begin()
            util.close_graceful(conn.sock)
        return keep_alive

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Exception) -> None:
        if isinstance(exc, RefusedRequestError):
            self.log.info("Refused a request: %s", exc)
            accepted = dict(req.headers).get("ACCEPT-LANGUAGE", "") if req is not None else ""
            title, text, said = in_language(exc.message_code, "invalid", accepted)
            write_problem(client, exc.status, title, text, more=said)
        else:
            super().handle_error(req, client, addr, exc)


def may_be_read_by(origin: str) -> list[str]:
    """Return the CORS headers of a response for an origin; none if the settings do not allow it."""
    from django.conf import settings  # noqa: PLC0415  (no Django before the fork)

    if origin not in settings.CORS_ALLOWED_ORIGINS:
        return []
    return [f"Access-Control-Allow-Origin: {origin}", "Access-Control-Expose-Headers: retry-after", "Vary: Origin"]


def in_language(message_code: str, problem_code: str, accepted: str) -> tuple[str, str, list[str]]:
    """Return title and text of a refusal in the language that Accept-Language prefers, and the headers that say so."""
    # No Django before the fork.
    from django.utils.translation import override  # noqa: PLC0415

    from catalogue.messages.rendering import render  # noqa: PLC0415
    from catalogue.problems import PROBLEM_TYPES  # noqa: PLC0415
    from catalogue.web.middleware import language_of  # noqa: PLC0415

    language = language_of(accepted)
    with override(language):
        title, text = str(PROBLEM_TYPES[problem_code].title), render(Message.of(message_code))
    return title, text, [f"Content-Language: {language}", "Vary: Accept-Language"]


def count_shed() -> None:
    from shop.observability.metrics import SHED_SEARCHES  # noqa: PLC0415  (it is measured by the processes that serve, after the fork)

    SHED_SEARCHES.inc()


def write_problem(
    client: socket.socket, status: int, title: str, detail: str, code: str = "", more: Sequence[str] = ()
) -> None:
    """Send a problem response (RFC 9457) to a request that did not reach Django; `more` are further headers."""
    keep_alive = bool(code)
    code = code or ("server_error" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "invalid")
    problem = {"type": "about:blank", "title": title, "status": int(status), "code": code, "detail": detail}
    body = json.dumps({**problem, "errors": {}}).encode()
    head = (
        f"HTTP/1.1 {int(status)} {HTTPStatus(status).phrase}\r\n"
        f"Connection: {'keep-alive' if keep_alive else 'close'}\r\n"
        + "".join(f"{header}\r\n" for header in more)
        + f"Content-Type: application/problem+json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    client.sendall(head.encode("latin-1") + body)


# gunicorn has no setting for its own error responses, such as those to malformed requests, which are HTML.
util.write_error = write_problem


def in_utf8(content_type: str) -> str:
    """Return a Content-Type without its charset, so that Django decodes query and body as UTF-8.

    Django would use any codec that a client names, also codecs that are not of text (rot13, zlib) or whose result no
    database stores.
    """
    if "charset" not in content_type.lower():
        return content_type
    kind, parameters = parse_header_parameters(content_type)
    boundary = parameters.get("boundary", "")
    return f'{kind}; boundary="{boundary}"' if boundary else kind


def receive_first(application: Application, *, most_bytes: int) -> Application:
    """Return a WSGI application that buffers bodies of up to `most_bytes` before it calls the given one.

    So no database connection is held while waiting for a client. A chunked body gets a Content-Length, which Django
    needs. A longer body with a Content-Length is left to the application to reject or to read.
    """

    def received(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        if "CONTENT_TYPE" in environ:
            environ["CONTENT_TYPE"] = in_utf8(environ["CONTENT_TYPE"])
        chunked = "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower()
        length = int(environ.get("CONTENT_LENGTH") or 0)
        if chunked or 0 < length <= most_bytes:
            body = environ["wsgi.input"].read(most_bytes + 1 if chunked else length)
            if len(body) > most_bytes:
                raise RefusedRequestError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "request.too_large")
            if len(body) < length:
                raise RefusedRequestError(HTTPStatus.BAD_REQUEST, "request.cut_off")
            environ.pop("HTTP_TRANSFER_ENCODING", None)
            environ |= {"CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body)}
        return application(environ, start_response)

    return received
