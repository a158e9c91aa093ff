"""A file of bounded size is downloaded whole, decompressed where it is compressed, or refused."""

from __future__ import annotations

import gzip
import hashlib
import io
from base64 import b64decode
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from catalogue.exceptions import NotFetchedError
from catalogue.imaging import Credentials, HttpValidators, Request, check_address, download
from catalogue.imaging.addresses import FetchPolicy
from tests.catalogue.imaging.web_servers import Answer, send, serving

FILE = b"sku,name\n" + b"".join(b"S-%05d,Coat\n" % n for n in range(5_000))
SECRET = Credentials("shop", "pässword")


def fetched(answer: Answer, *, max_bytes: int = 1_000_000, **options: Any) -> tuple[Any, bytes]:
    """Return what a download says of the file of a server, and what it wrote."""
    target = io.BytesIO()
    with serving(answer) as server:
        request = Request(f"http://127.0.0.1:{server.port}/feed.csv", server.reach(), **options)
        return download(request, target, max_bytes=max_bytes), target.getvalue()


def refusal(answer: Answer, **options: Any) -> str:
    with pytest.raises(NotFetchedError) as refused:
        fetched(answer, **options)
    return refused.value.message.code


def test_a_file_is_written_with_its_size_its_digest_and_its_validators() -> None:
    found, content = fetched(lambda handler: send(handler, FILE, ETag='"1"', Last_Modified="yesterday"))

    assert content == FILE
    assert (found.size, found.sha256) == (len(FILE), hashlib.sha256(FILE).hexdigest())
    assert found.validators == HttpValidators('"1"', "yesterday")


@pytest.mark.parametrize(
    "compressed",
    [
        gzip.compress(FILE),
        gzip.compress(FILE[:100]) + gzip.compress(FILE[100:]),
        gzip.compress(FILE) + b"\0" * 1_000,
        gzip.compress(FILE[:1_000]) + b"\0" * 100_000 + gzip.compress(FILE[1_000:]),
    ],
    ids=["one member", "two members", "padded", "padded between"],
)
def test_a_gzip_file_is_decompressed_and_known_by_what_is_in_it(compressed: bytes) -> None:
    found, content = fetched(lambda handler: send(handler, compressed))

    assert content == FILE
    assert (found.size, found.sha256) == (len(FILE), hashlib.sha256(FILE).hexdigest())


def test_a_gzip_file_that_is_cut_off_or_damaged_is_refused() -> None:
    compressed = gzip.compress(FILE)

    assert refusal(lambda handler: send(handler, compressed[:-20])) == "fetch.gzip_cut_off"
    assert refusal(lambda handler: send(handler, compressed[:-4] + b"abcd")) == "fetch.gzip_damaged"
    assert refusal(lambda handler: send(handler, compressed[:50] + b"x" * 500)) == "fetch.gzip_damaged"


def test_a_file_that_is_shorter_than_the_server_said_is_refused() -> None:
    assert refusal(lambda handler: send(handler, FILE, Content_Length=str(len(FILE) + 1))) == "fetch.connection"


def test_a_file_that_is_too_large_is_refused_as_sent_and_as_decompressed() -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)

    assert len(bomb) < 100_000
    assert fetched(lambda handler: send(handler, FILE), max_bytes=len(FILE))[1] == FILE
    assert refusal(lambda handler: send(handler, FILE), max_bytes=len(FILE) - 1) == "fetch.file_too_large"
    assert refusal(lambda handler: send(handler, bomb), max_bytes=1_000_000) == "fetch.file_too_large"


def test_a_file_that_the_server_says_is_unchanged_is_not_sent() -> None:
    asked: list[str | None] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        asked.extend((handler.headers.get("If-None-Match"), handler.headers.get("If-Modified-Since")))
        send(handler, b"", 304, ETag='"1"')

    found, content = fetched(answer, known=HttpValidators('"1"', "yesterday"))

    assert (found.not_modified, content, asked) == (True, b"", ['"1"', "yesterday"])


def test_user_and_password_are_sent_to_the_host_of_the_address_and_to_no_other() -> None:
    sent: list[tuple[str, str | None]] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        sent.append((handler.headers["Host"].split(":")[0], handler.headers.get("Authorization")))
        steps = {"/1": "/2", "/2": f"http://other.example:{server.port}/3"}
        if step := steps.get(handler.path):
            send(handler, b"", 302, Location=step)
        else:
            send(handler, FILE)

    with serving(answer) as server:
        reach = server.reach(resolve=lambda host, port: ["127.0.0.1"])
        request = Request(f"http://one.example:{server.port}/1", reach, credentials=SECRET)
        download(request, io.BytesIO(), max_bytes=1_000_000)

    (first, *same), *others = [[host, given] for host, given in sent]
    assert b64decode(str(same[0]).removeprefix("Basic ")).decode() == "shop:pässword"
    assert others == [[first, same[0]], ["other.example", None]]
    assert "pässword" not in repr(request)


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("ftp://shop.example/feed", "fetch.not_plain"),
        ("https://user:secret@shop.example/feed", "fetch.not_plain"),
        ("http://shop.example:8080/feed", "fetch.port"),
        ("http://127.0.0.1/feed", "fetch.not_public"),
        ("http://[::1]/feed", "fetch.not_public"),
        ("http://169.254.169.254/latest", "fetch.not_public"),
    ],
)
def test_an_address_that_can_never_be_fetched_is_known_by_how_it_is_written(address: str, code: str) -> None:
    with pytest.raises(NotFetchedError) as refused:
        check_address(address, FetchPolicy())

    assert refused.value.message.code == code


def test_an_address_of_a_public_host_passes() -> None:
    check_address("https://shop.example/feed.xml?key=1", FetchPolicy())
    check_address("https://93.184.216.34/feed.xml", FetchPolicy())
