"""`manage.py doctor`, with each part broken in turn."""

from __future__ import annotations

import io
import json
import re
import time
from pathlib import Path

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db.migrations.executor import MigrationExecutor
from pytest_django import Settings

from catalogue import tasks as catalogue_tasks
from catalogue.broker import RECONCILED_BULK
from catalogue.models import FeedFetch, ScheduledFeed, SearchDocument
from tests.factories import ArticleFactory, PhotoFactory
from tests.processes.valkey import Valkey
from tests.visualsearch.catalogue import found_article
from visualsearch import backends, tasks
from visualsearch.models import ModelVersion
from visualsearch.services import versions
from visualsearch.services.indexing import indexing
from visualsearch.services.monitoring import diagnosis, disk, health
from visualsearch.services.monitoring.diagnosis import Finding
from visualsearch.services.monitoring.disk import Disk
from visualsearch.services.monitoring.health import RECONCILED

pytestmark = [pytest.mark.django_db, pytest.mark.database]

PARTS = [
    "space", "database", "broker", "workers", "clock", "model", "index", "text_search", "photos", "files", "feeds"
]  # fmt: skip


def found() -> dict[str, Finding]:
    return {finding.part: finding for finding in diagnosis.diagnose()}


@pytest.fixture
def well(valkey: Valkey) -> None:
    """A shop in which all is well."""
    found_article("#b00020")
    tasks.reconcile()
    catalogue_tasks.reconcile_jobs()


@pytest.mark.usefixtures("well")
def test_a_shop_in_which_all_is_well(capsys: pytest.CaptureFixture[str]) -> None:
    findings = found()

    assert list(findings) == PARTS
    assert {finding.state for finding in findings.values()} == {"ok"}
    call_command("doctor")
    assert capsys.readouterr().out.count("✓") == len(PARTS)


def test_a_broker_that_is_down_is_reported_with_the_remedy_and_the_rest_is_checked(valkey: Valkey) -> None:
    valkey.stop()

    findings = found()

    assert findings["broker"].state == "bad"
    assert "workers" not in findings
    assert "REDIS_URL" in findings["broker"].remedy
    assert findings["model"].state == "ok"
    with pytest.raises(CommandError, match="broker"):
        call_command("doctor", stdout=io.StringIO())


@pytest.mark.usefixtures("well")
@pytest.mark.parametrize("key", [RECONCILED, RECONCILED_BULK])
@pytest.mark.parametrize("ago", [None, 3_600])
def test_workers_that_do_not_reconcile(key: str, ago: float | None) -> None:
    cache.delete(key) if ago is None else cache.set(key, time.time() - ago)
    assert found()["workers"].state == "bad"


@pytest.mark.usefixtures("well")
def test_a_long_queue_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diagnosis, "LONG_QUEUE", -1)
    assert (found()["broker"].state, "more workers" in found()["broker"].remedy) == ("warning", True)


@pytest.mark.usefixtures("well")
def test_a_clock_that_is_off(monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + 60)

    clock = found()["clock"]

    # On PostgreSQL its clock is asked too, which is as far away.
    assert clock.state == "warning"
    assert re.fullmatch(r"It differs from the (broker|database)'s by 60\.\d s\.", clock.message)


@pytest.mark.usefixtures("well")
def test_a_full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "examine", lambda folder: Disk("full", 0, 10**11))
    assert found()["space"].state == "bad"


@pytest.mark.usefixtures("well")
def test_a_database_that_is_behind_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MigrationExecutor, "migration_plan", lambda self, targets: [("one", False)])
    findings = found()
    assert findings["database"].remedy == "Run: manage.py migrate"
    assert "model" not in findings


@pytest.fixture
def own_models(settings: Settings, tmp_path: Path) -> None:
    settings.VISUAL_MODEL = {**settings.VISUAL_MODEL, "FOLDER": tmp_path / "models"}


@pytest.mark.usefixtures("own_models", "well")
def test_a_model_that_is_stood_in_for() -> None:
    version = versions.serving_version()
    (version.folder / "model.tflite").write_bytes(b"spoilt")
    backends.reset_caches()

    model = found()["model"]

    assert model.state == "warning"
    assert str(version.folder) in model.remedy


@pytest.mark.usefixtures("well")
def test_a_snapshot_that_was_damaged() -> None:
    ModelVersion.objects.update(rebuild_wanted=True)
    assert found()["index"].state == "warning"


