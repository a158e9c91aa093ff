from __future__ import annotations

import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.db import transaction

from catalogue.messages import Message
from catalogue.models import Article, Photo
from tests.factories import ArticleFactory, PhotoFactory, drawn_picture
from visualsearch.models import EmbeddingFailure, LogEntry, ModelVersion, PhotoEmbedding
from visualsearch.services import versions
from visualsearch.services.indexing import embedding, indexing

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def version() -> ModelVersion:
    return versions.serving_version()


def log_of(version: ModelVersion) -> list[tuple[int, int]]:
    return list(version.log.order_by("sequence").values_list("sequence", "photo_id"))


def test_a_new_photo_waits_until_it_is_embedded(version: ModelVersion) -> None:
    photo = PhotoFactory.create()
    assert embedding.photo_states([photo])[photo.pk].state == "waiting"

    settled = embedding.embed_photos([photo.pk])

    assert settled == 1
    assert embedding.photo_states([photo])[photo.pk].state == "found"
    row = PhotoEmbedding.objects.get()
    vector = np.frombuffer(bytes(row.vector), "<f2").astype(np.float32)
    assert vector.shape == (version.dimensions,)
    assert np.linalg.norm(vector) == pytest.approx(1, abs=2e-3)
    assert row.photo_sha256 == photo.sha256
    assert log_of(version) == [(1, photo.pk)]


def test_embedding_again_changes_nothing(version: ModelVersion) -> None:
    photo = PhotoFactory.create()
    embedding.embed_photos([photo.pk])

    assert embedding.embed_photos([photo.pk]) == 0
    assert log_of(version) == [(1, photo.pk)]


def test_a_photo_that_is_gone_is_no_error(version: ModelVersion) -> None:
    assert embedding.embed_photos([12345]) == 0


def test_a_photo_without_a_digest_gets_one(version: ModelVersion) -> None:
    """As bulk_create and raw SQL write them."""
    photo = PhotoFactory.create()
    digest = photo.sha256
    Photo.objects.update(sha256="")

    embedding.embed_photos(embedding.waiting_ids(limit=10))

    photo.refresh_from_db()
    assert photo.sha256 == digest
    assert PhotoEmbedding.objects.get().photo_sha256 == digest


def test_an_unreadable_photo_is_recorded_and_not_tried_again(version: ModelVersion) -> None:
    photo = PhotoFactory.create(data=b"not a picture")

    settled = embedding.embed_photos([photo.pk])

    state = embedding.photo_states([photo])[photo.pk]
    assert settled == 1
    assert state.state == "failed"
    assert state.error == {"code": "image.unknown_format", "params": {}}
    assert embedding.waiting_ids(limit=10) == []
    assert log_of(version) == []


def test_a_failed_photo_waits_again_once_its_file_changes(version: ModelVersion) -> None:
    photo = PhotoFactory.create(data=b"not a picture")
    embedding.embed_photos([photo.pk])

    photo.file = ContentFile(drawn_picture("#aa0000"), name="new.png")
    photo.save()
    embedding.embed_photos(embedding.waiting_ids(limit=10))

    assert embedding.photo_states([photo])[photo.pk].state == "found"
    assert not EmbeddingFailure.objects.exists()


def test_a_failed_photo_can_be_tried_again(version: ModelVersion) -> None:
    photo = PhotoFactory.create(data=b"not a picture")
    embedding.embed_photos([photo.pk])

    assert embedding.try_again([photo.pk]) == 1
    assert embedding.waiting_ids(limit=10) == [photo.pk]


def test_a_photo_whose_file_is_gone_says_so(version: ModelVersion) -> None:
    photo = PhotoFactory.create()
    photo.file.storage.delete(str(photo.file.name))

    embedding.embed_photos([photo.pk])

    assert embedding.photo_states([photo])[photo.pk].error == {"code": "photo.file_gone", "params": {}}


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "a\0b", "."])
def test_a_row_that_names_no_file_fails_alone(version: ModelVersion, name: str) -> None:
    good = PhotoFactory.create()
    (bad,) = Photo.objects.bulk_create([Photo(article=good.article, file="x")])
    if "\0" in name:
        bad.file = name
        assert next(iter(embedding._read([bad])))[1] == Message.of("photo.file_gone")
        return
    Photo.objects.filter(pk=bad.pk).update(file=name)

    embedding.embed_photos(embedding.waiting_ids(limit=10))

    states = embedding.photo_states([good, bad])
    assert (states[good.pk].state, states[bad.pk].state) == ("found", "failed")


def test_good_photos_of_a_batch_are_kept_beside_bad_ones(version: ModelVersion) -> None:
    good, bad = PhotoFactory.create(), PhotoFactory.create(data=b"bad")

    settled = embedding.embed_photos([good.pk, bad.pk])

    assert settled == 2
    states = embedding.photo_states([good, bad])
    assert (states[good.pk].state, states[bad.pk].state) == ("found", "failed")


def test_a_replaced_photo_is_not_written_with_its_old_vector(version: ModelVersion) -> None:
    photo = PhotoFactory.create()
    stale = {photo.pk: ("0" * 64, np.zeros(version.dimensions, "<f2").tobytes())}

    assert embedding._write(version, stale) == 0
    assert not PhotoEmbedding.objects.exists()
    assert log_of(version) == []


def test_deleting_a_photo_logs_its_removal(version: ModelVersion) -> None:
    photo = PhotoFactory.create()
    photo_id = photo.pk
    embedding.embed_photos([photo_id])

    photo.delete()

    assert log_of(version) == [(1, photo_id), (2, photo_id)]
    assert not PhotoEmbedding.objects.exists()


def test_deleting_articles_in_bulk_logs_every_photo(version: ModelVersion) -> None:
    article = ArticleFactory.create()
    photos = [PhotoFactory.create(article=article) for _ in range(3)]
    ids = sorted(photo.pk for photo in photos)
    embedding.embed_photos(ids)

    Article.objects.all().delete()

    assert [sequence for sequence, _ in log_of(version)] == [1, 2, 3, 4, 5, 6]
    assert sorted(photo_id for _, photo_id in log_of(version)[3:]) == ids


def test_a_rolled_back_change_leaves_no_entry(version: ModelVersion) -> None:
    photo = PhotoFactory.create()
    embedding.embed_photos([photo.pk])

    with pytest.raises(RuntimeError), transaction.atomic():
        Photo.objects.all().delete()
        raise RuntimeError

    version.refresh_from_db()
    assert version.head == 1
    assert LogEntry.objects.count() == 1
    assert indexing.compare(version).equal


def test_the_newest_wait_first(version: ModelVersion) -> None:
    photos = [PhotoFactory.create() for _ in range(3)]

    assert embedding.waiting_ids(limit=2) == [photos[2].pk, photos[1].pk]
