"""Answers with chosen fields, answers that a client has already, and sites that may ask."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.catalogue.api.conftest import Api, refusal
from tests.factories import ArticleFactory, PhotoFactory

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_lists_and_articles_have_only_the_fields_asked_for(api: Api) -> None:
    article = PhotoFactory.create().article

    listed = api.get("/api/articles", {"fields": "id,image"})
    alone = api.get(f"/api/articles/{article.pk}", {"fields": "photos, sku"})

    assert [list(one) for one in listed["results"]] == [["id", "image"]]
    assert (listed["count"], list(alone)) == (1, ["sku", "photos"])


@pytest.mark.parametrize("path", ["/api/articles", "/api/articles/{pk}"])
def test_a_field_that_there_is_not_is_named(api: Api, path: str) -> None:
    pk = ArticleFactory.create().pk

    status, body = api.refused(path.format(pk=pk), {"fields": "id,colour_of_the_sky"})

    assert (status, list(body["errors"])) == (400, ["fields"])
    assert "colour_of_the_sky" in body["errors"]["fields"][0]


@pytest.mark.parametrize("path", ["/api/articles", "/api/articles/{pk}", "/api/categories"])
def test_an_answer_that_the_client_has_is_not_sent_again(client: Client, path: str) -> None:
    article = ArticleFactory.create()
    path = path.format(pk=article.pk)
    mark = client.get(path).headers["ETag"]

    unchanged = client.get(path, headers={"If-None-Match": mark})
    compressed = client.get(path, headers={"If-None-Match": f"W/{mark}", "Accept-Encoding": "gzip"})
    article.name, article.published = "Other", path != "/api/categories"
    article.save()
    changed = client.get(path, headers={"If-None-Match": mark})

    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert compressed.status_code == 304
    assert changed.status_code == 200
    assert changed.headers["ETag"] != mark


def test_a_site_that_settings_name_may_ask_from_a_browser(client: Client, settings: Any) -> None:
    settings.CORS_ALLOWED_ORIGINS = ["https://shop.example"]
    asking = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,idempotency-key,x-visitor",
    }

    allowed = client.options("/api/articles", headers={"Origin": "https://shop.example", **asking})
    other = client.options("/api/articles", headers={"Origin": "https://evil.example", **asking})
    page = client.get("/", headers={"Origin": "https://shop.example"})
    answered = client.get("/api/articles", headers={"Origin": "https://shop.example"})

    assert allowed.headers["Access-Control-Allow-Origin"] == "https://shop.example"
    assert {"idempotency-key", "x-visitor"} <= set(allowed.headers["Access-Control-Allow-Headers"].split(", "))
    assert "Access-Control-Allow-Credentials" not in allowed.headers
    assert "Access-Control-Allow-Origin" not in other.headers
    assert "Access-Control-Allow-Origin" not in page.headers
    assert "retry-after" in answered.headers["Access-Control-Expose-Headers"]


def test_no_site_may_ask_unless_settings_name_it(client: Client) -> None:
    answered = client.get("/api/articles", headers={"Origin": "https://shop.example"})

    assert "Access-Control-Allow-Origin" not in answered.headers


def test_a_refusal_can_be_read_by_the_site_that_asked(client: Client, settings: Any) -> None:
    settings.CORS_ALLOWED_ORIGINS = ["https://shop.example"]

    response = client.get("/api/articles/0", headers={"Origin": "https://shop.example"})

    assert refusal(response)[0] == 404
    assert response.headers["Access-Control-Allow-Origin"] == "https://shop.example"


@pytest.mark.parametrize("condition", ["If-Match", "If-Unmodified-Since"])
def test_other_conditions_are_not_kept_to(client: Client, condition: str) -> None:
    value = '"x"' if condition == "If-Match" else "Mon, 01 Jan 2001 00:00:00 GMT"

    assert client.get("/api/articles", headers={condition: value}).status_code == 200
