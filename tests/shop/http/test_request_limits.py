from __future__ import annotations

import io
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest
from gunicorn.workers.gthread import ThreadWorker

from shop.http import request_limits
from shop.http.request_limits import (
    DeadlineSocket,
    DeadlineWorker,
    RefusedRequestError,
    in_utf8,
    may_be_read_by,
    receive_first,
)


@pytest.fixture
def ends() -> Iterator[tuple[DeadlineSocket, socket.socket]]:
    """The shop's end of a connection, and the client's."""
    ours, theirs = socket.socketpair()
    with DeadlineSocket(fileno=ours.detach()) as patient, theirs:
        yield patient, theirs


def send_slowly(client: socket.socket, piece: bytes, *, times: int) -> None:
    for _ in range(times):
        # What is tested: a client's pause, a tenth of the patience at most.
        time.sleep(0.02)
        try:
            client.sendall(piece)
        except ConnectionError:
            return


def receive_all(patient: DeadlineSocket) -> int:
    patient.begin()
    received = 0
    while data := patient.recv(65536):
        received += len(data)
    return received


def test_a_client_that_stalls_is_aborted(
    ends: tuple[DeadlineSocket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request_limits, "SILENT_AT_MOST_S", 0.05)
    patient, client = ends
    client.sendall(b"GET /")
    patient.begin()

    assert patient.recv(100) == b"GET /"
    with pytest.raises(RefusedRequestError):
        patient.recv(100)


def test_a_client_that_sends_a_byte_now_and_then_is_given_up(
    ends: tuple[DeadlineSocket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request_limits, "GRACE_S", 0.2)
    patient, client = ends

    with ThreadPoolExecutor() as threads:
        threads.submit(send_slowly, client, b"x", times=500)
        with pytest.raises(RefusedRequestError):
            receive_all(patient)
        patient.shutdown(socket.SHUT_RDWR)


def test_a_slow_client_gets_all_the_time_that_its_bytes_take(
    ends: tuple[DeadlineSocket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request_limits, "GRACE_S", 0.2)
    patient, client = ends

    with ThreadPoolExecutor() as threads:
        sending = threads.submit(send_slowly, client, bytes(2000), times=50)
        sending.add_done_callback(lambda _: client.shutdown(socket.SHUT_WR))

        assert receive_all(patient) == 100_000


def test_the_deadline_starts_anew_with_each_request(
    ends: tuple[DeadlineSocket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request_limits, "GRACE_S", 0.1)
    patient, client = ends
    patient.begin()
    with pytest.raises(RefusedRequestError):
        patient.recv(100)

    patient.begin()
    client.sendall(b"GET /")

    assert patient.recv(100) == b"GET /"


def test_a_client_that_does_not_read_is_given_up(
    ends: tuple[DeadlineSocket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request_limits, "SILENT_AT_MOST_S", 0.05)
    patient, _client = ends
    patient.begin()

    with pytest.raises(BrokenPipeError):
        patient.sendall(bytes(50_000_000))


def test_a_site_that_may_ask_may_read_that_it_is_refused(settings: Any) -> None:
    settings.CORS_ALLOWED_ORIGINS = ["https://shop.example"]

    assert "Access-Control-Allow-Origin: https://shop.example" in may_be_read_by("https://shop.example")
    assert may_be_read_by("https://evil.example") == may_be_read_by("") == []


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("application/json", "application/json"),
        ("application/json; charset=utf-16", "application/json"),
        ('multipart/form-data; charset=rot13; boundary=a"b', 'multipart/form-data; boundary="a"b"'),
        ("text/plain; charset*=utf-8''idna", "text/plain"),
    ],
)
def test_the_encoding_that_a_client_names_is_left_out(sent: str, kept: str) -> None:
    assert in_utf8(sent) == kept


@pytest.mark.parametrize(
    ("waited_s", "request_line", "shed"),
    [
        (2.0, ("POST", "/api/predict"), False),
        (2.01, ("POST", "/api/predict"), True),
        (60.0, ("GET", "/api/predict"), False),
        (60.0, ("POST", "/api/batches"), False),
    ],
)
def test_a_search_that_waited_more_than_two_seconds_is_refused_and_nothing_else(
    ends: tuple[DeadlineSocket, socket.socket],
    monkeypatch: pytest.MonkeyPatch,
    *,
    waited_s: float,
    request_line: tuple[str, str],
    shed: bool,
) -> None:
    ours, client = ends
    handled: list[Any] = []
    monkeypatch.setattr(ThreadWorker, "handle_request", lambda worker, request, conn: handled.append(request))
    monkeypatch.setattr(request_limits, "time", SimpleNamespace(monotonic=lambda: 1_000.0 + waited_s))
    counted: list[int] = []
    monkeypatch.setattr(request_limits, "count_shed", lambda: counted.append(1))
    worker = DeadlineWorker.__new__(DeadlineWorker)
    worker.alive = True
    method, path = request_line
    request = SimpleNamespace(method=method, path=path, body=None, headers=[])
    connection: Any = SimpleNamespace(enqueued=1_000.0, sock=ours)

    worker.handle_request(request, connection)

    assert (len(handled), len(counted)) == ((0, 1) if shed else (1, 0))
    if shed:
        answer = client.recv(10_000).decode()
        assert answer.startswith("HTTP/1.1 503 ")
        assert f"Retry-After: {request_limits.RETRY_AFTER_S}" in answer


@pytest.mark.parametrize(("sent", "refused"), [(9, False), (10, False), (11, True)])
@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_is_received_first_up_to_its_most_bytes(*, sent: int, refused: bool, chunked: bool) -> None:
    """A longer one that names its length is left to the shop to refuse."""
    seen: list[bytes] = []

    def shop(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        seen.append(environ["wsgi.input"].read())
        return []

    how = {"HTTP_TRANSFER_ENCODING": "chunked"} if chunked else {"CONTENT_LENGTH": str(sent)}
    environ = {**how, "wsgi.input": io.BytesIO(b"a" * sent)}

    if refused and chunked:
        with pytest.raises(RefusedRequestError, match="too large"):
            receive_first(shop, most_bytes=10)(environ, lambda *args: None)
        assert seen == []
    else:
        received = environ["wsgi.input"]
        receive_first(shop, most_bytes=10)(environ, lambda *args: None)
        assert seen == [b"a" * sent]
        # What is not received first is read from the client itself.
        assert (environ["wsgi.input"] is received) is refused
