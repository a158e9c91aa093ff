"""A request with an Idempotency-Key is done once, however often it is sent."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connections
from django.test import Client
from django.utils import timezone

from catalogue.models import Article, IdempotencyRecord, Photo
from catalogue.photos import services
from tests.catalogue.api.conftest import DRESS, client_of, picture, refusal
from tests.factories import ArticleFactory, drawn_picture

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def add(client: Client, body: dict[str, Any], key: str) -> Any:
    return client.post("/api/articles", body, content_type="application/json", headers={"Idempotency-Key": key})


def test_a_repeated_request_is_answered_as_the_first_and_done_once(staff: Client) -> None:
    first, again = add(staff, DRESS, "one"), add(staff, DRESS, "one")

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again.headers["Location"] == first.headers["Location"]
    assert (first.headers.get("Idempotency-Replayed"), again.headers["Idempotency-Replayed"]) == (None, "true")
    assert Article.objects.count() == 1


def test_a_photo_sent_again_in_a_form_of_other_boundaries_is_added_once(staff: Client) -> None:
    path, headers = f"/api/articles/{ArticleFactory.create().pk}/photos", {"Idempotency-Key": "photo"}
    boundaries = ["first", "second"]

    statuses = [
        staff.generic(
            "POST",
            path,
            form_of(picture().read(), boundary),
            content_type=f"multipart/form-data; boundary={boundary}",
            headers=headers,
        ).status_code
        for boundary in boundaries
    ]

    assert statuses == [201, 201]
    assert Photo.objects.count() == 1


def form_of(content: bytes, boundary: str) -> bytes:
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\n\r\n'
    return head.encode() + content + f"\r\n--{boundary}--\r\n".encode()


def test_another_request_with_the_same_key_is_a_mistake(staff: Client) -> None:
    add(staff, DRESS, "one")

    status, body = refusal(add(staff, {**DRESS, "sku": "D-2"}, "one"))

    assert (status, body["code"]) == (422, "idempotency_mismatch")
    assert [article.sku for article in Article.objects.all()] == ["D-1"]


def test_another_photo_with_the_same_key_is_a_mistake(staff: Client) -> None:
    path, headers = f"/api/articles/{ArticleFactory.create().pk}/photos", {"Idempotency-Key": "photo"}
    staff.post(path, {"image": picture()}, headers=headers)

    again = staff.post(path, {"image": picture(data=drawn_picture("#b00020"))}, headers=headers)

    assert refusal(again)[0] == 422
    assert Photo.objects.count() == 1


def test_a_request_that_was_refused_can_be_corrected_under_its_key(staff: Client) -> None:
    refused = add(staff, {"sku": "D-1"}, "one")
    corrected = add(staff, DRESS, "one")

    assert (refused.status_code, corrected.status_code) == (400, 201)


def test_callers_have_keys_of_their_own(staff: Client) -> None:
    other = client_of(User.objects.create_superuser("other"))

    statuses = [add(staff, DRESS, "one").status_code, add(other, {**DRESS, "sku": "D-2"}, "one").status_code]

    assert statuses == [201, 201]


@pytest.mark.parametrize("key", ["", " ", "a b", "é", "k" * 256])
def test_a_key_that_is_none_is_refused(staff: Client, key: str) -> None:
    status, body = refusal(add(staff, DRESS, key))

    assert (status, list(body["errors"])) == (400, ["Idempotency-Key"])
    assert not Article.objects.exists()


def test_answers_are_forgotten_after_a_day(staff: Client) -> None:
    add(staff, DRESS, "old")
    IdempotencyRecord.objects.update(created=timezone.now() - timedelta(hours=25))
    add(staff, {**DRESS, "sku": "D-2"}, "new")

    assert services.forget_answers() == 1
    assert [kept.key for kept in IdempotencyRecord.objects.all()] == ["new"]


@pytest.mark.django_db(transaction=True)
def test_two_attempts_at_once_add_one_article() -> None:
    token = client_of(User.objects.create_superuser("staff")).defaults["HTTP_AUTHORIZATION"]
    answers: list[Any] = []
    begin = threading.Barrier(4)

    def attempt() -> None:
        begin.wait()
        answers.append(add(Client(headers={"Authorization": token}), DRESS, "one"))
        connections.close_all()

    threads = [threading.Thread(target=attempt) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [answer.status_code for answer in answers] == [201] * 4
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert Article.objects.count() == 1
