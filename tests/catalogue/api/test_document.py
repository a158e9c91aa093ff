"""The OpenAPI document, and the page on which it is tried out."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

pytestmark = [pytest.mark.django_db, pytest.mark.switch]


def test_every_way_to_show_who_asks_is_explained_in_the_document(client: Client) -> None:
    document = client.get("/api/schema", headers={"Accept": "application/json"}).json()

    named = {
        name
        for methods in document["paths"].values()
        for operation in methods.values()
        if isinstance(operation, dict)
        for way in operation.get("security", [])
        for name in way
    }
    assert named == set(document["components"]["securitySchemes"]) == {"partnerKey", "tokenAuth"}


def test_the_document_is_tried_out_under_the_policy_of_every_page(client: Client) -> None:
    answer = client.get("/api/docs")

    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    # Its script is a file, and its style carries the policy's nonce.
    assert "<script>" not in answer.text
    assert "<style>" not in answer.text


def operations(client: Client) -> dict[str, Any]:
    document = client.get("/api/schema", headers={"Accept": "application/json"}).json()
    return {
        f"{method} {path}": operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if isinstance(operation, dict) and "operationId" in operation
    }


def test_every_operation_has_a_summary_a_tag_and_examples(client: Client) -> None:
    """Of its request, of each answer that it hopes for, and of each refusal."""
    found = operations(client)

    assert len(found) > 5
    for name, operation in found.items():
        assert operation["summary"], name
        assert len(operation["tags"]) == 1, name
        assert re.fullmatch(r"[a-z_]+", operation["operationId"]), name
        bodies = [("request", operation.get("requestBody", {})), *list(operation["responses"].items())]
        for kind, body in bodies:
            for media_type, content in body.get("content", {}).items():
                if media_type not in {"application/x-www-form-urlencoded"}:
                    assert content.get("examples") or content.get("example"), f"{name} {kind} {media_type}"
        assert any(status.startswith("4") for status in operation["responses"]), name


def test_the_document_names_the_shop_that_serves_it(client: Client) -> None:
    document = client.get("/api/schema", headers={"Accept": "application/json"}).json()

    assert document["servers"] == [{"url": "http://testserver", "description": "This shop."}]
    used = {tag for operation in operations(client).values() for tag in operation["tags"]}
    assert used <= {tag["name"] for tag in document["tags"]}
    # A shop without search by photo has no use for some.
    assert not settings.VISUAL_SEARCH or used == {tag["name"] for tag in document["tags"]}
