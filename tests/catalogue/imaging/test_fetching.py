"""Pictures are fetched from public web servers, and from nowhere else.

The servers are real ones on 127.0.0.1; `Reach.allow` lets a test reach them, `Reach.resolve` says which name they have.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address

import pytest
import trustme

from catalogue.exceptions import UnreachableUrlError
from catalogue.imaging import Limits, Reach, fetch_image, is_public
from catalogue.imaging.addresses import IPAddress, resolve_host
from tests.catalogue.imaging.pictures import draw_quarters, encode

PICTURE = encode(draw_quarters(), "JPEG")
LOOPBACK = ip_address("127.0.0.1")

Answer = Callable[[BaseHTTPRequestHandler], None]


class Server:
    """A web server on 127.0.0.1 that answers as told, and remembers what it was asked."""

    def __init__(self, answer: Answer, tls: ssl.SSLContext | None = None) -> None:
        self.asked: list[tuple[str, dict[str, str]]] = []
        remember = self.asked.append

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                remember((self.path, dict(self.headers.items())))
                answer(self)

            def log_message(self, *args: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        # A client that gives up breaks the connection: expected here, and no traceback worth printing.
        self.http.handle_error = lambda *args: None  # type: ignore[method-assign]
        if tls is not None:
            self.http.socket = tls.wrap_socket(self.http.socket, server_side=True)
        self.port: int = self.http.server_address[1]

    def reach(self, **changes: object) -> Reach:
        """Return a reach that lets just this server be asked, under any name that resolves to it."""
        reach = Reach(allow=lambda address: address == LOOPBACK, ports=frozenset({self.port}), timeout_s=5)
        return replace(reach, **changes)  # type: ignore[arg-type]


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


def refusal_of(url: str, **options: object) -> str:
    with pytest.raises(UnreachableUrlError) as refusal:
        fetch_image(url, **options)  # type: ignore[arg-type]
    return str(refusal.value)


# The one text that every refusal must have.
REFUSAL = (
    "No picture could be fetched from this address. It must be http or https, on a public host, and answer quickly "
    "with one picture of an allowed size. Or send the picture itself."
)


def test_a_picture_is_fetched_with_the_name_it_was_asked_by() -> None:
    with serving(send) as server:
        reach = server.reach(resolve=lambda host, port: ["127.0.0.1"])

        data = fetch_image(f"http://pictures.example:{server.port}/a%20b.jpg?size=2", reach=reach)

    path, headers = server.asked[0]
    assert data == PICTURE
    assert path == "/a%20b.jpg?size=2"
    assert headers["Host"] == f"pictures.example:{server.port}"
    assert headers["Accept-Encoding"] == "identity"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://localhost/",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://017700000001/",
        "http://0177.0.0.1/",
        "http://127.0.0.1./",
        "http://0/",
        "http://0.0.0.0/",
        "http://[::]/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[2002:7f00:1::]/",
        "http://[fe80::1]/",
        "http://[fd00:ec2::254]/",
        "http://169.254.169.254/latest/meta-data/",
        "http://2852039166/",
        "http://10.0.0.1/",
        "http://192.168.0.1/",
        "http://100.100.100.200/",
        "http://168.63.129.16/",
        "http://192.0.0.192/",
        "http://①②⑦.⓪.⓪.①/",
        "http://127。0。0。1/",
    ],
)
def test_no_way_of_writing_an_inner_address_is_connected_to(url: str) -> None:
    checked: list[IPAddress] = []

    def allow(address: IPAddress) -> bool:
        checked.append(address)
        return is_public(address)

    assert refusal_of(url, reach=Reach(allow=allow)) == REFUSAL
    assert all(not is_public(address) for address in checked)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "picture.jpg",
        "//example.com/a.jpg",
        "ftp://example.com/a.jpg",
        "file:///etc/passwd",
        "gopher://127.0.0.1:6379/_INFO",
        "data:image/png;base64,AAAA",
        "javascript:alert(1)",
        "http://",
        "http:///a.jpg",
        "http://user@example.com/",
        "http://user:word@example.com/",
        "http://example.com@127.0.0.1/",
        "http://example.com:22/",
        "http://example.com:6379/",
        "http://example.com:99999/",
        "https://example.com:8443/",
        "http://a..b/",
        "http://" + "a" * 70 + ".com/",
        "http://example.com/\r\nHost: inner",
        "http://[::1",
        "http://\0/",
    ],
)
def test_an_address_that_is_not_a_plain_web_address_is_not_even_resolved(url: str) -> None:
    def resolve(host: str, port: int) -> Sequence[str]:
        if host.startswith("a"):
            return resolve_host(host, port)  # Names that no resolver takes.
        raise AssertionError(f"{host} was resolved")

    assert refusal_of(url, reach=Reach(resolve=resolve)) == REFUSAL


def test_a_name_with_one_inner_address_is_refused() -> None:
    with serving(send) as server:
        reach = server.reach(resolve=lambda host, port: ["127.0.0.1", "10.0.0.1"])

        assert refusal_of(f"http://mixed.example:{server.port}/", reach=reach) == REFUSAL

    assert server.asked == []


def test_a_name_that_changes_its_address_is_connected_to_where_it_was_checked() -> None:
    with serving(send) as outside, serving(send) as inside:
        answers = iter([["127.0.0.1"]])
        reach = outside.reach(resolve=lambda host, port: next(answers))

        data = fetch_image(f"http://rebinding.example:{outside.port}/", reach=reach)

    assert data == PICTURE
    assert (len(outside.asked), len(inside.asked)) == (1, 0)


def test_a_name_that_is_inside_the_second_time_is_refused_then() -> None:
    with serving(redirecting_to("/again")) as server:
        answers = iter([["127.0.0.1"], ["10.0.0.1"]])
        reach = server.reach(resolve=lambda host, port: next(answers))

        assert refusal_of(f"http://rebinding.example:{server.port}/", reach=reach) == REFUSAL

    assert [path for path, _ in server.asked] == ["/"]


def test_redirects_are_followed() -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        places = {"/1": "/2", "/2": f"http://other.example:{server.port}/3", "/3": "4.jpg?x=1"}
        if location := places.get(handler.path):
            send(handler, b"", 302, Location=location)
        else:
            send(handler)

    with serving(answer) as server:
        reach = server.reach(resolve=lambda host, port: ["127.0.0.1"])

        assert fetch_image(f"http://one.example:{server.port}/1", reach=reach) == PICTURE

    assert [path for path, _ in server.asked] == ["/1", "/2", "/3", "/4.jpg?x=1"]
    assert server.asked[3][1]["Host"] == f"other.example:{server.port}"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.2:{port}/",
        "http://169.254.169.254:{port}/latest/meta-data/",
        "http://[::1]:{port}/",
        "http://10.0.0.1:{port}/",
        "//192.168.0.1:{port}/",
        "http://127.0.0.1:22/",
        "http://user:word@127.0.0.1:{port}/",
        "file:///etc/passwd",
        "gopher://127.0.0.1:{port}/",
        "",
    ],
)
def test_a_redirect_to_where_we_do_not_go_is_refused(location: str, status: int) -> None:
    with serving(lambda handler: send(handler, b"", status, Location=location.format(port=server.port))) as server:
        assert refusal_of(f"http://127.0.0.1:{server.port}/", reach=server.reach(max_redirects=1)) == REFUSAL

    assert {path for path, _ in server.asked} == {"/"}


def test_a_fourth_redirect_is_not_followed() -> None:
    with serving(redirecting_to("/again")) as server:
        assert refusal_of(f"http://127.0.0.1:{server.port}/", reach=server.reach()) == REFUSAL

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
        assert refusal_of(f"http://127.0.0.1:{server.port}/", reach=server.reach()) == REFUSAL


LARGE = PICTURE + b"\0" * (100_000 - len(PICTURE))


@pytest.mark.parametrize(
    "answer",
    [lambda handler: send(handler, LARGE), lambda handler: send(handler, LARGE, Content_Length="100000")],
    ids=["length not said", "length said"],
)
def test_no_more_than_the_limit_is_taken(answer: Answer) -> None:
    with serving(answer) as server:
        url, reach = f"http://127.0.0.1:{server.port}/", server.reach()

        assert refusal_of(url, limits=Limits(max_bytes=99_999), reach=reach) == REFUSAL
        assert fetch_image(url, limits=Limits(max_bytes=100_000), reach=reach) == LARGE


def test_an_endless_answer_is_left_at_the_limit() -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        send(handler, PICTURE)
        while True:
            handler.wfile.write(b"\0" * 10_000)

    with serving(answer) as server:
        url = f"http://127.0.0.1:{server.port}/"
        assert refusal_of(url, limits=Limits(max_bytes=1_000_000), reach=server.reach()) == REFUSAL


def test_an_answer_longer_than_it_says_is_cut_where_it_said() -> None:
    with serving(lambda handler: send(handler, LARGE, Content_Length="1000")) as server:
        assert fetch_image(f"http://127.0.0.1:{server.port}/", reach=server.reach()) == LARGE[:1_000]


def drip(stopped: threading.Event, start: bytes) -> Answer:
    """Return an answer that begins with `start` and goes on byte by byte until the client is gone."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(start)
        while not stopped.wait(0.02):
            handler.wfile.write(b"a")

    return answer


