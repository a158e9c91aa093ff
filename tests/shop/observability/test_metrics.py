"""Prometheus metrics, and access to them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as shop_settings
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

from tests.processes.valkey import Valkey
from tests.visualsearch.api.sending import send
from tests.visualsearch.catalogue import found_article, shopper_photo
from visualsearch import tasks

pytestmark = pytest.mark.django_db


def told(client: Client, **more: Any) -> dict[tuple[str, tuple[str, ...]], float]:
    """Return the samples of /metrics, by name and the values of their labels, in the labels' order."""
    text = client.get("/metrics", **more).text
    return {
        (sample.name, tuple(value for _label, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_requests_and_the_stages_of_a_search_are_counted(client: Client, valkey: Valkey) -> None:
    found_article("#b00020")
    tasks.reconcile()
    before = told(client)

    send(client, shopper_photo("#b00020"))
    client.get("/nowhere/")
    after = told(client)

    def more(name: str, *labels: str) -> float:
        return after[name, labels] - before.get((name, labels), 0)

    assert more("vitrine_requests_total", "POST", "200", "api-predict") == 1
    assert more("vitrine_requests_total", "GET", "404", "none") == 1
    assert more("vitrine_searches_total", "close") == 1
    for stage in ("receive", "decode", "inference", "search", "articles", "total"):
        assert more("vitrine_search_stage_seconds_count", stage) == 1
    assert after["vitrine_embedding_batch_photos_count", ()] >= 1
    assert after["vitrine_index_vectors", ()] == 1
    assert after["vitrine_photos", ("pending",)] == 0
    assert after["vitrine_queue_tasks", ("photos",)] == 0
    assert after["vitrine_last_reconciliation_seconds", ()] < 60
    assert after["vitrine_process_resident_bytes", ()] > 10_000_000


def test_a_part_that_is_down_is_reported_beside_the_others(client: Client, valkey: Valkey) -> None:
    valkey.stop()
    found = told(client)
    assert (found["vitrine_up", ("broker",)], found["vitrine_up", ("database",)]) == (0, 1)
    assert ("vitrine_articles", ("published",)) in found


def test_other_machines_get_no_metrics_without_the_token(client: Client, settings: Settings) -> None:
    assert client.get("/metrics", REMOTE_ADDR="203.0.113.9").status_code == 404
    assert client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 404
    assert client.get("/metrics", REMOTE_ADDR="").status_code == 404
    settings.METRICS_TOKEN = "secret"
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 404
    sent = client.get("/metrics", REMOTE_ADDR="203.0.113.9", headers={"Authorization": "Bearer secret"})
    assert sent.status_code == 200


def test_no_visitor_creates_a_time_series(client: Client) -> None:
    client.generic("BREW", "/x" * 50)
    client.get("/articles/xyz-999999/")
    names = {labels for name, labels in told(client) if name == "vitrine_requests_total"}
    assert ("other", "404", "none") in names
    assert not any("xyz" in label or "BREW" in label for labels in names for label in labels)


def test_processes_are_added_up(tmp_path: Path) -> None:
    code = "from shop.observability.metrics import REQUESTS; REQUESTS.labels('GET', 'home', '200').inc()"
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "tests.settings"}
    read = (
        "from prometheus_client import CollectorRegistry, generate_latest, multiprocess;"
        "r = CollectorRegistry(); multiprocess.MultiProcessCollector(r); print(generate_latest(r).decode())"
    )
    for _ in range(2):
        subprocess.run([sys.executable, "-c", code], cwd=shop_settings.BASE_DIR, env=environment, check=True)

    said = subprocess.run(
        [sys.executable, "-c", read],
        cwd=shop_settings.BASE_DIR,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    ).stdout

    assert re.search(r'vitrine_requests_total\{method="GET",status="200",view="home"\} 2\.0', said)
