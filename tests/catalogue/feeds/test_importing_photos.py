"""An import gives each article the photos of its row, and no others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.db.models.signals import post_init

from catalogue.messages import Message, english
from catalogue.models import Article, Photo
from tests.catalogue.feeds.rows import bring_in, content_of, numbers, row
from tests.catalogue.stores import files, live_files
from tests.factories import ArticleFactory, PhotoFactory, drawn_picture

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_a_changed_photo_takes_the_place_of_the_old_one(draw: Any, announced: list[list[int]]) -> None:
    bring_in(row(photos=(draw("a.png", "red"),)))
    photo = Photo.objects.get()
    old = photo.file.name

    progress = bring_in(row(photos=(draw("a.png", "blue"),)))

    photo.refresh_from_db()
    assert numbers(progress) == (0, 1, 0, 0)
    assert content_of(photo) == drawn_picture("blue")
    assert live_files() == {photo.file.name}
    assert photo.file.name != old
    assert announced == [[photo.pk], [photo.pk]]


def test_photos_become_those_of_the_row_in_its_order(
    draw: Any, announced: list[list[int]], django_capture_on_commit_callbacks: Any
) -> None:
    a, b, c = draw("a.png", "red"), draw("b.png", "green"), draw("c.png", "blue")
    bring_in(row(photos=(a, b)))
    first, second = Photo.objects.order_by("position")

    with django_capture_on_commit_callbacks(execute=True):
        bring_in(row(photos=(b, c)))
        swapped = [(photo.pk, content_of(photo)) for photo in Photo.objects.order_by("position")]
        bring_in(row(photos=(c,)))

    # b keeps its row, c takes that of a.
    assert swapped == [(second.pk, b.read_bytes()), (first.pk, c.read_bytes())]
    assert list(Photo.objects.values_list("pk", "position")) == [(first.pk, 0)]
    assert len(live_files()) == 1
    assert announced == [[first.pk, second.pk], [first.pk]]


def test_a_row_that_knows_one_photo_only_leaves_the_others(draw: Any) -> None:
    article = ArticleFactory.create(sku="1")
    front, back = (PhotoFactory.create(article=article, position=i) for i in (0, 1))

    bring_in(row("1", photos=(draw("a.png", "blue"),), all_photos=False))
    bring_in(row("1", photos=(draw("a.png", "blue"),), all_photos=False))

    assert [(photo.pk, content_of(photo) == drawn_picture("blue")) for photo in article.photos.all()] == [
        (front.pk, True),
        (back.pk, False),
    ]


def test_two_articles_may_have_the_same_picture(draw: Any) -> None:
    same = draw("a.png")

    bring_in(row("1", photos=(same,)), row("2", photos=(same,)))

    assert len({photo.file.name for photo in Photo.objects.all()}) == 2


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"hello", "The photo “a.png” can’t be used: This file type isn’t supported."),
        (b"", "The photo “a.png” can’t be used: The file is empty."),
        (drawn_picture(size=(20, 30))[:-40], "This image is incomplete"),
        (drawn_picture(size=(41, 25)), "41 × 25 pixels (0.001025 megapixels); the limit is 0.001 megapixels."),
        (b"\xff" * 5_001, "The photo “a.png” can’t be used: The file is larger than 0.005 MB."),
    ],
)
def test_a_row_with_a_bad_photo_is_refused_as_a_whole(
    tmp_path: Path, draw: Any, settings: LazySettings, content: bytes, reason: str
) -> None:
    settings.PHOTO_MAX_BYTES, settings.PHOTO_MAX_PIXELS = 5_000, 1_000
    good = draw("good.png", size=(20, 30))
    (tmp_path / "a.png").write_bytes(content)

    progress = bring_in(row("1", photos=(good, tmp_path / "a.png")), row("2", photos=(good,)))

    assert numbers(progress) == (1, 0, 0, 1)
    assert [(refusal.line, refusal.sku) for refusal in progress.refusals] == [("line of 1", "1")]
    assert reason in english(progress.refusals[0].message)
    assert list(Article.objects.values_list("sku", flat=True)) == ["2"]
    assert len(files("photos")) == 1


def test_a_file_that_is_gone_by_now_is_refused(tmp_path: Path) -> None:
    progress = bring_in(row(photos=(tmp_path / "gone.png",)))

    assert progress.refusals[0].message == Message.of(
        "photo.not_read", photo="gone.png", error="No such file or directory"
    )


def test_photos_that_another_import_brings_meanwhile_are_not_added_again(draw: Any) -> None:
    ArticleFactory.create(sku="1")
    rows = [row("1", photos=(draw("a.png"), draw("b.png", "blue")))]
    progress = []

    # The first photo comes into being once the article's, of which there are none, have been read.
    def get_ahead(**kwargs: Any) -> None:
        post_init.disconnect(get_ahead, sender=Photo)
        progress.append(bring_in(*rows))

    post_init.connect(get_ahead, sender=Photo)
    progress.append(bring_in(*rows))

    assert [numbers(each) for each in progress] == [(0, 1, 0, 0), (0, 0, 1, 0)]
    assert sorted(files("photos")) == sorted(photo.file.name or "" for photo in Photo.objects.all())
    assert Photo.objects.count() == 2
