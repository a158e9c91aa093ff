"""The OpenAPI document, and the page on which it is tried out."""

from __future__ import annotations

import pytest
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
