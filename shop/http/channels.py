"""The connections of waitress, which receives a request whole before it takes a thread, with limits of our own.

waitress bounds how long a client may be silent, not how long a request may take, and knows no addresses. Here a
request has a deadline as a whole, a client that is given up is told why, and so is one whose request is malformed.
The classes fill the places that waitress leaves for them: `parser_class`, `task_class`, `error_task_class`.
"""

from __future__ import annotations

import logging
import socket
import time
from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.core.exceptions import RequestDataTooBig
from waitress.channel import HTTPChannel
from waitress.task import ErrorTask, WSGITask

from catalogue.exceptions import TOO_SLOW
from shop.http.connection_limits import Phase, is_too_slow, network_of
from shop.http.parser import Parser
from shop.http.refusals import as_bytes, problem_response
from shop.http.request_limits import WAITED_S

if TYPE_CHECKING:
    from shop.http.server import Server

logger = logging.getLogger(__name__)

# A body of known length takes no time to parse.
BODY_READ_AT_ONCE = 262_144
# No browser sends a second request before the first is answered.
PIPELINED_AT_MOST = 8
# Memory is counted again when a body has grown by so much.
COUNTED_EVERY_BYTES = 1_000_000
# A refused client that still sends gets the answer if its connection stays open a while; else a reset overtakes it.
LINGERS_S = 2.0
CUT_OFF = "request.cut_off"
# What is told of a request that waitress or Parser refuses: type of problem and message. Of all others, CUT_OFF.
TOLD_OF = {
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: ("image_too_large", "request.too_large"),
    HTTPStatus.INTERNAL_SERVER_ERROR: ("server_error", ""),
}


class Unreceived:
    """The body of a request that was not received, since it is longer than anybody's but staff's and API clients'.

    The application refuses such requests by their length, or by who sends them. If it reads all the same, it gets an
    error that Django answers with 413.
    """

    def read(self, *_: Any) -> bytes:
        raise RequestDataTooBig("The body was not received.")

    readline = readlines = __iter__ = read


class Task(WSGITask):
    """A call of the application, which is told how long the request has waited for a thread."""

    def get_environment(self) -> dict[str, Any]:
        environ: dict[str, Any] = super().get_environment()
        environ[WAITED_S] = self.channel.waited_s
        if self.request.unreceived:
            environ["wsgi.input"] = Unreceived()
        return environ


