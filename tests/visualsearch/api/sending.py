"""Sending as clients of the API do, and what every refusal looks like."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client


def send(client: Client, content: bytes, **options: Any) -> Any:
    return client.post("/api/predict", {"image": SimpleUploadedFile("photo.jpg", content), **options})


def send_json(client: Client, **body: Any) -> Any:
    return client.post("/api/predict", body, content_type="application/json")


def assert_problem(response: Any, status: int, code: str) -> dict[str, Any]:
    """Assert the one shape of every refusal, and return it."""
    problem = response.json()
    assert (response.status_code, problem["code"]) == (status, code)
    assert response["Content-Type"] == "application/problem+json"
    assert set(problem) == {"type", "title", "status", "code", "detail", "errors"}
    assert problem["status"] == status
    return dict(problem)