@pytest.mark.parametrize(
    "start",
    [b"HTTP/1.1 200 OK\r\nX-Slow: ", b"HTTP/1.1 200 OK\r\n\r\n" + PICTURE[:100], b""],
    ids=["headers", "body", "status"],
)
def test_a_server_that_drips_is_left_at_the_deadline(start: bytes) -> None:
    stopped = threading.Event()
    with serving(drip(stopped, start)) as server:
        began = time.monotonic()
        assert refusal_of(f"http://127.0.0.1:{server.port}/", reach=server.reach(timeout_s=0.4)) == REFUSAL
        lasted = time.monotonic() - began
        stopped.set()

    assert 0.35 < lasted < 2


def test_a_resolver_that_hangs_is_left_at_the_deadline() -> None:
    released = threading.Event()

    def resolve(host: str, port: int) -> Sequence[str]:
        released.wait(20)
        return ["127.0.0.1"]

    began = time.monotonic()
    assert refusal_of("http://slow.example/", reach=Reach(resolve=resolve, timeout_s=0.3)) == REFUSAL
    lasted = time.monotonic() - began
    released.set()

    assert lasted < 2


def test_the_next_address_is_tried_when_one_does_not_answer() -> None:
    with serving(send) as server, socket.socket() as closed:
        closed.bind(("127.0.0.2", server.port))  # Bound, not listening: refuses connections.
        reach = server.reach(allow=lambda address: True, resolve=lambda host, port: ["127.0.0.2", "127.0.0.1"])

        assert fetch_image(f"http://two.example:{server.port}/", reach=reach) == PICTURE


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(send) as server, serving(send) as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")

        assert fetch_image(f"http://127.0.0.1:{server.port}/", reach=server.reach()) == PICTURE

    assert (len(server.asked), len(proxy.asked)) == (1, 0)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.mark.parametrize("name", ["pictures.example", "other.example"])
def test_a_certificate_must_be_for_the_name_that_was_asked(authority: trustme.CA, name: str) -> None:
    theirs, ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert("pictures.example").configure_cert(theirs)
    authority.configure_trust(ours)
    spoken_of: list[str | None] = []
    theirs.sni_callback = lambda connection, asked, context: spoken_of.append(asked)

    with serving(send, theirs) as server:
        url = f"https://{name}:{server.port}/"
        reach = server.reach(resolve=lambda host, port: ["127.0.0.1"], tls=ours)
        if name == "pictures.example":
            assert fetch_image(url, reach=reach) == PICTURE
        else:
            assert refusal_of(url, reach=reach) == REFUSAL

    assert spoken_of == [name]


def test_a_certificate_nobody_vouches_for_is_refused(authority: trustme.CA) -> None:
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("pictures.example").configure_cert(theirs)

    with serving(send, theirs) as server:
        reach = server.reach(resolve=lambda host, port: ["127.0.0.1"])
        assert refusal_of(f"https://pictures.example:{server.port}/", reach=reach) == REFUSAL

    assert server.asked == []
