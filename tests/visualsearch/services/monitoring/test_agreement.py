"""Each part broken in turn: health, readiness and doctor say the same of it."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from pytest_django import Settings

from catalogue import tasks as catalogue_tasks
from catalogue.broker import RECONCILED_BULK
from tests.object_store import Bucket, put_files_into
from tests.processes.valkey import Valkey
from tests.visualsearch.catalogue import found_article
from visualsearch import backends, tasks
from visualsearch.models import ModelVersion
from visualsearch.services import versions
from visualsearch.services.monitoring import diagnosis, disk, health, store
from visualsearch.services.monitoring.disk import Disk

pytestmark = pytest.mark.django_db

# What health tells of a part, by the doctor's name of it.
PARTS = ("space", "store", "database", "broker", "workers", "model", "index")
PAGE = 4096


@pytest.fixture
def shop(valkey: Valkey, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Valkey:
    """A shop in which all is well, with models that may be spoilt."""
    settings.VISUAL_MODEL = {**settings.VISUAL_MODEL, "FOLDER": tmp_path / "models"}
    monkeypatch.setattr(disk, "STATE_HOLDS_S", -1.0)
    monkeypatch.setattr(disk, "examine", lambda folder: Disk("ok"))
    found_article("#b00020")
    tasks.reconcile()
    catalogue_tasks.reconcile_jobs()
    return valkey


def doctor() -> dict[str, str]:
    return {one.part: one.state for one in diagnosis.diagnose() if one.part in PARTS and one.state != "ok"}


def spoil(name: str) -> None:
    (versions.serving_version().folder / name).write_bytes(b"spoilt")


def test_all_is_well(shop: Valkey) -> None:
    assert (health.health()["status"], health.is_ready(), doctor()) == ("ok", True, {})


@pytest.mark.parametrize("state", ["low", "full", "unwritable"])
def test_a_disk(shop: Valkey, monkeypatch: pytest.MonkeyPatch, state: str) -> None:
    monkeypatch.setattr(disk, "examine", lambda folder: Disk(state))

    said = health.health()

    assert (said["status"], said["disk"], health.is_ready(), doctor()) == ("degraded", state, True, {"space": "bad"})


def test_a_store(shop: Valkey, bucket: Bucket, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "STATE_HOLDS_S", -1.0)
    put_files_into(bucket, settings, monkeypatch)
    before = health.health()["store"], doctor()
    put_files_into({**bucket, "endpoint": "http://127.0.0.1:9"}, settings, monkeypatch)

    said = health.health()

    assert before == ("ok", {})
    assert (said["status"], said["store"], health.is_ready()) == ("degraded", "down", True)
    assert doctor()["store"] == "bad"


def test_a_broker(shop: Valkey) -> None:
    shop.stop()

    said = health.health()

    assert (said["status"], said["broker"], said["workers"]) == ("degraded", "down", "unknown")
    assert (health.is_ready(), doctor()) == (True, {"broker": "bad"})


@pytest.mark.parametrize(("key", "ago_s"), [(health.RECONCILED, 70), (RECONCILED_BULK, 700)])
def test_frozen_workers(shop: Valkey, key: str, ago_s: float) -> None:
    cache.set(key, time.time() - ago_s)

    said = health.health()

    assert (said["status"], said["workers"], health.is_ready()) == ("degraded", "late", True)
    assert doctor() == {"workers": "bad"}


@pytest.mark.parametrize("name", ["model.tflite", "labels.txt", "fallback/model.tflite"])
def test_a_file_of_a_model_that_is_open(shop: Valkey, name: str) -> None:
    spoil(name)

    said = health.health()

    assert (said["status"], said["model"]["fallback"], said["model"]["intact"]) == ("degraded", False, False)
    assert (health.is_ready(), doctor()) == (True, {"model": "warning"})


def test_a_model_that_fell_back(shop: Valkey) -> None:
    spoil("model.tflite")
    backends.reset_caches()

    said = health.health()

    assert (said["status"], said["model"]["fallback"]) == ("degraded", True)
    assert (health.is_ready(), doctor()) == (True, {"model": "warning"})


def test_a_model_that_cannot_be_opened_at_all(shop: Valkey) -> None:
    spoil("fallback/model.tflite")
    spoil("descriptor.json")
    backends.reset_caches()

    assert (health.health()["status"], health.is_ready(), doctor()["model"]) == ("down", False, "bad")


def test_a_snapshot(shop: Valkey) -> None:
    ModelVersion.objects.update(rebuild_wanted=True)

    said = health.health()

    assert (said["status"], said["index"]["intact"], health.is_ready()) == ("degraded", False, True)
    assert doctor() == {"index": "warning"}


@pytest.fixture
def damage(shop: Valkey, tmp_path: Path) -> Iterator[Callable[[str], None]]:
    """Go on with a copy of the database in which the pages of a table are overwritten."""
    if connection.vendor != "sqlite":
        pytest.skip("only SQLite has a file that can be checked")
    sound: Any = connection.connection
    copies: list[sqlite3.Connection] = []

    def overwrite(table: str) -> None:
        path = tmp_path / "copy.sqlite3"
        content = bytearray(sound.serialize())
        (page,) = sound.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", [table]).fetchone()
        content[(page - 1) * PAGE : page * PAGE] = b"\xff" * PAGE
        path.write_bytes(content)
        copies.append(sqlite3.connect(path, isolation_level=None))
        connection.connection = copies[-1]

    yield overwrite
    connection.connection = sound
    for copy in copies:
        copy.close()


def test_a_damaged_page_that_no_search_needs(damage: Callable[[str], None]) -> None:
    damage("catalogue_synonymgroup")
    tasks.check_database()

    said = health.health()

    assert (said["status"], said["database"], health.is_ready()) == ("degraded", "damaged", True)
    assert doctor() == {"database": "bad"}


@pytest.mark.parametrize("table", ["visualsearch_modelversion", "catalogue_article"])
def test_a_damaged_page_that_every_search_needs(damage: Callable[[str], None], table: str) -> None:
    damage(table)

    said = health.health()

    assert (said["status"], said["database"], health.is_ready()) == ("down", "damaged", False)
    assert doctor() == {"database": "bad"}
