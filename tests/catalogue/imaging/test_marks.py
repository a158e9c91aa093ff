"""A picture that is known is not sent again, and staff are told why one was not fetched."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from catalogue.exceptions import NotFetchedError
from catalogue.imaging import Fetched, HttpValidators, fetch_picture, plain_address
from tests.catalogue.imaging.web_servers import PICTURE, Answer, send, serving

MARKS = HttpValidators(etag='W/"1"', last_modified="Thu, 26 Nov 2026 12:00:00 GMT")


def fetch(answer: Answer, **options: Any) -> tuple[Fetched, dict[str, str]]:
    with serving(answer) as server:
        fetched = fetch_picture(f"http://127.0.0.1:{server.port}/", policy=server.reach(), **options)
    return fetched, server.asked[0][1]


def refusal(answer: Answer) -> NotFetchedError:
    with pytest.raises(NotFetchedError) as refused:
        fetch(answer)
    return refused.value


def test_the_marks_of_a_picture_are_kept_as_they_are() -> None:
    answer = lambda handler: send(handler, ETag=MARKS.etag, Last_Modified=MARKS.last_modified)  # noqa: E731

    fetched, headers = fetch(answer, agent="Shop/1")

    assert fetched == Fetched(PICTURE, MARKS)
    assert headers["User-Agent"] == "Shop/1"
    assert not {"If-None-Match", "If-Modified-Since"} & set(headers)


def test_a_known_picture_is_asked_for_by_its_marks_and_not_sent() -> None:
    fetched, headers = fetch(lambda handler: send(handler, b"", 304, ETag='"2"'), known=MARKS)

    assert fetched == Fetched(None, HttpValidators(etag='"2"'))
    assert (headers["If-None-Match"], headers["If-Modified-Since"]) == (MARKS.etag, MARKS.last_modified)


def test_a_mark_of_three_hundred_characters_is_kept() -> None:
    fetched, _ = fetch(lambda handler: send(handler, ETag="x" * 300))

    assert fetched.validators == HttpValidators(etag="x" * 300)


@pytest.mark.parametrize("etag", ["x" * 301, "\xe9"])
def test_a_mark_that_cannot_be_sent_back_is_not_kept(etag: str) -> None:
    fetched, _ = fetch(lambda handler: send(handler, ETag=etag))

    assert fetched == Fetched(PICTURE, HttpValidators())


def test_an_answer_that_nothing_changed_is_none_to_who_knows_nothing() -> None:
    assert str(refusal(lambda handler: send(handler, b"", 304))).startswith("The server responded with status 304.")


@pytest.mark.parametrize(
    ("status", "passing", "busy"),
    [(404, False, False), (403, False, False), (408, True, False), (500, True, False), (429, True, True),
     (503, True, True)],
)  # fmt: skip
def test_a_status_may_pass_and_may_mean_the_whole_host(status: int, passing: bool, busy: bool) -> None:
    refused = refusal(lambda handler: send(handler, b"", status))

    assert (refused.passing, refused.busy, refused.wait_s) == (passing, busy, None)


def in_two_minutes() -> str:
    return format_datetime(datetime.now(UTC) + timedelta(minutes=2), usegmt=True)


@pytest.mark.parametrize(
    ("said", "least", "most"),
    [
        (lambda: "120", 120, 120),
        (in_two_minutes, 115, 120),
        (lambda: "Thu, 01 Jan 1970 00:00:00 GMT", 0, 0),
        (lambda: "9" * 50, 999_999_999, 999_999_999),
    ],
)
def test_retry_after_is_read_in_both_forms(said: Callable[[], str], least: float, most: float) -> None:
    refused = refusal(lambda handler: send(handler, b"", 429, Retry_After=said()))

    assert refused.wait_s is not None
    assert least <= refused.wait_s <= most


@pytest.mark.parametrize("said", ["soon", "-5", "1.5", "", "²"])
def test_a_retry_after_that_means_nothing_is_none(said: str) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(429)
        handler.wfile.write(b"".join(handler._headers_buffer) + f"Retry-After: {said}\r\n\r\n".encode("latin-1"))  # type: ignore[attr-defined]

    assert refusal(answer).wait_s is None


def test_an_address_is_written_as_it_is_asked_for() -> None:
    assert plain_address("HTTPS://Bücher.example/ä b.jpg?x=1#top") == (
        "https://xn--bcher-kva.example/%C3%A4%20b.jpg?x=1",
        "xn--bcher-kva.example",
    )


@pytest.mark.parametrize("address", ["http://[", "http://a b.example/", "http://a%41.example/", "http://[::1%25eth0]/"])
def test_a_host_with_signs_that_no_host_has_is_refused(address: str) -> None:
    with pytest.raises(NotFetchedError):
        plain_address(address)


@example("HTTP://[")
@given(
    st.text()
    | st.text(max_size=60).map(lambda text: f"http://{text}")
    | st.text().map(lambda text: f"http://a.example/{text}")
)
def test_any_text_is_a_plain_address_or_refused(text: str) -> None:
    try:
        address, host = plain_address(text)
    except NotFetchedError:
        return

    assert address.isascii()
    assert host
    assert plain_address(address) == (address, host)
