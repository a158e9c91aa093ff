"""What tests of the pages ask with."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client


class Shopper:
    """Opens pages, and reads off them what was meant to be shown."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def open(self, path: str, *, status: int = 200, headers: dict[str, str] | None = None) -> str:
        """Return the HTML of a page that must answer with this status, without the space between its tags."""
        html = self.response(path, status=status, headers=headers).content.decode()
        return re.sub(r"(?<=>) | (?=<)", "", re.sub(r"[ \n]+", " ", html))

    def response(self, path: str, *, status: int = 200, headers: dict[str, str] | None = None) -> Any:
        response = self.client.get(path, headers=headers)
        assert response.status_code == status, response.content[:500]
        assert response.headers["Content-Type"] == "text/html; charset=utf-8"
        return response

    def shown(self, path: str) -> list[str]:
        """Return the SKUs of the articles on a list's page, in their order."""
        return [article.sku for article in self.response(path).context["page"]]


@pytest.fixture
def shopper(client: Client) -> Shopper:
    return Shopper(client)
