"""The web server's connections: requests are received whole, slow clients and malformed requests are told why."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest

from shop.http import connection_limits
from shop.http.connection_limits import ConnectionLimits
from shop.http.request_limits import WAITED_S
from shop.http.server import Server

BUFFERED, MOST = 100_000, 1_000_000
LIMITS = ConnectionLimits(connections=50, per_network=0, held_bytes=150_000)
HEAD = b"POST /x HTTP/1.1\r\nHost: localhost\r\nAccept-Language: fr\r\n"


class App:
    """A WSGI application that keeps what it was called with. It answers once `open` is set."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.environs: list[dict[str, Any]] = []
        self.open = threading.Event()
        self.open.set()
        self.answer = [b"done"]
        self.reads = True

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        self.environs.append(environ)
        self.open.wait(5)
        if self.reads:
            self.bodies.append(environ["wsgi.input"].read())
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(b"".join(self.answer))))])
        return self.answer


def new_server(app: App, limits: ConnectionLimits = LIMITS) -> Server:
    server = Server(
        app,
        socket.create_server(("127.0.0.1", 0)),
        threads=2,
        limits=limits,
        buffered_bytes=BUFFERED,
        most_bytes=MOST,
        may_send_much=lambda environ: environ.get("HTTP_X_STAFF") == "yes",
    )
    # The clock is looked at each time instead of each second.
    server.adj.cleanup_interval = 0
    return server


@contextmanager
def serving(app: App, limits: ConnectionLimits = LIMITS) -> Iterator[Server]:
    server = new_server(app, limits)
    stop = threading.Event()

    def serve() -> None:
        while not stop.is_set():
            server.run_once(0.02)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield server
    finally:
        stop.set()
        thread.join()
        end(server)


def end(server: Server) -> None:
    server.task_dispatcher.shutdown(timeout=2)
    for channel in list(server.active_channels.values()):
        channel.handle_close()
    server.close()


@pytest.fixture
def app() -> App:
    return App()


@pytest.fixture
def connect(app: App) -> Iterator[Callable[..., socket.socket]]:
    """Connects to a server of the application and sends some bytes."""
    with ExitStack() as stack:
        started: list[Server] = []

        def connect(sent: bytes = b"", limits: ConnectionLimits = LIMITS) -> socket.socket:
            if not started:
                started.append(stack.enter_context(serving(app, limits)))
            address = ("127.0.0.1", int(started[0].effective_port))
            client = stack.enter_context(socket.create_connection(address, timeout=5))
            client.sendall(sent)
            return client

        yield connect


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_limits, "SILENT_AT_MOST_S", 0.2)
    monkeypatch.setattr(connection_limits, "GRACE_S", 0.4)


def read(client: socket.socket) -> bytes:
    """Return all that is sent before the connection is closed."""
    return b"".join(iter(lambda: client.recv(65_536), b""))


def received_until(client: socket.socket, end: bytes, *, times: int = 1) -> bytes:
    received = b""
    while received.count(end) < times:
        received += client.recv(1_000)
    return received


def problem(client: socket.socket) -> tuple[int, dict[str, Any]]:
    head, _, body = read(client).partition(b"\r\n\r\n")
    assert b"Content-Type: application/problem+json" in head
    assert head.startswith(b"HTTP/1.1 ")
    assert b"Connection: close" in head
    told = json.loads(body)
    assert list(told) == ["type", "title", "status", "code", "detail", "errors"]
    return int(head.split()[1]), told


def test_the_application_is_called_with_a_whole_request(app: App, connect: Callable[..., socket.socket]) -> None:
    client = connect(HEAD + b"Content-Length: 8\r\n\r\nhalf")
    time.sleep(0.1)
    assert app.environs == []

    client.sendall(b"half")

    assert client.recv(1_000).startswith(b"HTTP/1.1 200 OK")
    assert app.bodies == [b"halfhalf"]
    assert 0.0 <= app.environs[0][WAITED_S] < 1.0
    assert app.environs[0]["REMOTE_ADDR"] == "127.0.0.1"


def test_what_proxies_say_reaches_the_application_and_what_looks_like_the_environment_does_not(
    app: App, connect: Callable[..., socket.socket]
) -> None:
    client = connect(HEAD + b"X-Forwarded-For: 203.0.113.7\r\nX_Real: 1\r\nSCRIPT_NAME: /x\r\n\r\n")
    client.recv(1_000)

    assert app.environs[0]["HTTP_X_FORWARDED_FOR"] == "203.0.113.7"
    assert app.environs[0]["SCRIPT_NAME"] == ""
    assert "HTTP_X_REAL" not in app.environs[0]


