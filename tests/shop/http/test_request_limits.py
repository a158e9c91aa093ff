"""What every request passes before Django: the encoding that a client names is left out, and load is shed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from shop.http.refusals import may_be_read_by
from shop.http.request_limits import RETRY_AFTER_S, WAITED_S, in_utf8, limit_requests
from shop.observability.metrics import SHED_SEARCHES


def test_a_site_that_may_ask_may_read_that_it_is_refused(settings: Any) -> None:
    settings.CORS_ALLOWED_ORIGINS = ["https://shop.example"]

    assert ("Access-Control-Allow-Origin", "https://shop.example") in may_be_read_by("https://shop.example")
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
    environ = {"REQUEST_METHOD": "POST", "PATH_INFO": "/", "CONTENT_TYPE": sent}

    answer = limit_requests(lambda received, _: [received["CONTENT_TYPE"].encode()])(environ, lambda *_: None)

    assert in_utf8(sent) == kept
    assert answer == [kept.encode()]


@pytest.mark.parametrize(
    ("waited_s", "method", "path", "shed"),
    [
        (2.0, "POST", "/api/predict", False),
        (2.01, "POST", "/api/predict", True),
        (60.0, "GET", "/api/predict", False),
        (60.0, "POST", "/api/batches", False),
    ],
)
def test_a_search_that_waited_more_than_two_seconds_is_refused_and_nothing_else(
    waited_s: float, method: str, path: str, *, shed: bool
) -> None:
    answered: list[tuple[str, dict[str, str]]] = []
    before = SHED_SEARCHES._value.get()
    environ = {WAITED_S: waited_s, "REQUEST_METHOD": method, "PATH_INFO": path, "HTTP_ACCEPT_LANGUAGE": "fr"}

    body = limit_requests(lambda _, __: [b"answered"])(
        environ, lambda status, headers: answered.append((status, dict(headers)))
    )

    assert SHED_SEARCHES._value.get() - before == shed
    if shed:
        ((status, headers),) = answered
        assert status == "503 Service Unavailable"
        assert headers["Retry-After"] == str(RETRY_AFTER_S)
        assert headers["Content-Language"] == "fr"
        assert json.loads(b"".join(body))["code"] == "search_unavailable"
    else:
        assert body == [b"answered"]
