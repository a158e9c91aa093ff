"""What a client sends that cannot be answered: told by one shape of problem, never by 500."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from django.test import Client

from tests.visualsearch.api.sending import assert_problem, send, send_json
from tests.visualsearch.catalogue import shopper_photo

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_throttle")]


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 400, "unreadable_image"),
        (b"not a picture", 400, "unreadable_image"),
        (b"\xff\xd8\xff\xe0 truncated", 400, "unreadable_image"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 400, "unreadable_image"),
        # Damaged HEIC.
        (b"\x00\x00\x00\x18ftypheic" + bytes(100), 400, "unreadable_image"),
    ],
)
def test_what_is_no_picture_is_refused(client: Client, content: bytes, status: int, code: str) -> None:
    response = send(client, content)

    assert_problem(response, status, code)


def test_too_many_bytes_and_too_many_pixels_are_refused(client: Client, settings: Any) -> None:
    content = shopper_photo("#b00020")

    settings.PHOTO_MAX_PIXELS = 1000
    assert_problem(send(client, content), 413, "image_too_large")
    settings.PHOTO_MAX_PIXELS, settings.PHOTO_MAX_BYTES = 10**7, 100
    assert_problem(send(client, content), 413, "image_too_large")
    assert_problem(send(client, bytes(300_000)), 413, "image_too_large")
    assert_problem(send_json(client, image=base64.b64encode(content).decode()), 413, "image_too_large")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "image"),
        ({"image": "", "url": ""}, "image"),
        ({"image": "aGk=", "url": "http://example.com/a.jpg"}, "image"),
        ({"image": 7}, "image"),
        ({"image": ["a"]}, "image"),
        ({"url": {"a": 1}}, "url"),
        ({"image": "aGk=", "limit": 0}, "limit"),
        ({"image": "aGk=", "limit": 101}, "limit"),
        ({"image": "aGk=", "limit": "many"}, "limit"),
        ({"image": "aGk=", "limit": [1]}, "limit"),
        ({"image": "aGk=", "crop": "1,2"}, "crop"),
        ({"image": "aGk=", "crop": "nan,0,1,1"}, "crop"),
        ({"image": "aGk=", "crop": [10**4000, 0, 1, 1]}, "crop"),
        ({"image": "aGk=", "crop": {"x": 1}}, "crop"),
        ({"image": "aGk=", "emphasis": 2}, "emphasis"),
        ({"image": "aGk=", "emphasis": "nan"}, "emphasis"),
        ({"image": "aGk=", "explain": "perhaps"}, "explain"),
    ],
)
def test_options_that_make_no_sense_name_their_field(client: Client, body: dict[str, Any], field: str) -> None:
    problem = assert_problem(send_json(client, **body), 400, "invalid")

    assert field in problem["errors"]


@pytest.mark.parametrize(
    "filters",
    [
        {"category": "x"},
        {"price_min": "cheap"},
        {"brand": "a\x00b"},
        {"category": "\ud800"},
        {"brand": ["x"] * 101},
        {"colour": ["x"]},
    ],
)
def test_filters_that_make_no_sense_name_their_field(client: Client, filters: dict[str, Any]) -> None:
    body = {"image": base64.b64encode(shopper_photo("#b00020")).decode(), **filters}

    problem = assert_problem(send_json(client, **body), 400, "invalid")

    assert list(problem["errors"]) == list(filters)


def test_a_crop_outside_the_picture_is_refused(client: Client) -> None:
    problem = assert_problem(send(client, shopper_photo("#b00020"), crop="0.9,0.9,0.5,0.5"), 400, "invalid")

    assert "crop" in problem["errors"]


@pytest.mark.parametrize(
    "body", ["", "{", "[]", '"text"', "null", "[" * 100_000, "\udcff".encode("utf-8", "surrogateescape")]
)
def test_a_body_that_is_no_object_is_refused(client: Client, body: str | bytes) -> None:
    response = client.post("/api/predict", body, content_type="application/json")

    assert_problem(response, 400, "invalid")


def test_a_body_of_another_kind_is_refused(client: Client) -> None:
    assert_problem(client.post("/api/predict", "x", content_type="text/plain"), 415, "unsupported_media_type")


def test_another_method_is_refused(client: Client) -> None:
    assert_problem(client.get("/api/predict"), 405, "method_not_allowed")


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/a.jpg",
        "http://[::1]/a.jpg",
        "http://169.254.169.254/latest/meta-data",
        "http://2130706433/",
        "file:///etc/passwd",
        "http://user:word@example.com/",
        "nonsense",
        "http://xn--a/",
        "http://xn--999999999/",
    ],
)
def test_an_address_inside_is_refused_with_one_text(client: Client, url: str) -> None:
    problem = assert_problem(send_json(client, url=url), 400, "unreachable_url")
    nowhere = assert_problem(send_json(client, url="http://no-such-host.invalid/a.jpg"), 400, "unreachable_url")

    assert problem == nowhere
