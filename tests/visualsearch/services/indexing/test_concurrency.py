"""Concurrent writers: the change log is in commit order, and there are no deadlocks."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

import pytest
from django.db import connection, transaction

from catalogue.models import Photo
from tests.factories import ArticleFactory, PhotoFactory
from visualsearch.models import ModelVersion, PhotoEmbedding
from visualsearch.services import versions
from visualsearch.services.indexing import embedding, indexing

pytestmark = pytest.mark.django_db(transaction=True)

WAITS_S = 30
# Long enough for another thread to get as far as it can before it waits for a lock.
GETS_STUCK_S = 0.5

P = ParamSpec("P")
T = TypeVar("T")


@pytest.fixture
def version() -> ModelVersion:
    return versions.serving_version()


def in_thread(pool: ThreadPoolExecutor, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
    """Run `work` in another thread, which gives its connection back."""

    def run() -> T:
        try:
            return work(*args, **kwargs)
        finally:
            connection.close()

    return pool.submit(run)


def test_a_late_commit_holds_back_later_numbers(version: ModelVersion) -> None:
    """A reader that asks what came after N never misses an entry that was numbered before and committed after."""
    first_wrote, first_may_commit = threading.Event(), threading.Event()

    def late() -> None:
        with transaction.atomic():
            indexing.log_changes(version, [1])
            first_wrote.set()
            assert first_may_commit.wait(WAITS_S)

    def early() -> None:
        assert first_wrote.wait(WAITS_S)
        with transaction.atomic():
            indexing.log_changes(version, [2])

    with ThreadPoolExecutor(2) as pool:
        slow, quick = in_thread(pool, late), in_thread(pool, early)
        assert first_wrote.wait(WAITS_S)
        seen_between = list(version.log.values_list("sequence", "photo_id"))
        quick_was_done = quick.done()
        first_may_commit.set()
        slow.result(WAITS_S)
        quick.result(WAITS_S)

    assert (seen_between, quick_was_done) == ([], False)
    assert list(version.log.order_by("sequence").values_list("sequence", "photo_id")) == [(1, 1), (2, 2)]


def test_a_reader_misses_nothing_that_commits_late(version: ModelVersion) -> None:
    """Of two who write vectors at once, the one who began first commits last; a process reads after each commit."""
    late_photo, early_photo = PhotoFactory.create(), PhotoFactory.create()
    late_wrote, late_may_commit = threading.Event(), threading.Event()
    index = indexing.fresh_index(version)

    def late() -> None:
        with transaction.atomic():
            embedding.embed_photos([late_photo.pk])
            late_wrote.set()
            late_may_commit.wait(GETS_STUCK_S)

    def early() -> None:
        assert late_wrote.wait(WAITS_S)
        with transaction.atomic():
            embedding.embed_photos([early_photo.pk])
        late_may_commit.set()

    with ThreadPoolExecutor(2) as pool:
        writers = [in_thread(pool, late), in_thread(pool, early)]
        while not all(writer.done() for writer in writers):
            indexing.refresh(index, version)
        for writer in writers:
            writer.result(WAITS_S)
    indexing.refresh(index, version)

    assert indexing.photo_ids_of(version, index.rows()[0]) == [late_photo.pk, early_photo.pk]


def test_many_writers_leave_a_log_without_gaps(version: ModelVersion) -> None:
    def write(photo_id: int) -> None:
        with transaction.atomic():
            indexing.log_changes(version, [photo_id])

    with ThreadPoolExecutor(6) as pool:
        for future in [in_thread(pool, write, photo_id) for photo_id in range(60)]:
            future.result(WAITS_S)

    version.refresh_from_db()
    assert version.head == 60
    assert list(version.log.order_by("sequence").values_list("sequence", flat=True)) == list(range(1, 61))
    assert sorted(version.log.values_list("photo_id", flat=True)) == list(range(60))


def test_embedding_and_deleting_at_once_end_without_a_deadlock(version: ModelVersion) -> None:
    article = ArticleFactory.create()
    ids = [PhotoFactory.create(article=article, size=(40 + n, 60)).pk for n in range(12)]

    def delete(photo_id: int) -> None:
        Photo.objects.filter(pk=photo_id).delete()

    with ThreadPoolExecutor(4) as pool:
        futures = [in_thread(pool, embedding.embed_photos, ids) for _ in range(2)]
        removals = [in_thread(pool, delete, photo_id) for photo_id in ids[::2]]
        for embedded in futures:
            embedded.result(WAITS_S)
        for removed in removals:
            removed.result(WAITS_S)
    # A photo that was skipped because its row was locked is still pending, as reconciliation finds it.
    embedding.embed_photos(embedding.waiting_ids(limit=100))

    assert list(PhotoEmbedding.objects.order_by("photo_id").values_list("photo_id", flat=True)) == ids[1::2]
    assert indexing.compare(version).equal


def test_two_transactions_that_delete_the_same_photos_end_without_a_deadlock(version: ModelVersion) -> None:
    """In whatever order each names them."""
    article = ArticleFactory.create()
    ids = [PhotoFactory.create(article=article, size=(40 + n, 60)).pk for n in range(2)]
    embedding.embed_photos(ids)
    one_holds, other_begins = threading.Event(), threading.Event()

    def delete_upwards() -> None:
        with transaction.atomic():
            Photo.objects.filter(pk=ids[0]).delete()
            one_holds.set()
            assert other_begins.wait(WAITS_S)
            time.sleep(GETS_STUCK_S)
            Photo.objects.filter(pk=ids[1]).delete()

    def delete_downwards() -> None:
        assert one_holds.wait(WAITS_S)
        other_begins.set()
        with transaction.atomic():
            for photo_id in reversed(ids):
                Photo.objects.filter(pk=photo_id).delete()

    with ThreadPoolExecutor(2) as pool:
        for deleted in (in_thread(pool, delete_upwards), in_thread(pool, delete_downwards)):
            deleted.result(WAITS_S)

    assert not Photo.objects.exists()
    assert set(version.log.filter(sequence__gt=2).values_list("photo_id", flat=True)) == set(ids)
    assert indexing.compare(version).equal


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one lock for all writers")
def test_noting_a_failure_waits_for_no_other_writer(version: ModelVersion) -> None:
    """It holds its photo's row: waiting for the version's, it would be half of a deadlock with whoever deletes."""
    bad = PhotoFactory.create(data=b"not a picture")

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        indexing.log_changes(version, [1])
        settled = in_thread(pool, embedding.embed_photos, [bad.pk]).result(5)

    assert settled == 1
    assert version.failed().get() == bad
