"""What a web server sends is one whole picture, in time, or it is refused."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler

import pytest

from catalogue.imaging import FetchPolicy, Limits, fetch_image
from tests.catalogue.imaging.web_servers import PICTURE, REFUSAL, Answer, redirecting_to, refusal_of, send, serving


def test_a_picture_is_fetched_with_the_name_it_was_asked_by() -> None:
    with serving(send) as server:
        reach = server.reach(resolve=lambda host, port: ["127.0.0.1"])

        data = fetch_image(f"http://pictures.example:{server.port}/a%20b.jpg?size=2", policy=reach)

    path, headers = server.asked[0]
    assert data == PICTURE
    assert path == "/a%20b.jpg?size=2"
    assert headers["Host"] == f"pictures.example:{server.port}"
    assert headers["Accept-Encoding"] == "identity"


def test_redirects_are_followed() -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        places = {"/1": "/2", "/2": f"http://other.example:{server.port}/3", "/3": "4.jpg?x=1"}
        if location := places.get(handler.path):
            send(handler, b"", 302, Location=location)
        else:
            send(handler)

    with serving(answer) as server:
        reach = server.reach(resolve=lambda host, port: ["127.0.0.1"])

        assert fetch_image(f"http://one.example:{server.port}/1", policy=reach) == PICTURE

    assert [path for path, _ in server.asked] == ["/1", "/2", "/3", "/4.jpg?x=1"]
    assert server.asked[3][1]["Host"] == f"other.example:{server.port}"


def test_a_fourth_redirect_is_not_followed() -> None:
    with serving(redirecting_to("/again")) as server:
        assert refusal_of(f"http://127.0.0.1:{server.port}/", policy=server.reach()) == REFUSAL

    assert len(server.asked) == 4


@pytest.mark.parametrize(
    "answer",
    [
        lambda handler: send(handler, b"<html>"),
        lambda handler: send(handler, b"<html>" * 100, Content_Type="image/jpeg"),
        lambda handler: send(handler, b""),
        lambda handler: send(handler, status=404),
        lambda handler: send(handler, status=500),
        lambda handler: send(handler, status=206),
        lambda handler: send(handler, status=302),
        lambda handler: send(handler, Content_Length=str(len(PICTURE) + 10)),
        lambda handler: send(handler, Content_Length="nonsense"),
        lambda handler: handler.wfile.write(b"nonsense\r\n\r\n"),
        lambda handler: handler.wfile.write(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 300_000),
        lambda handler: None,
    ],
)
def test_what_is_no_whole_picture_is_refused_with_the_same_text(answer: Answer) -> None:
    with serving(answer) as server:
        assert refusal_of(f"http://127.0.0.1:{server.port}/", policy=server.reach()) == REFUSAL


LARGE = PICTURE + b"\0" * (100_000 - len(PICTURE))


@pytest.mark.parametrize(
    "answer",
    [lambda handler: send(handler, LARGE), lambda handler: send(handler, LARGE, Content_Length="100000")],
    ids=["length not said", "length said"],
)
def test_no_more_than_the_limit_is_taken(answer: Answer) -> None:
    with serving(answer) as server:
        url, reach = f"http://127.0.0.1:{server.port}/", server.reach()

        assert refusal_of(url, limits=Limits(max_bytes=99_999), policy=reach) == REFUSAL
        assert fetch_image(url, limits=Limits(max_bytes=100_000), policy=reach) == LARGE


def test_an_endless_answer_is_left_at_the_limit() -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        send(handler, PICTURE)
        while True:
            handler.wfile.write(b"\0" * 10_000)

    with serving(answer) as server:
        url = f"http://127.0.0.1:{server.port}/"
        assert refusal_of(url, limits=Limits(max_bytes=1_000_000), policy=server.reach()) == REFUSAL


def test_an_answer_longer_than_it_says_is_cut_where_it_said() -> None:
    with serving(lambda handler: send(handler, LARGE, Content_Length="1000")) as server:
        assert fetch_image(f"http://127.0.0.1:{server.port}/", policy=server.reach()) == LARGE[:1_000]


# Whoever waits for these waits as long; whoever keeps a deadline of 0.4 s is gone by then, however busy the machine.
FAR_TOO_LONG_S = 30.0


@pytest.mark.parametrize(
    "start",
    [b"HTTP/1.1 200 OK\r\nX-Slow: ", b"HTTP/1.1 200 OK\r\n\r\n" + PICTURE[:100], b""],
    ids=["headers", "body", "status"],
)
def test_a_server_that_drips_is_left_at_the_deadline(start: bytes) -> None:
    given_up, dripped_to_the_end = threading.Event(), threading.Event()

    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(start)
        end = time.monotonic() + FAR_TOO_LONG_S
        while not given_up.wait(0.02):
            handler.wfile.write(b"a")
            if time.monotonic() > end:
                dripped_to_the_end.set()
                return

    with serving(drip) as server:
        assert refusal_of(f"http://127.0.0.1:{server.port}/", policy=server.reach(timeout_s=0.4)) == REFUSAL
        given_up.set()

    assert len(server.asked) == 1
    assert not dripped_to_the_end.is_set()


def test_a_resolver_that_hangs_is_left_at_the_deadline() -> None:
    given_up, answered = threading.Event(), threading.Event()

    def resolve(host: str, port: int) -> Sequence[str]:
        if not given_up.wait(FAR_TOO_LONG_S):
            answered.set()
        return ["127.0.0.1"]

    assert refusal_of("http://slow.example/", policy=FetchPolicy(resolve=resolve, timeout_s=0.3)) == REFUSAL
    given_up.set()

    assert not answered.is_set()


def test_the_next_address_is_tried_when_one_does_not_answer() -> None:
    with serving(send) as server, socket.socket() as closed:
        closed.bind(("127.0.0.2", server.port))  # Bound, not listening: refuses connections.
        reach = server.reach(allow=lambda address: True, resolve=lambda host, port: ["127.0.0.2", "127.0.0.1"])

        assert fetch_image(f"http://two.example:{server.port}/", policy=reach) == PICTURE


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(send) as server, serving(send) as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")

        assert fetch_image(f"http://127.0.0.1:{server.port}/", policy=server.reach()) == PICTURE

    assert (len(server.asked), len(proxy.asked)) == (1, 0)
