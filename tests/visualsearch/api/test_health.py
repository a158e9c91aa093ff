"""What is answered while parts are broken, and what health says of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from catalogue import tasks as catalogue_tasks
from tests.visualsearch.api.sending import assert_problem, send
from tests.visualsearch.catalogue import found_article, shopper_photo
from tests.visualsearch.rotation import shipped_version
from visualsearch import backends, tasks
from visualsearch.services import versions
from visualsearch.services.monitoring import health as health_service
from visualsearch.services.monitoring.disk import Disk

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_throttle"), pytest.mark.database]


def spoil(name: str) -> None:
    """Overwrite a file of the serving model's folder, and let this process open it anew."""
    path = versions.serving_version().folder / name
    path.write_bytes(b"spoilt")
    backends.reset_caches()


@pytest.fixture
def own_models(settings: Any, tmp_path: Path) -> None:
    """Give the test models that it may spoil."""
    settings.VISUAL_MODEL = {**settings.VISUAL_MODEL, "FOLDER": tmp_path / "models"}


@pytest.mark.usefixtures("own_models")
def test_a_spoilt_model_is_stood_in_for_by_the_float_one(client: Client) -> None:
    red = found_article("#b00020")
    found_article("#1f3a5f")
    spoil("model.tflite")

    answer = send(client, shopper_photo("#b00020")).json()
    health = client.get("/api/health")

    assert answer["model"] == {"name": "mobilenetv2-clothing-float32", "version": shipped_version(), "fallback": True}
    assert answer["articles"][0]["id"] == red.pk
    assert len(answer["predictions"]) == 5
    assert (health.status_code, health.json()["status"]) == (200, "degraded")


@pytest.mark.usefixtures("own_models")
def test_without_any_network_colour_alone_is_searched(client: Client) -> None:
    red = found_article("#b00020")
    found_article("#1f3a5f")
    spoil("fallback/model.tflite")
    spoil("model.tflite")

    answer = send(client, shopper_photo("#b00020")).json()

    assert answer["model"]["fallback"] is True
    assert answer["predictions"] == []
    assert answer["articles"][0]["id"] == red.pk
    assert client.get("/api/health").json()["status"] == "degraded"


@pytest.mark.usefixtures("own_models")
def test_without_a_descriptor_search_is_unavailable_and_the_shop_goes_on(client: Client) -> None:
    article = found_article("#b00020")
    spoil("fallback/model.tflite")
    spoil("descriptor.json")

    response = send(client, shopper_photo("#b00020"))

    assert_problem(response, 503, "search_unavailable")
    assert int(response["Retry-After"]) > 0
    health = client.get("/api/health")
    assert (health.status_code, health.json()["status"]) == (503, "down")
    assert client.get("/api/health/ready").status_code == 503
    assert client.get("/api/health/live").status_code == 200
    assert client.get(f"/api/articles/{article.pk}").status_code == 200
    assert client.get(article.get_absolute_url()).status_code == 200


@pytest.mark.usefixtures("valkey")
def test_health_tells_of_every_part(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    found_article("#b00020")
    tasks.reconcile()
    catalogue_tasks.reconcile_jobs()
    monkeypatch.setattr(health_service, "disk_state", lambda: Disk("ok"))

    health = client.get("/api/health").json()

    assert health == {
        "status": "ok",
        "model": {
            "name": "mobilenetv2-clothing-int8",
            "version": shipped_version(),
            "fallback": False,
            "predicts": True,
            "loaded": True,
            "intact": True,
        },
        "index": {
            "articles": 1,
            "vectors": 1,
            "sequence": 1,
            "snapshot_sequence": 0,
            "pending": 0,
            "failed": 0,
            "intact": True,
        },
        "database": "ok",
        "broker": "ok",
        "workers": "ok",
        "disk": "ok",
        "store": "ok",
        "version": settings.VERSION,
    }
    assert client.get("/api/health/ready").json() == {"status": "ok"}


def test_health_says_that_the_broker_is_down_and_goes_on(client: Client, valkey: Any) -> None:
    valkey.stop()

    health = client.get("/api/health")

    assert (health.status_code, health.json()["status"], health.json()["broker"]) == (200, "degraded", "down")