def test_a_body_in_chunks_has_a_length(app: App, connect: Callable[..., socket.socket]) -> None:
    client = connect(HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
    client.recv(1_000)

    assert app.bodies == [b"abcde"]
    assert app.environs[0]["CONTENT_LENGTH"] == "5"
    assert "HTTP_TRANSFER_ENCODING" not in app.environs[0]


def test_a_client_that_waits_to_be_asked_for_the_body_is_asked(app: App, connect: Callable[..., socket.socket]) -> None:
    client = connect(HEAD + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n")
    assert client.recv(1_000) == b"HTTP/1.1 100 Continue\r\n\r\n"

    client.sendall(b"ok")

    assert client.recv(1_000).startswith(b"HTTP/1.1 200 OK")
    assert app.bodies == [b"ok"]


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("half", [b"GET / HTTP/1.1\r\nX: ", HEAD + b"Content-Length: 100\r\n\r\n{"])
def test_a_half_sent_request_is_refused_in_the_end(connect: Callable[..., socket.socket], half: bytes) -> None:
    status, told = problem(connect(half))

    assert (status, told["code"]) == (408, "invalid")
    assert "slowly" in told["detail"] or "lentement" in told["detail"]


@pytest.mark.usefixtures("impatient")
def test_a_client_that_sends_a_byte_now_and_then_is_refused_too(connect: Callable[..., socket.socket]) -> None:
    client = connect(b"GET / HTTP/1.1\r\nX: ")
    client.settimeout(0.05)
    for _ in range(100):
        client.sendall(b"x")
        try:
            answer = client.recv(1_000)
        except TimeoutError:
            continue
        assert answer.startswith(b"HTTP/1.1 408 ")
        return
    pytest.fail("it was never refused")


@pytest.mark.usefixtures("impatient")
def test_a_silent_connection_is_closed_without_a_word(connect: Callable[..., socket.socket]) -> None:
    assert read(connect()) == b""


@pytest.mark.usefixtures("impatient")
def test_a_client_that_does_not_read_frees_the_thread(app: App, connect: Callable[..., socket.socket]) -> None:
    app.answer = [bytes(1_000_000)] * 40
    stalled = [connect(HEAD + b"\r\n") for _ in range(2)]
    # Both threads wait for their clients.
    while len(app.environs) < 2:
        time.sleep(0.01)

    app.answer = [b"done"]

    assert connect(HEAD + b"\r\n").recv(1_000).startswith(b"HTTP/1.1 200 OK")
    assert len(stalled) == 2


@pytest.mark.usefixtures("impatient")
def test_who_waits_for_an_answer_is_not_slow(app: App, connect: Callable[..., socket.socket]) -> None:
    app.open.clear()
    client = connect(HEAD + b"\r\n")
    time.sleep(0.6)
    app.open.set()

    assert client.recv(1_000).startswith(b"HTTP/1.1 200 OK")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"NONSENSE\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nBad Header: 1\r\n\r\n", 400),
        (b"GET /" + b"a" * 9_000 + b" HTTP/1.1\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\n" + b"X: 1\r\n" * 200 + b"\r\n", 431),
        (b"GET / HTTP/1.1\r\nX: " + b"a" * 40_000, 431),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        (HEAD + b"Transfer-Encoding: nonsense\r\n\r\n", 501),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"1" * 5_000, 400),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 5_000, 400),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"5\r\nxxxxx\r\n" * 3_000, 400),
        (HEAD + b"Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n186a1\r\n" + b"x" * 100_001, 413),
    ],
)
def test_what_is_no_request_gets_a_problem(
    app: App, connect: Callable[..., socket.socket], sent: bytes, status: int
) -> None:
    client = connect(sent)
    if b"100-continue" in sent:
        assert client.recv(25) == b"HTTP/1.1 100 Continue\r\n\r\n"

    assert problem(client)[0] == status
    assert app.environs == []


def test_a_request_that_is_cut_off_is_refused(connect: Callable[..., socket.socket]) -> None:
    client = connect(HEAD + b"Content-Length: 100\r\n\r\n{")
    client.shutdown(socket.SHUT_WR)

    assert problem(client)[0] == 400


def test_staff_may_send_a_long_body(app: App, connect: Callable[..., socket.socket]) -> None:
    client = connect(HEAD + b"X-Staff: yes\r\nContent-Length: 500000\r\n\r\n")
    client.sendall(bytes(500_000))

    assert client.recv(1_000).startswith(b"HTTP/1.1 200 OK")
    assert app.bodies == [bytes(500_000)]