@pytest.mark.usefixtures("well")
def test_a_photo_whose_file_is_gone() -> None:
    photo = PhotoFactory.create()
    photo.file.storage.delete(str(photo.file.name))

    files = found()["files"]

    assert (files.state, str(photo.pk) in files.message) == ("bad", True)


@pytest.mark.usefixtures("well")
def test_feeds_that_fail_or_wait_for_an_answer() -> None:
    ScheduledFeed.objects.create(name="Broken", url="https://a.example/", state="on", failures=2)
    ScheduledFeed.objects.create(name="Paused", url="https://a.example/", state="paused", failures=2)
    asking = ScheduledFeed.objects.create(name="Smaller", url="https://b.example/", state="on")
    FeedFetch.objects.create(feed=asking, state="asking")

    feeds = found()["feeds"]

    assert feeds.state == "warning"
    assert "2 are fetched on a schedule; 1 fail: Broken; 1 need an answer: Smaller." in feeds.message


@pytest.mark.usefixtures("well")
def test_a_check_that_raises_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(version: ModelVersion) -> None:
        raise OSError("no such disk")

    monkeypatch.setattr(indexing, "fresh_index", fail)
    findings = found()
    assert (findings["index"].state, "no such disk" in findings["index"].message) == ("bad", True)
    assert findings["files"].state == "ok"


@pytest.mark.usefixtures("well")
def test_other_programs_read_it_as_json(settings: Settings) -> None:
    out = io.StringIO()
    call_command("doctor", "--json", stdout=out)
    assert [finding["part"] for finding in json.loads(out.getvalue())] == PARTS


@pytest.mark.usefixtures("valkey")
@pytest.mark.parametrize(("most", "state"), [(2, "ok"), (1, "warning")])
def test_a_queue_is_long_beyond_its_limit(monkeypatch: pytest.MonkeyPatch, *, most: int, state: str) -> None:
    monkeypatch.setattr(diagnosis, "LONG_QUEUE", most)
    with diagnosis.connected() as broker:
        broker.rpush("bulk", "one", "two")
    assert diagnosis.check_broker().state == state


@pytest.mark.usefixtures("well")
@pytest.mark.parametrize(
    ("key", "ago_s", "late"),
    [
        (RECONCILED, 59.0, False),
        (RECONCILED, 61.0, True),
        (RECONCILED_BULK, 599.0, False),
        (RECONCILED_BULK, 601.0, True),
    ],
)
def test_workers_are_late_after_six_reconciliations_those_of_long_tasks_after_ten_minutes(
    settings: Settings, *, key: str, ago_s: float, late: bool
) -> None:
    settings.RECONCILE_INTERVAL_S = 10.0
    cache.set(key, time.time() - ago_s)
    assert (health.workers_state() == "late") is late


@pytest.mark.usefixtures("valkey")
@pytest.mark.parametrize(("off_s", "state"), [(4.0, "ok"), (-4.0, "ok"), (6.0, "warning"), (-6.0, "warning")])
def test_a_clock_may_be_five_seconds_off_either_way(
    monkeypatch: pytest.MonkeyPatch, *, off_s: float, state: str
) -> None:
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + off_s)
    assert diagnosis.CLOCK_MAY_DIFFER_S == 5.0
    assert diagnosis.check_clock().state == state


@pytest.mark.parametrize(("looked_for", "state"), [(1, "ok"), (2, "bad")])
def test_files_of_the_newest_photos_alone_are_checked(
    monkeypatch: pytest.MonkeyPatch, *, looked_for: int, state: str
) -> None:
    monkeypatch.setattr(diagnosis, "FILES_CHECKED", looked_for)
    gone, _newest = PhotoFactory.create(), PhotoFactory.create()
    gone.file.storage.delete(str(gone.file.name))

    finding = diagnosis.check_files()

    assert finding.state == state
    assert f"The {looked_for} newest" in finding.message or f"1 of the {looked_for} newest" in finding.message


@pytest.mark.django_db
def test_articles_that_text_search_does_not_know_are_told_with_the_remedy() -> None:
    ArticleFactory.create()
    assert diagnosis.check_text_search().state == "ok"

    SearchDocument.objects.all().delete()

    finding = diagnosis.check_text_search()
    assert (finding.state, finding.remedy) == ("warning", "manage.py rebuild_text_search")
    assert finding.message == "Text search lacks 1 of the products: another program wrote them."
