"""A real web server among clients that send half a request, slowly, in chunks, or nonsense."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from lab.harness.trial_shop import wait_until
from lab.security.slow import SHORT
from lab.security.slow_clients import SlowAttack, attacked
from tests.factories import drawn_picture
from tests.processes.shop import Shop

HALF_HEADERS = b"GET /api/categories HTTP/1.1\r\nHost: localhost\r\nX-Half: "
HALF_BODY = (
    b"POST /api/articles HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
)


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    """A shop's web processes alone, with an article and a member of staff."""
    opened = Shop(SHOP_VISUAL_SEARCH="off")
    try:
        opened.prepare()
        opened.shell(
            "from django.contrib.auth.models import User; from catalogue.models import ApiToken, Article;"
            "from catalogue.models.api_clients import sha256_of; Article.objects.create(pk=1, sku='1', name='Shirt');"
            "user = User.objects.create_superuser('s');"
            "ApiToken.objects.create(user=user, name='a', key_sha256=sha256_of('token'))"
        )
        opened.start("web")
        wait_until(lambda: answers(opened), within_s=60, what="the shop answers")
        yield opened
    finally:
        opened.__exit__()


def answers(shop: Shop) -> bool:
    try:
        return httpx.get(f"{shop.address}/api/categories", timeout=30).status_code == 200
    except httpx.TransportError:
        return False


@pytest.fixture
def connect(shop: Shop) -> Iterator[Callable[..., socket.socket]]:
    """Connects to the shop and sends it some bytes; what is open in the end is closed."""
    with ExitStack() as opened:

        def connect(sent: bytes = b"") -> socket.socket:
            connection = opened.enter_context(socket.create_connection(("127.0.0.1", shop.port), timeout=60))
            connection.sendall(sent)
            return connection

        yield connect


def refusal(connection: socket.socket) -> tuple[int, dict[str, Any]]:
    """Return status and problem of what the server says before it closes the connection."""
    said = b""
    while piece := connection.recv(65536):
        said += piece
    head, _, body = said.partition(b"\r\n\r\n")
    assert b"Content-Type: application/problem+json" in head, said
    problem = json.loads(body)
    assert list(problem) == ["type", "title", "status", "code", "detail", "errors"]
    assert head.startswith(b"HTTP/1.1 %d " % problem["status"])
    return problem["status"], problem


def test_half_sent_requests_hold_up_nobody_and_are_refused_in_the_end(
    shop: Shop, connect: Callable[..., socket.socket]
) -> None:
    halves = [connect(sent) for sent in [HALF_HEADERS, HALF_BODY] * 12]
    silent = [connect() for _ in range(100)]

    assert answers(shop)
    assert {refusal(half)[0] for half in halves} == {408}
    assert {connection.recv(1) for connection in silent} == {b""}
    assert answers(shop)


@pytest.mark.parametrize("attack", SHORT, ids=lambda attack: attack.name)
def test_pages_are_answered_while_slow_clients_attack(shop: Shop, attack: SlowAttack) -> None:
    with attacked(attack, shop.port) as crowd:
        wait_until(lambda: crowd.highest >= 100, within_s=10, what="the attack is on")
        answered = [answers(shop) for _ in range(8)]

    assert all(answered)


def test_a_body_that_comes_in_chunks_is_read(shop: Shop) -> None:
    photo = drawn_picture(size=(600, 800))
    boundary = b"--b\r\nContent-Disposition: form-data; name=image; filename=a.png\r\n\r\n%b\r\n--b--\r\n"

    # httpx sends what it iterates over in chunks.
    added = httpx.post(
        f"{shop.address}/api/articles/1/photos",
        content=iter([boundary[:20], (boundary % photo)[20:2000], (boundary % photo)[2000:]]),
        headers={"Authorization": "Token token", "Content-Type": "multipart/form-data; boundary=b"},
        timeout=60,
    )

    assert added.status_code == 201, added.text


def test_chunks_without_end_are_refused(shop: Shop, connect: Callable[..., socket.socket]) -> None:
    connection = connect(b"POST /api/articles HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in range(40):
        connection.sendall(b"100000\r\n" + bytes(1 << 20) + b"\r\n")

    assert refusal(connection)[0] == 413
    assert answers(shop)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"NONSENSE\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nBad Header: 1\r\n\r\n", 400),
        (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\n" + b"X: 1\r\n" * 200 + b"\r\n", 431),
        (b"POST /api/articles HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        (b"POST /api/articles HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: nonsense\r\n\r\n", 501),
    ],
)
def test_what_is_no_request_gets_a_problem_of_the_one_shape(
    connect: Callable[..., socket.socket], sent: bytes, status: int
) -> None:
    assert refusal(connect(sent))[0] == status


def test_a_request_that_is_cut_off_is_refused(connect: Callable[..., socket.socket]) -> None:
    connection = connect(HALF_BODY)
    connection.shutdown(socket.SHUT_WR)

    assert refusal(connection)[0] == 400


def test_one_connection_serves_many_requests(shop: Shop) -> None:
    with httpx.Client(base_url=shop.address) as client:
        ports = {client.get("/api/categories").extensions["network_stream"].get_extra_info("client_addr") for _ in "ab"}

    assert len(ports) == 1


@pytest.mark.parametrize("charset", ["rot13", "idna", "zlib", "unicode_escape", "utf-16", '"raw_unicode_escape"'])
def test_no_encoding_that_a_client_names_is_used(shop: Shop, charset: str) -> None:
    said = {"Content-Type": f"text/plain; charset={charset}", "Authorization": "Token token"}
    form = {**said, "Content-Type": f'multipart/form-data; charset={charset}; boundary="b"'}
    body = b'--b\r\nContent-Disposition: form-data; name="alt"\r\n\r\nFront\r\n--b--\r\n'

    statuses = [
        httpx.get(f"{shop.address}{path}?q=%5Cud800abc", headers=said).status_code
        for path in ("/api/articles", "/articles/", "/articles/suggestions")
    ]
    posted = httpx.post(f"{shop.address}/api/articles/1/photos", content=body, headers=form)

    assert statuses == [200, 200, 200]
    # The form was read, and lacks its picture.
    assert (posted.status_code, list(posted.json()["errors"])) == (400, ["image"])


@pytest.mark.parametrize("lies_at", ["/x", "//evil.example"])
def test_where_the_shop_lies_is_not_for_clients_to_say(connect: Callable[..., socket.socket], lies_at: str) -> None:
    connection = connect(
        b"GET /articles/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-Forwarded-Proto: https\r\n"
        b"SCRIPT_NAME: %s\r\n\r\n" % lies_at.encode()
    )

    said = b"".join(iter(lambda: connection.recv(65_536), b""))

    assert said.startswith(b"HTTP/1.1 200 ")
    assert b"evil.example" not in said
    assert b"https://localhost" not in said
