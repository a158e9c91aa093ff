"""A part `image` of a form is a photo with or without a filename, as OkHttp, axios and generated clients send it."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from django.test import Client

from tests.visualsearch.api.handing_in import look_through
from tests.visualsearch.api.sending import assert_problem
from tests.visualsearch.catalogue import found_article, shopper_photo

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_throttle")]

BOUNDARY = "x9f0b"
TYPES = ["", "Content-Type: image/jpeg\r\n", "Content-Type: application/octet-stream\r\n", "Content-Length: 9\r\n"]


def form(*parts: tuple[str, str, bytes]) -> bytes:
    """Return a form of parts, each a name, further headers and its bytes."""
    body = b"".join(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n{headers}\r\n'.encode() + content + b"\r\n"
        for name, headers, content in parts
    )
    return body + f"--{BOUNDARY}--\r\n".encode()


def post(client: Client, path: str, *parts: tuple[str, str, bytes]) -> Any:
    return client.post(path, form(*parts), content_type=f"multipart/form-data; boundary={BOUNDARY}")


@pytest.mark.parametrize("headers", TYPES)
def test_a_photo_without_a_filename_is_searched_for(client: Client, headers: str) -> None:
    red = found_article("#b00020")

    answer = post(client, "/api/predict", ("image", headers, shopper_photo("#b00020")), ("limit", "", b"1"))

    assert answer.status_code == 200, answer.json()
    assert [article["id"] for article in answer.json()["articles"]] == [red.pk]


@pytest.mark.parametrize(
    "encoded", [base64.b64encode, lambda photo: b"data:image/png;base64," + base64.b64encode(photo)]
)
def test_base64_in_a_part_still_works(client: Client, encoded: Any) -> None:
    red = found_article("#b00020")

    answer = post(client, "/api/predict", ("image", TYPES[2], encoded(shopper_photo("#b00020"))))

    assert [article["id"] for article in answer.json()["articles"]] == [red.pk]


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"\xff\xd8\xff", 400, "unreadable_image"),
        (b"\x00\x01\x80binary", 400, "unreadable_image"),
        (b"GIF89a", 400, "unreadable_image"),
        (b"not base64!", 400, "unreadable_image"),
        (b"", 400, "invalid"),
    ],
)
def test_what_is_no_photo_is_refused(client: Client, content: bytes, status: int, code: str) -> None:
    assert_problem(post(client, "/api/predict", ("image", TYPES[1], content)), status, code)


def test_a_photo_of_too_many_bytes_is_refused(client: Client, settings: Any) -> None:
    settings.PHOTO_MAX_BYTES = 10_000

    answer = post(client, "/api/predict", ("image", "", b"\xff\xd8\xff" + bytes(20_000)))

    assert_problem(answer, 413, "image_too_large")


def test_parts_of_too_many_bytes_in_all_are_refused_with_what_helps(partner: Client, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 5_000

    answer = post(partner, "/api/batches", *[("images", "", b"\xff\xd8\xff" + bytes(3_000))] * 2)

    assert "Give each photo a filename" in assert_problem(answer, 413, "image_too_large")["detail"]


def test_text_that_is_not_utf8_is_refused_by_its_name(client: Client) -> None:
    answer = post(client, "/api/predict", ("image", "", shopper_photo("#b00020")), ("q", "", b"\xff\xfe"))

    assert list(assert_problem(answer, 400, "invalid")["errors"]) == ["q"]


def test_two_photos_and_an_address_are_not_one_photo(client: Client) -> None:
    answer = post(client, "/api/predict", ("image", "", shopper_photo("#b00020")), ("url", "", b"https://a.example/b"))

    assert list(assert_problem(answer, 400, "invalid")["errors"]) == ["image"]


def test_batches_take_photos_without_a_filename(partner: Client) -> None:
    red = found_article("#b00020")

    begun = post(partner, "/api/batches", *[("images", TYPES[1], shopper_photo("#b00020"))] * 2, ("limit", "", b"1"))
    look_through(begun)
    results = partner.get(f"{begun.json()['results']}?limit=1").json()

    assert (begun.status_code, results["count"]) == (202, 2)
    assert results["results"][0]["found"]["articles"][0]["id"] == red.pk
    assert results["next"].endswith("limit=1&offset=1")


def test_parameters_of_a_body_that_are_not_used_are_named(client: Client) -> None:
    answer = post(client, "/api/predict?limit=3", ("image", "", shopper_photo("#b00020")), ("colr", "", b"red"))

    assert answer.headers["X-Unused-Parameters"] == "limit, colr"
