"""The web server: waitress in each process, and gunicorn to start, watch, restart and stop the processes.

waitress receives requests whole in an event loop and sends answers from there, so a thread never waits for a client.
gunicorn's part is the documented interface of a worker; its own HTTP is not used.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from http import HTTPStatus
from resource import RLIMIT_NOFILE, getrlimit
from typing import Any

from gunicorn.workers.base import Worker
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher

from shop.http.channels import Channel
from shop.http.connection_limits import ConnectionLimits, Phase, displaced_by, displaced_by_bytes
from shop.http.large_bodies import may_send_much
from shop.http.refusals import as_bytes, problem_response
from shop.http.request_limits import RETRY_AFTER_S, Application

LOOKED_AT_EVERY_S = 0.5
HEADER_MAX_BYTES = 32_768
RECEIVED_AT_ONCE_BYTES = 16_384
# Bodies of all requests of a process, in memory: two processes grow by less than 100 MB.
HELD_AT_MOST_BYTES = 32_000_000
# What an answer may have pending: what is longer waits in its thread, for a client that reads.
PENDING_ANSWER_BYTES = 16_000_000
# Between them, what is there already is read: else a burst of connections displaces others before they were heard.
ACCEPTED_AT_ONCE = 16
# File descriptors of a process beside its connections: databases, index, models, temporary files.
OTHER_FILES = 200
BEYOND_ALL_LIMITS = 2**40
THROTTLED, SOON = "throttled", "throttle.soon"


class Server(TcpWSGIServer):
    """waitress's server on a socket that is open already, with limits of connections and of memory."""

    channel_class = Channel

    def __init__(
        self,
        application: Application,
        listener: socket.socket,
        *,
        threads: int,
        limits: ConnectionLimits,
        buffered_bytes: int,
        most_bytes: int,
        may_send_much: Callable[[dict[str, Any]], bool] = may_send_much,
    ) -> None:
        """Serve an application; a body is buffered in memory up to `buffered_bytes`, and on disk up to `most_bytes`."""
        self.limits = limits
        self._clients_wait = False
        self._most_bytes, self._may_send_much = most_bytes, may_send_much
        dispatcher = ThreadedTaskDispatcher()
        dispatcher.set_thread_count(threads)
        settings = Adjustments(
            # Django reads what proxies say, as far as the shop's settings trust them.
            clear_untrusted_proxy_headers=False,
            ident="",
            log_socket_errors=False,
            max_request_header_size=HEADER_MAX_BYTES,
            # The application refuses longer bodies, without receiving them.
            max_request_body_size=BEYOND_ALL_LIMITS,
            recv_bytes=RECEIVED_AT_ONCE_BYTES,
            inbuf_overflow=buffered_bytes,
            outbuf_overflow=2 * PENDING_ANSWER_BYTES,
            outbuf_high_watermark=PENDING_ANSWER_BYTES,
            # There are our own limits instead.
            connection_limit=BEYOND_ALL_LIMITS,
            cleanup_interval=1,
            threads=threads,
        )
        super().__init__(
            application,
            dispatcher=dispatcher,
            adj=settings,
            _sock=listener,
            sockinfo=(listener.family, listener.type, listener.proto, listener.getsockname()),
            bind_socket=False,
        )

    def handle_accept(self) -> None:
        """Leave who connects until all events of this round are over.

        A socket often has the number of one that was just closed. Accepted earlier, it would get the closed one's
        event, and be closed in its place.
        """
        self._clients_wait = True

    def accept_clients(self) -> None:
        for _ in range(ACCEPTED_AT_ONCE):
            before = len(self.active_channels)
            super().handle_accept()
            if len(self.active_channels) == before:
                return
            self.make_room(next(reversed(self.active_channels.values())))

    def make_room(self, newest: Channel) -> None:
        displaced = displaced_by(newest, self.active_channels.values(), self.limits)
        if displaced is newest:
            status, headers, body = problem_response(HTTPStatus.TOO_MANY_REQUESTS, THROTTLED, SOON)
            newest.send(as_bytes(status, [*headers, ("Retry-After", str(RETRY_AFTER_S))], body))
            newest.handle_close()
        elif displaced is not None:
            displaced.give_up(HTTPStatus.TOO_MANY_REQUESTS, THROTTLED, SOON, RETRY_AFTER_S)

    def free_memory(self) -> None:
        """Give up half-sent requests until the bodies in memory are within their limit."""
        while displaced := displaced_by_bytes(self.active_channels.values(), self.limits):
            displaced.give_up(HTTPStatus.TOO_MANY_REQUESTS, THROTTLED, SOON, RETRY_AFTER_S)

    def may_send(self, environ: dict[str, Any]) -> bool:
        """Whether a request may have the body that it names the length of, which is longer than any photo."""
        return int(environ["CONTENT_LENGTH"]) <= self._most_bytes and self._may_send_much(environ)

    def add_task(self, task: Channel) -> None:
        task.queued = time.monotonic()
        super().add_task(task)

    def maintenance(self, now: float) -> None:
        for channel in list(self.active_channels.values()):
            channel.keep_pace(time.monotonic())

    def run_once(self, wait_s: float) -> None:
        """Receive and send what there is, or wait so long for it."""
        wasyncore.poll2(wait_s, self._map)
        if self._clients_wait:
            self._clients_wait = False
            self.accept_clients()

    def stop_accepting(self) -> None:
        """Leave new connections to other processes, and close those that wait for a next request."""
        self.accepting = False
        self.del_channel()
        self.socket.close()
        for channel in list(self.active_channels.values()):
            if channel.phase is Phase.IDLE:
                channel.handle_close()

    @property
    def is_busy(self) -> bool:
        return any(one.phase is not Phase.IDLE for one in self.active_channels.values())


class WaitressWorker(Worker):
    """A process of gunicorn's in which waitress serves."""

    def run(self) -> None:
        from django.conf import settings  # noqa: PLC0415  (nothing of Django before the fork)

        (listener,) = self.sockets
        buffered = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        server = Server(
            self.wsgi,
            listener.sock,
            threads=self.cfg.threads,
            limits=ConnectionLimits(
                connections=min(self.cfg.worker_connections, getrlimit(RLIMIT_NOFILE)[0] - OTHER_FILES),
                per_network=-(-settings.CONNECTIONS_PER_ADDRESS // self.cfg.workers),
                held_bytes=max(HELD_AT_MOST_BYTES, buffered * 9 // 8),
            ),
            buffered_bytes=buffered,
            most_bytes=settings.REQUEST_MAX_BYTES,
        )
        while self.alive and self.ppid == os.getppid():
            self.notify()
            server.run_once(LOOKED_AT_EVERY_S)
        server.stop_accepting()
        until = time.monotonic() + self.cfg.graceful_timeout
        while server.is_busy and time.monotonic() < until:
            self.notify()
            server.run_once(LOOKED_AT_EVERY_S / 10)
            server.maintenance(time.time())
        server.task_dispatcher.shutdown(timeout=1)
