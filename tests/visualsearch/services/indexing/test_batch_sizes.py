"""Batch sizes of embedding, listing, fetching and writing: the last full batch, and the remainder."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from PIL import Image

from catalogue.exceptions import InvalidRequestError, UnreadableImageError
from catalogue.messages import Message
from lab.harness.trial_shop import patience_s
from tests.factories import PhotoFactory, drawn_picture
from tests.visualsearch.stored import DIMENSIONS, made_version
from visualsearch import tasks
from visualsearch.models import BatchPhoto, ModelVersion, PhotoBatch
from visualsearch.services import batches, versions
from visualsearch.services.indexing import bulk, embedding
from visualsearch.services.retrieval.options import SearchOptions
from visualsearch.vectors import Vectors

pytestmark = pytest.mark.django_db


class Eyes:
    """A model that sees nothing; notes how many pictures it was shown at once, and how large they were."""

    def __init__(self) -> None:
        self.shown: list[int] = []
        self.sizes: list[tuple[int, int]] = []

    def describe(self, model: object, pictures: Sequence[Image.Image]) -> list[Vectors]:
        self.shown.append(len(pictures))
        self.sizes += [picture.size for picture in pictures]
        return [np.eye(DIMENSIONS, dtype=np.float32)[:1] for _ in pictures]


@pytest.fixture
def version() -> ModelVersion:
    return made_version()


@pytest.fixture
def eyes(monkeypatch: pytest.MonkeyPatch) -> Eyes:
    made = Eyes()
    monkeypatch.setattr(versions, "get_model", lambda version: made)
    monkeypatch.setattr(embedding, "describe", made.describe)
    return made


@pytest.mark.parametrize(("photos", "shown"), [(1, [1]), (2, [2]), (3, [2, 1]), (4, [2, 2]), (5, [2, 2, 1])])
def test_photos_are_embedded_in_batches_and_written_together(
    version: ModelVersion, eyes: Eyes, monkeypatch: pytest.MonkeyPatch, photos: int, shown: list[int]
) -> None:
    monkeypatch.setattr(embedding, "BATCH_SIZE", 2)
    ids = [PhotoFactory.create().pk for _ in range(photos)]

    settled = embedding.embed_photos(ids)

    assert (settled, eyes.shown) == (photos, shown)
    assert list(version.log.order_by("sequence").values_list("photo_id", flat=True)) == ids


@pytest.mark.parametrize(("side", "decoded"), [(255, 255), (511, 511), (512, 256), (767, 384), (768, 256)])
@pytest.mark.usefixtures("version")
def test_a_photo_is_decoded_no_larger_than_needed_and_no_smaller(eyes: Eyes, side: int, decoded: int) -> None:
    """Both sides keep twice DECODE_SIZE, 256 pixels."""
    photo = PhotoFactory.create(data=drawn_picture(size=(side, side)))

    embedding.embed_photos([photo.pk])

    assert eyes.sizes == [(decoded, decoded)]


@pytest.mark.parametrize(
    ("photos", "chunks"), [(0, []), (2, [2]), (3, [2, 1]), (4, [2, 1, 1]), (6, [2, 1, 2, 1]), (7, [2, 1, 2, 1, 1])]
)
@pytest.mark.usefixtures("version")
def test_what_waits_is_listed_and_handed_out_in_chunks_each_once(
    monkeypatch: pytest.MonkeyPatch, photos: int, chunks: list[int]
) -> None:
    monkeypatch.setattr(bulk, "LISTED_AT_ONCE", 3)
    monkeypatch.setattr(bulk, "PHOTOS_AT_ONCE", 2)
    ids = [PhotoFactory.create().pk for _ in range(photos)]

    handed_out = list(bulk._chunks())

    assert [len(chunk) for chunk in handed_out] == chunks
    assert [key for chunk in handed_out for key in chunk] == ids


def batch_of(photos: int, **fields: Any) -> PhotoBatch:
    options = {"limit": 12, "emphasis": 0.0, "filters": {}}
    expires = timezone.now() + timedelta(days=1)
    batch = PhotoBatch.objects.create(owner="user 1", options=options, expires=expires, **fields)
    BatchPhoto.objects.bulk_create(
        BatchPhoto(batch=batch, number=number, name=f"https://example.com/{number}") for number in range(photos)
    )
    return batch


@pytest.mark.parametrize(("photos", "looked_at"), [(0, []), (2, [2]), (3, [2, 1]), (4, [2, 2])])
def test_a_batch_is_searched_in_order_some_photos_at_a_time(
    monkeypatch: pytest.MonkeyPatch, photos: int, looked_at: list[int]
) -> None:
    monkeypatch.setattr(batches, "BATCH_SIZE", 2)
    numbers: list[list[int]] = []

    def outcomes_of(batch: PhotoBatch, photos: Sequence[BatchPhoto]) -> dict[int, batches.Outcome]:
        numbers.append([photo.number for photo in photos])
        return {photo.pk: batches.Outcome("made_up", Message.of("batch.cancelled")) for photo in photos}

    monkeypatch.setattr(batches, "outcomes_of", outcomes_of)
    batch = batch_of(photos)

    assert batches.run_slice(batch.pk, for_s=60) is False

    batch.refresh_from_db()
    assert batch.state == PhotoBatch.State.FINISHED
    assert [len(some) for some in numbers] == looked_at
    assert [number for some in numbers for number in some] == list(range(photos))


def test_four_addresses_of_a_batch_are_fetched_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    four, fifth, begun = threading.Barrier(4, timeout=patience_s(20)), threading.Event(), []

    def read_photo(photo: BatchPhoto) -> Image.Image:
        begun.append(photo.number)
        if len(begun) > batches.FETCHED_AT_ONCE:
            fifth.set()
        elif four.wait() >= 0:
            # All four are here; a fifth would be by now.
            assert not fifth.wait(0.1)
            four.wait()
        raise UnreadableImageError("made up")

    monkeypatch.setattr(batches, "read_photo", read_photo)
    batch = batch_of(6)

    outcomes = batches.outcomes_of(batch, list(batch.photos.order_by("number")))

    assert batches.FETCHED_AT_ONCE == 4
    assert [outcome.code for outcome in outcomes.values()] == ["unreadable_image"] * 6


def test_a_batch_is_kept_a_day() -> None:
    owner = User.objects.create_user("owner")
    before = timezone.now()

    batch = batches.begin_batch(f"user {owner.pk}", urls=["https://example.com/1"], options=SearchOptions())

    assert before + timedelta(days=1) <= batch.expires <= timezone.now() + timedelta(days=1)
    assert batches.KIND.remove_expired() == 0
    PhotoBatch.objects.update(expires=timezone.now() - timedelta(seconds=1))
    assert batches.KIND.remove_expired() == 1
    assert batches.KIND.due_messages() == []


def test_a_callers_sixth_batch_is_refused_and_others_are_not() -> None:
    owner, other = User.objects.create_user("owner"), User.objects.create_user("other")
    for _ in range(batches.MOST_RUNNING - 1):
        batches.refuse_too_many(f"user {owner.pk}")
        batch_of(1, id=uuid4())
    PhotoBatch.objects.update(owner=f"user {owner.pk}")
    batches.refuse_too_many(f"user {owner.pk}")
    begun = batches.begin_batch(f"user {owner.pk}", urls=["https://example.com/1"], options=SearchOptions())

    with pytest.raises(InvalidRequestError):
        batches.refuse_too_many(f"user {owner.pk}")

    batches.refuse_too_many(f"user {other.pk}")
    batches.cancel(begun)
    batches.refuse_too_many(f"user {owner.pk}")


@pytest.mark.parametrize(("interval_s", "embedded"), [(0.0, 0), (60.0, 5)])
@pytest.mark.usefixtures("valkey", "eyes")
def test_a_version_that_is_built_gets_its_share_of_the_time(settings: Any, *, interval_s: float, embedded: int) -> None:
    settings.RECONCILE_INTERVAL_S = interval_s
    version = made_version("building", state=ModelVersion.State.BUILDING)
    for _ in range(5):
        PhotoFactory.create()

    tasks.embed_building(version.pk)

    assert version.embeddings.count() == embedded


@pytest.mark.usefixtures("valkey")
def test_a_version_that_is_built_takes_half_of_the_workers_time_at_the_most(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.RECONCILE_INTERVAL_S = 10.0
    version = made_version("building", state=ModelVersion.State.BUILDING)
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(tasks, "time", SimpleNamespace(monotonic=lambda: clock.now))
    monkeypatch.setattr(embedding, "waiting_ids_of", lambda version, limit: list(range(limit)))
    took: list[int] = []

    def embed_photos(photo_ids: Sequence[int]) -> int:
        took.append(len(photo_ids))
        clock.now += 1.0
        return len(photo_ids)

    monkeypatch.setattr(embedding, "embed_photos", embed_photos)

    tasks.embed_building(version.pk)

    assert tasks.BUILDING_SHARE == 0.5
    assert took == [embedding.BATCH_SIZE] * 5
