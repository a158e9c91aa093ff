"""No file without a row: what was replaced, deleted or never committed leaves nothing in the stores."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from pytest_django import DjangoCaptureOnCommitCallbacks

from catalogue import tasks
from catalogue.models import Article, Photo
from catalogue.photos import services
from tests.catalogue.stores import files, live_files
from tests.factories import ArticleFactory, PhotoFactory, drawn_picture

pytestmark = pytest.mark.django_db

RED, GREEN, BLUE = drawn_picture("#c0392b"), drawn_picture("#27ae60"), drawn_picture("#2980b9")
TWO_DAYS_S = 2 * 24 * 60 * 60


def renditions_of(*photos: Photo) -> set[str]:
    return {path for photo in photos for path in services.rendition_paths(photo.sha256)}


def age() -> None:
    """Make every stored file two days old."""
    for store in ("photos", "renditions"):
        for path in (Path(settings.DATA_DIR) / store).rglob("*"):
            os.utime(path, (time.time() - TWO_DAYS_S,) * 2)


def replace_file(photo: Photo, data: bytes) -> None:
    photo.file = ContentFile(data, name="new.png")
    photo.save()


def test_a_replaced_photo_leaves_no_files_once_the_bin_is_empty(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    photo = PhotoFactory.create(data=RED)
    services.make_renditions(photo)

    with django_capture_on_commit_callbacks(execute=True):
        replace_file(photo, GREEN)
        Photo.all_objects.binned().purge()
    services.make_renditions(photo)

    assert files("photos") == {photo.file.name}
    assert files("renditions") == renditions_of(photo)


def test_renditions_that_another_photo_needs_outlive_a_replacement(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    photo, same = PhotoFactory.create(data=RED), PhotoFactory.create(data=RED)
    services.make_renditions(same)

    with django_capture_on_commit_callbacks(execute=True):
        replace_file(photo, GREEN)

    assert files("renditions") == renditions_of(same)


def test_files_that_a_killed_process_did_not_come_to_remove_are_removed_after_a_day() -> None:
    photo = PhotoFactory.create(data=RED)
    services.make_renditions(photo)
    # Nothing that is to follow the commit runs here.
    for data in (GREEN, BLUE):
        replace_file(photo, data)
        services.make_renditions(photo)
    Photo.all_objects.binned().purge()

    tasks.remove_lost_files()
    assert (len(files("photos")), len(files("renditions"))) == (3, 18)
    age()
    PhotoFactory.create()
    tasks.remove_lost_files()

    assert files("photos") == {photo.file.name for photo in Photo.objects.all()}
    assert files("renditions") == renditions_of(photo)


def test_a_file_whose_save_was_rolled_back_is_removed_after_a_day() -> None:
    kept = PhotoFactory.create(data=RED)
    with pytest.raises(RuntimeError), transaction.atomic():
        PhotoFactory.create(article=kept.article, data=GREEN)
        raise RuntimeError
    age()

    tasks.remove_lost_files()

    assert files("photos") == {kept.file.name}


def test_files_that_others_put_into_the_stores_stay() -> None:
    foreign = {"README.txt", "ab/notes.txt", "originals/0001.jpg", "ab/front.webp"}
    for store in ("photos", "renditions"):
        for name in foreign:
            path = Path(settings.DATA_DIR) / store / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"theirs")
    before = files("photos"), files("renditions")
    age()

    assert services.remove_lost_files() == 0
    assert (files("photos"), files("renditions")) == before


def test_a_database_that_knows_few_of_the_files_removes_no_original(caplog: pytest.LogCaptureFixture) -> None:
    PhotoFactory.create_batch(3)
    before = files("photos")
    Photo.objects.all()._raw_delete(Photo.objects.db)  # no signal is sent
    PhotoFactory.create()
    age()

    services.remove_lost_files()

    assert before < files("photos")
    assert "another shop's database" in caplog.text


def test_articles_deleted_by_a_queryset_take_their_files_along(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    for _ in range(3):
        services.make_renditions(PhotoFactory.create(article=ArticleFactory.create(), data=RED))

    with django_capture_on_commit_callbacks(execute=True):
        Article.objects.all().delete()
    assert (len(files("photos")), live_files()) == (3, set())
    with django_capture_on_commit_callbacks(execute=True):
        Article.all_objects.binned().purge()

    assert (files("photos"), files("renditions")) == (set(), set())
