"""What tests of the API ask with."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from catalogue.models import ApiToken
from tests.factories import drawn_picture

DRESS = {"sku": "D-1", "name": "Linen dress"}


class Api:
    """Asks as a program does, and checks what holds for every answer."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def get(self, path: str, query: Any = None, **headers: str) -> Any:
        """Return the JSON of an answer that must be 200."""
        response = self.client.get(path, query, headers=headers)
        assert response.status_code == 200, response.content
        assert response.headers["Content-Type"] == "application/json"
        return response.json()

    def refused(self, path: str, query: Any = None, *, method: str = "get", **more: Any) -> tuple[int, dict[str, Any]]:
        """Return status and problem of an answer that must be a refusal of the one shape."""
        response: HttpResponse = getattr(self.client, method)(path, query, **more)
        return refusal(response)


def refusal(response: Any) -> tuple[int, dict[str, Any]]:
    assert response.headers["Content-Type"] == "application/problem+json", response.content[:300]
    body = response.json()
    assert list(body) == ["type", "title", "status", "code", "detail", "errors"]
    assert body["status"] == response.status_code
    return response.status_code, body


@pytest.fixture
def api(client: Client) -> Api:
    return Api(client)


def client_of(user: User) -> Client:
    return Client(headers={"Authorization": f"Token {ApiToken.issue(user, 'tests')[1]}"})


@pytest.fixture
def staff() -> Client:
    return client_of(User.objects.create_superuser("staff"))


@pytest.fixture
def shopper() -> Client:
    return client_of(User.objects.create_user("shopper"))


def picture(name: str = "dress.png", data: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, drawn_picture() if data is None else data)


def send(client: Client, method: str, path: str, body: Any) -> Any:
    return getattr(client, method)(path, body, content_type="application/json")