class ProblemTask(ErrorTask):
    """The answer to a malformed request, and to one that the application failed on: a problem."""

    def execute(self) -> None:
        status = HTTPStatus(self.request.error.code)
        code, message = TOLD_OF.get(status, ("invalid", CUT_OFF))
        accepted = self.request.headers.get("ACCEPT_LANGUAGE", "")
        # Of a malformed request, waitress knows no version.
        self.version = "1.1"
        self.status, headers, body = problem_response(status, code, message, accepted)
        self.response_headers.extend(headers)
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class Channel(HTTPChannel):
    """A client's connection. `network` is what counts as one client; times are those of the monotonic clock."""

    parser_class = Parser
    task_class = Task
    error_task_class = ProblemTask
    server: Server
    request: Any

    def __init__(self, server: Server, sock: socket.socket, addr: Any, *args: Any, **kwargs: Any) -> None:
        self.network = network_of(str(addr[0]))
        self.moved_at = self._began = time.monotonic()
        self._moved_bytes = self._counted_bytes = 0
        # What `_began` is the beginning of: a phase, and the request of that phase.
        self._current: tuple[Phase, Any] = (Phase.IDLE, None)
        # When the request was queued for a thread, and how long it waited then.
        self.queued, self.waited_s = self._began, 0.0
        # Whether a thread is asked if the sender of a long body may send it.
        self.asking = False
        # Whether the connection stays open for a while when its last answer is sent, and until when.
        self._lingers, self._until = False, 0.0
        super().__init__(server, sock, addr, *args, **kwargs)

    # In the event loop.

    @property
    def held_bytes(self) -> int:
        return sum(one.held_bytes for one in (self.request, *self.requests) if one is not None)

    def keep_pace(self, now: float) -> None:
        """Give the client up if it is too slow. Called about once a second."""
        if self._until:
            if now > self._until:
                self.handle_close()
            return
        if (current := (self.phase, self.request)) != self._current:
            self._current, self._began, self._moved_bytes = current, now, 0
        if self.phase is Phase.BUSY or not is_too_slow(
            waited_s=now - self._began,
            silent_s=now - max(self.moved_at, self._began),
            moved_bytes=self._moved_bytes,
        ):
            return
        self.give_up(HTTPStatus.REQUEST_TIMEOUT, "invalid", TOO_SLOW)

    @property
    def phase(self) -> Phase:
        if self.total_outbufs_len:
            return Phase.SENDING
        if self.requests or self.asking:
            return Phase.BUSY
        return Phase.IDLE if self.request is None else Phase.RECEIVING

    def give_up(self, status: HTTPStatus, code: str, message_code: str, retry_after_s: int = 0) -> None:
        """Close the connection. A client that has sent half a request is told why."""
        if self.phase is not Phase.RECEIVING:
            # Frees a thread that waits for the client to read.
            self.handle_close()
            return
        headers = self.request.headers
        more = [("Retry-After", str(retry_after_s))] if retry_after_s else []
        line, said, body = problem_response(
            status, code, message_code, headers.get("ACCEPT_LANGUAGE", ""), headers.get("ORIGIN", "")
        )
        with self.requests_lock:
            self.request.close()
            self.request = None
            self.write_soon(as_bytes(line, [*said, *more], body))
            self.close_when_flushed = self._lingers = True

    def readable(self) -> bool:
        if self._until:
            return True
        return not self.asking and bool(super().readable())

    def handle_read(self) -> None:
        if self._until:
            with suppress(OSError):
                self.recv(self.adj.recv_bytes)
        elif self.phase is Phase.RECEIVING and self._has_ended():
            # waitress would close the connection without a word.
            self.give_up(HTTPStatus.BAD_REQUEST, "invalid", CUT_OFF)
        else:
            super().handle_read()

    def recv(self, buffer_size: int) -> bytes:
        if self._until or (self.request is not None and self.request.has_plain_body):
            buffer_size = BODY_READ_AT_ONCE
        return bytes(super().recv(buffer_size))

    def _has_ended(self) -> bool:
        try:
            return not self.socket.recv(1, socket.MSG_PEEK)
        except OSError:
            return False

    def received(self, data: bytes) -> bool:
        self.moved_at = time.monotonic()
        self._moved_bytes += len(data)
        taken = bool(super().received(data))
        if len(self.requests) > PIPELINED_AT_MOST:
            self.handle_close()
        elif (request := self.request) is not None and request.headers_finished:
            if request.content_length > self.adj.inbuf_overflow and not request.allowed and not self.requests:
                self.asking = True
                self.server.task_dispatcher.add_task(Question(self, request))
            elif abs(request.held_bytes - self._counted_bytes) > COUNTED_EVERY_BYTES:
                self._counted_bytes = request.held_bytes
                self.server.free_memory()
        return taken

    def handle_write(self) -> None:
        lingers = self._lingers and self.close_when_flushed
        if lingers:
            # waitress would close at once.
            self.close_when_flushed = False
        super().handle_write()
        if lingers and self.connected and not self.total_outbufs_len:
            self._until = time.monotonic() + LINGERS_S
            with suppress(OSError):
                self.socket.shutdown(socket.SHUT_WR)
        elif lingers:
            self.close_when_flushed = True

    def send(self, data: bytes, do_close: bool = True) -> int:
        sent: int = super().send(data, do_close)
        if sent:
            self.moved_at = time.monotonic()
            self._moved_bytes += sent
        return sent

    # In a thread.

    def service(self) -> None:
        self.waited_s = time.monotonic() - self.queued
        if self.requests[0].error is not None:
            self._lingers = True
        super().service()

    def answer_unreceived(self, request: Parser) -> None:
        """Have the application answer a request without its body."""
        with self.requests_lock:
            request.unreceived = self._lingers = True
            request.headers["CONNECTION"] = "close"
            self.request, self.requests = None, [request]
        self.asking = False
        super().service()


class Question:
    """A task of a thread: may this client send such a long body?"""

    def __init__(self, channel: Channel, request: Parser) -> None:
        self.channel, self.request = channel, request

    def service(self) -> None:
        try:
            self.request.allowed = self.channel.server.may_send(Task(self.channel, self.request).get_environment())
        except Exception:
            logger.exception("could not find out who sends a long body")
        if self.request.allowed:
            self.channel.asking = False
            self.channel.server.pull_trigger()
        else:
            self.channel.answer_unreceived(self.request)

    def cancel(self) -> None:
        self.channel.cancel()
