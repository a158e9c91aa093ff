from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from django.core.files.base import ContentFile
from django.test import Client

from catalogue.models import Photo
from tests.factories import PhotoFactory
from tests.visualsearch.catalogue import query_for
from visualsearch.models import EmbeddingFailure, ModelVersion, PhotoEmbedding
from visualsearch.services import versions
from visualsearch.services.indexing import status
from visualsearch.services.indexing.status import Counts

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def embed(version: ModelVersion, photo: Photo, *, digest: str = "") -> None:
    PhotoEmbedding.objects.create(
        model_version=version, photo=photo, photo_sha256=digest or photo.sha256, vector=bytes(2 * version.dimensions)
    )


def fail(version: ModelVersion, photo: Photo, *, digest: str = "") -> None:
    EmbeddingFailure.objects.create(
        model_version=version,
        photo=photo,
        photo_sha256=digest or photo.sha256,
        error={"code": "image.damaged", "params": {}},
    )


def test_what_is_counted_is_what_waits_and_what_failed() -> None:
    version = versions.serving_version()
    other = ModelVersion.objects.create(name="other", version="1", dimensions=4)
    photos = PhotoFactory.create_batch(9)
    for photo in photos[:3]:
        embed(version, photo)
    embed(version, photos[3], digest="of the bytes before")
    fail(version, photos[4])
    fail(version, photos[5], digest="of the bytes before")
    # It failed, was embedded by another worker, and its failure stayed.
    embed(version, photos[6])
    fail(version, photos[6])
    embed(other, photos[7])
    fail(other, photos[8])

    counted = status.count(version)

    assert counted == Counts(pending=4, failed=2)
    assert counted == Counts(version.waiting().count(), version.failed().count())
    assert status.count(other) == Counts(pending=7, failed=1)


def test_an_empty_shop_waits_for_nothing() -> None:
    assert status.count(versions.serving_version()) == Counts(0, 0)


def test_a_photo_whose_bytes_change_is_counted_again() -> None:
    version = versions.serving_version()
    photo = PhotoFactory.create()
    embed(version, photo)
    assert status.count(version).pending == 0

    photo.file = ContentFile(b"other bytes", name="p.jpg")
    photo.save()

    assert status.count(version).pending == 1


def test_while_one_thread_counts_the_others_take_what_was_counted_before(monkeypatch: pytest.MonkeyPatch) -> None:
    version = versions.serving_version()
    monkeypatch.setattr(status, "COUNTED_FOR_S", 0.0)
    monkeypatch.setattr(status, "COUNTED_FOR_TIMES", 0)
    assert status.counts(version).pending == 0
    PhotoFactory.create()

    with status._locks[version.pk]:
        meanwhile = status.counts(version)
    afterwards = status.counts(version)

    assert (meanwhile.pending, afterwards.pending) == (0, 1)


def test_a_count_from_before_a_change_is_not_shown_beside_it() -> None:
    version = versions.serving_version()
    assert status.counts(version).pending == 0
    PhotoFactory.create()
    lock = status._locks[version.pk]
    lock.acquire()
    threading.Timer(0.2, lock.release).start()

    counted = status.counts(version, since=version.head + 1)

    assert counted.pending == 1


def test_a_search_shows_the_count_of_before_and_has_it_counted_for_whoever_comes_next(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = versions.serving_version()
    monkeypatch.setattr(status, "COUNTED_FOR_S", 0.0)
    monkeypatch.setattr(status, "COUNTED_FOR_TIMES", 0)
    token = query_for("#b00020").token
    assert status.counts(version).pending == 0
    PhotoFactory.create()

    shown = [client.get("/api/search", {"token": token}).json()["index"]["pending"] for _ in range(2)]

    assert shown == [0, 1]
    monkeypatch.setattr(status, "STALE_FOR_S", 0.0)
    PhotoFactory.create()
    assert client.get("/api/search", {"token": token}).json()["index"]["pending"] == 2


@pytest.mark.parametrize(("sequence", "pending"), [(4, 0), (5, 1)], ids=["unmoved", "moved on"])
def test_photos_are_counted_less_often_while_the_log_does_not_move_on(
    monkeypatch: pytest.MonkeyPatch, sequence: int, pending: int
) -> None:
    version = versions.serving_version()
    status.counts(version, since=4)
    PhotoFactory.create()
    cached = status._counted[version.pk]
    monkeypatch.setitem(status._counted, version.pk, replace(cached, made_at=cached.made_at - 1.5 * cached.good_for_s))

    assert status._soon_counted(version, sequence).pending == pending
