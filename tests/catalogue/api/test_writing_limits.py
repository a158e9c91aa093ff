"""How much a program may send of an article, of its photos, and of a key: each at its limit, and one past it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from catalogue.api import writing
from catalogue.api.idempotency import KEY_AT_MOST
from catalogue.api.writing import (
    ArticleInputSerializer,
    PhotoChangeSerializer,
    PhotoInputSerializer,
    PhotoOrderSerializer,
)
from catalogue.models import Article, IdempotencyRecord
from catalogue.photos import services
from tests.catalogue.api.conftest import DRESS, picture, refusal, send

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def errors_of(serializer: Any) -> list[str]:
    serializer.is_valid()
    return list(serializer.errors)


@pytest.mark.parametrize(
    ("field", "most", "over"),
    [
        ("sizes", ["S"] * writing.SIZES_AT_MOST, ["S"] * (writing.SIZES_AT_MOST + 1)),
        ("sizes", ["a" * 30], ["a" * 31]),
        ("sku", "a" * 100, "a" * 101),
        ("name", "a" * 200, "a" * 201),
        ("stock", 0, -1),
        ("stock", 2_147_483_647, 2_147_483_648),
        ("price", {"amount": "99999999.99", "currency": "EUR"}, {"amount": "100000000.00", "currency": "EUR"}),
        ("price", {"amount": "0.00", "currency": "EUR"}, {"amount": "-0.01", "currency": "EUR"}),
    ],
)
def test_an_article_is_taken_up_to_its_limits(field: str, most: Any, over: Any) -> None:
    assert errors_of(ArticleInputSerializer(data={**DRESS, field: most})) == []
    assert errors_of(ArticleInputSerializer(data={**DRESS, field: over})) == [field]


@pytest.mark.parametrize("kind", [PhotoChangeSerializer, PhotoInputSerializer])
@pytest.mark.parametrize(
    ("field", "most", "over"),
    [("alt", "a" * 200, "a" * 201), ("position", 32_767, 32_768), ("position", 0, -1)],
)
def test_a_photo_is_taken_up_to_its_limits(kind: Any, field: str, most: Any, over: Any) -> None:
    assert errors_of(kind(data={"image": picture(), field: most})) == []
    assert errors_of(kind(data={"image": picture(), field: over})) == [field]


def test_an_order_names_a_thousand_photos_at_the_most() -> None:
    most = list(range(1, writing.PHOTOS_AT_MOST + 1))

    assert errors_of(PhotoOrderSerializer(data={"photos": most})) == []
    assert errors_of(PhotoOrderSerializer(data={"photos": [*most, 1_001]})) == ["photos"]
    assert errors_of(PhotoOrderSerializer(data={"photos": [2**63 - 1]})) == []
    assert errors_of(PhotoOrderSerializer(data={"photos": [2**63]})) == ["photos"]


def add(client: Client, key: str) -> Any:
    headers = {"Idempotency-Key": key}
    return client.post("/api/articles", DRESS, content_type="application/json", headers=headers)


@pytest.mark.parametrize("key", ["k", "k" * KEY_AT_MOST, "!~"])
def test_a_key_has_one_to_255_visible_characters(staff: Client, key: str) -> None:
    assert KEY_AT_MOST == 255
    assert [add(staff, key).status_code for _ in range(2)] == [201, 201]
    assert (Article.objects.count(), IdempotencyRecord.objects.get().key) == (1, key)


@pytest.mark.parametrize("key", ["", "k" * (KEY_AT_MOST + 1), "a b", "\x7f", "é"])
def test_a_key_that_is_none_is_refused_and_nothing_is_done(staff: Client, key: str) -> None:
    status, problem = refusal(add(staff, key))

    assert (status, list(problem["errors"])) == (400, ["Idempotency-Key"])
    assert not Article.objects.exists()


def test_answers_are_repeated_for_a_day(staff: Client) -> None:
    add(staff, "one")

    def forgotten_after(age: timedelta) -> int:
        IdempotencyRecord.objects.update(created=timezone.now() - age)
        return services.forget_answers()

    day = timedelta(days=1)
    assert [forgotten_after(age) for age in (day - timedelta(seconds=30), day + timedelta(seconds=1))] == [0, 1]
    assert refusal(add(staff, "one"))[0] == 400


@pytest.mark.parametrize(("size", "status"), [(100, 200), (101, 400), (1, 200), (0, 400)])
def test_a_page_has_one_to_a_hundred_articles(client: Client, size: int, status: int) -> None:
    assert client.get("/api/articles", {"page_size": size}).status_code == status


def test_a_name_that_is_too_long_is_refused_by_name(staff: Client) -> None:
    assert send(staff, "post", "/api/articles", {**DRESS, "name": "a" * 201}).status_code == 400
