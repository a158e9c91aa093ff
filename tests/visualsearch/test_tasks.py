from __future__ import annotations

import json
import shutil
import time
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from redis import Redis

from catalogue import broker
from catalogue.models import Photo
from catalogue.signals import photos_imported
from tests.factories import ArticleFactory, PhotoFactory
from tests.processes.valkey import Valkey
from visualsearch import tasks
from visualsearch.models import ModelVersion, PhotoEmbedding
from visualsearch.services import versions

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def broker_answers(valkey: Valkey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker, "_down_until", 0.0)


def queued(queue: str) -> list[str]:
    """Take what is queued, and return the names of the tasks, oldest first."""
    with Redis(unix_socket_path=str(settings.BROKER_SOCKET)) as client:
        messages = client.lrange(queue, 0, -1)
        client.delete(queue)
    return [json.loads(message)["headers"]["task"].rsplit(".", 1)[-1] for message in reversed(messages)]


def test_a_saved_photo_is_queued_after_the_commit_on_the_quick_queue() -> None:
    article = ArticleFactory.create()
    with transaction.atomic():
        PhotoFactory.create(article=article)
        assert (queued("photos"), queued("bulk")) == ([], [])

    assert queued("photos") == ["embed_photo"]
    assert queued("bulk") == ["make_renditions"]


def test_a_photo_whose_save_is_rolled_back_is_not_queued() -> None:
    article = ArticleFactory.create()
    with pytest.raises(RuntimeError), transaction.atomic():
        PhotoFactory.create(article=article)
        raise RuntimeError

    assert queued("photos") == []


def test_imported_photos_are_queued_on_the_bulk_queue() -> None:
    photos_imported.send(sender=Photo, photo_ids=[1, 2, 3])

    assert (queued("photos"), queued("bulk")) == ([], ["embed_waiting"])


def test_what_is_queued_already_is_not_queued_again() -> None:
    for _ in range(3):
        PhotoFactory.create()
        photos_imported.send(sender=Photo, photo_ids=[1])
        tasks.reconcile()

    assert [name for name in queued("bulk") if name == "embed_waiting"] == ["embed_waiting"]


def test_embedding_what_waits_queues_itself_until_nothing_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "PHOTOS_A_TASK", 2)
    for _ in range(3):
        PhotoFactory.create()
    queued("bulk")

    counts = []
    for _ in range(3):
        tasks.embed_waiting()
        counts.append((PhotoEmbedding.objects.count(), queued("bulk")))

    assert counts == [(2, ["embed_waiting"]), (3, ["embed_waiting"]), (3, [])]


def test_two_workers_do_not_embed_the_same_at_once() -> None:
    PhotoFactory.create()
    cache.add("only-one:embed-waiting", 1, 30)

    tasks.embed_waiting()

    assert PhotoEmbedding.objects.count() == 0


def test_reconciliation_queues_pending_work_whatever_became_of_the_messages() -> None:
    PhotoFactory.create()
    queued("photos")
    queued("bulk")

    tasks.reconcile()

    assert queued("bulk") == ["embed_waiting"]


def test_reconciliation_goes_on_where_the_shipped_model_cannot_be_registered(settings: Any) -> None:
    versions.serving_version()
    PhotoFactory.create()
    queued("bulk")
    settings.VISUAL_MODEL = {**settings.VISUAL_MODEL, "NAME": "not-shipped"}

    tasks.reconcile()

    assert queued("bulk") == ["embed_waiting"]


def test_a_reconciliation_with_nothing_to_do_queues_nothing() -> None:
    tasks.reconcile()

    assert (queued("photos"), queued("bulk")) == ([], [])


def test_reconciliation_compacts_a_long_tail(settings: Any) -> None:
    settings.INDEX_COMPACT_CHANGES = 2
    for _ in range(2):
        tasks.embed_photo(PhotoFactory.create().pk)
    queued("bulk")

    tasks.reconcile()

    assert queued("bulk") == ["build_snapshot"]


def test_a_rebuild_that_is_wanted_is_queued_and_done() -> None:
    version = versions.serving_version()
    ModelVersion.objects.update(rebuild_wanted=True)

    tasks.reconcile()
    assert queued("bulk") == ["build_snapshot"]
    tasks.build_snapshot(version.pk)

    version.refresh_from_db()
    assert version.rebuild_wanted is False


def test_tasks_for_what_is_gone_are_no_error() -> None:
    tasks.embed_photo(123456)
    tasks.build_snapshot(123456)

    assert PhotoEmbedding.objects.count() == 0


def test_a_broker_that_is_down_costs_staff_no_save(valkey: Valkey) -> None:
    valkey.stop()

    photo = PhotoFactory.create()

    assert Photo.objects.get() == photo


def test_a_frozen_broker_is_left_alone_after_the_first_time_out(valkey: Valkey) -> None:
    def save_five() -> float:
        started = time.monotonic()
        for _ in range(5):
            PhotoFactory.create()
        return time.monotonic() - started

    usual = save_five()
    valkey.freeze()
    try:
        took = save_five()
    finally:
        valkey.thaw()

    # Ten messages of two seconds each would be twenty, whatever else the machine does.
    assert took < 12 + 3 * usual
    assert Photo.objects.count() == 10


def test_a_new_version_embeds_beside_the_old_one_then_serves() -> None:
    old = versions.serving_version()
    ModelVersion.objects.filter(pk=old.pk).update(name="older")
    older = old.folder.rename(old.folder.with_name(f"older-{old.version}"))
    photo = PhotoFactory.create()
    try:
        tasks.reconcile()
        new = ModelVersion.objects.exclude(pk=old.pk).get()
        assert (new.state, versions.serving_version()) == ("building", old)

        tasks.embed_waiting()
        tasks.reconcile()
    finally:
        shutil.rmtree(older)

    old.refresh_from_db()
    assert (versions.serving_version(), old.state) == (new, "kept")
    assert set(PhotoEmbedding.objects.values_list("model_version", "photo")) == {
        (old.pk, photo.pk),
        (new.pk, photo.pk),
    }