@pytest.mark.parametrize("who", [b"X-Staff: no\r\nContent-Length: 500000", b"X-Staff: yes\r\nContent-Length: 2000000"])
def test_a_body_that_nobody_may_send_is_answered_before_it_is_received(
    app: App, connect: Callable[..., socket.socket], who: bytes
) -> None:
    app.reads = False
    client = connect(HEAD + who + b"\r\n\r\n")

    # Whoever goes on sending gets the answer all the same.
    assert client.recv(15) == b"HTTP/1.1 200 OK"
    client.sendall(bytes(300_000))
    assert read(client).endswith(b"done")
    with pytest.raises(Exception, match="not received"):
        app.environs[0]["wsgi.input"].read()


def test_an_address_with_too_many_connections_loses_its_oldest(app: App, connect: Callable[..., socket.socket]) -> None:
    limits = ConnectionLimits(connections=50, per_network=2, held_bytes=150_000)
    half = connect(HEAD + b"Content-Length: 100\r\n\r\n{", limits)
    time.sleep(0.1)
    lively = connect(HEAD)
    time.sleep(0.1)

    assert connect(HEAD + b"\r\n").recv(1_000).startswith(b"HTTP/1.1 200 OK")
    status, told = problem(half)
    assert (status, told["code"]) == (429, "throttled")
    lively.sendall(b"\r\n")
    assert lively.recv(1_000).startswith(b"HTTP/1.1 200 OK")


def test_an_address_that_is_served_on_all_its_connections_is_refused_another(
    app: App, connect: Callable[..., socket.socket]
) -> None:
    limits = ConnectionLimits(connections=50, per_network=2, held_bytes=150_000)
    app.open.clear()
    served = [connect(HEAD + b"\r\n", limits) for _ in range(2)]
    while len(app.environs) < 2:
        time.sleep(0.01)

    refused = connect()
    assert refused.recv(1_000).startswith(b"HTTP/1.1 429 ")
    app.open.set()

    assert [client.recv(15) for client in served] == [b"HTTP/1.1 200 OK"] * 2


def test_bodies_take_no_more_memory_than_they_may(
    app: App, connect: Callable[..., socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shop.http.channels.COUNTED_EVERY_BYTES", 10_000)
    half = HEAD + b"Content-Length: 90000\r\n\r\n" + bytes(80_000)
    first = connect(half)
    time.sleep(0.2)

    second = connect(half)

    assert problem(first)[1]["code"] == "throttled"
    second.sendall(bytes(10_000))
    assert second.recv(1_000).startswith(b"HTTP/1.1 200 OK")


def test_requests_sent_ahead_are_answered_in_order_and_too_many_are_not(
    app: App, connect: Callable[..., socket.socket]
) -> None:
    few = connect((HEAD + b"\r\n") * 3)
    assert received_until(few, b"done", times=3).count(b"HTTP/1.1 200 OK") == 3

    many = connect((HEAD + b"\r\n") * 100)
    with pytest.raises(ConnectionError):
        while many.recv(1_000):
            pass
        raise ConnectionResetError


def test_what_waits_for_its_next_request_is_closed_on_stopping_and_what_is_under_way_is_answered(app: App) -> None:
    with serving(app) as server:
        address = ("127.0.0.1", int(server.effective_port))
        with socket.create_connection(address, timeout=5) as idle, socket.create_connection(address, timeout=5) as half:
            idle.sendall(HEAD + b"\r\n")
            assert received_until(idle, b"done").startswith(b"HTTP/1.1 200 OK")
            half.sendall(HEAD + b"Content-Length: 2\r\n\r\n")
            while not any(channel.request for channel in server.active_channels.values()):
                time.sleep(0.01)

            server.stop_accepting()

            assert idle.recv(1_000) == b""
            assert server.is_busy
            half.sendall(b"ok")
            assert half.recv(1_000).startswith(b"HTTP/1.1 200 OK")


def test_who_connects_while_an_idle_connection_is_closed_is_not_closed_in_its_place(app: App) -> None:
    server = new_server(app)
    address = ("127.0.0.1", int(server.effective_port))
    with ExitStack() as stack:
        stack.callback(end, server)
        idle = stack.enter_context(socket.create_connection(address, timeout=5))
        server.run_once(1)
        (channel,) = server.active_channels.values()
        # As if it had been silent for long.
        channel.moved_at = channel._began = time.monotonic() - 3_600
        client = stack.enter_context(socket.create_connection(address, timeout=5))
        client.sendall(b"GET /x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")

        # The first round closes the one and takes the other, whose socket gets the same number.
        until = time.monotonic() + 5
        while server.active_channels and time.monotonic() < until:
            server.run_once(0.02)

        assert read(idle) == b""
        assert read(client).endswith(b"done")
