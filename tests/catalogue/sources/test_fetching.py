"""Pictures at addresses become photos, once, politely, and whatever happens on the way."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.base import ContentFile
from django.db import OperationalError
from django.utils import timezone

from catalogue import tasks
from catalogue.imaging import fetch_picture
from catalogue.messages.rendering import render_stored
from catalogue.models import Article, Photo, PhotoSource
from catalogue.signals import photos_imported
from catalogue.sources import apply_fetch, try_again
from catalogue.sources.apply_fetch import settle_fetched
from tests.catalogue.sources.gallery import Gallery, ids, shown, source_of
from tests.catalogue.stores import files, live_files
from tests.factories import drawn_picture

pytestmark = pytest.mark.django_db(transaction=True)

RED, GREEN, BLUE = (drawn_picture(colour) for colour in ("#c0392b", "#27ae60", "#3b5998"))


def test_pictures_are_fetched_in_the_order_of_the_feed_and_announced(gallery: Gallery) -> None:
    gallery.pictures = {"a.png": RED, "b.png": GREEN}
    heard: list[list[int]] = []

    def listen(photo_ids: list[int], **kwargs: Any) -> None:
        heard.append(photo_ids)

    photos_imported.connect(listen)
    article = gallery.import_article("a.png", "b.png")
    assert shown(article) == []

    counts = gallery.fetch()

    photos_imported.disconnect(listen)
    assert (counts.fetched, counts.unchanged, counts.failed) == (2, 0, 0)
    assert shown(article) == [RED, GREEN]
    assert sorted(photo_id for group in heard for photo_id in group) == sorted(ids(article))
    assert {source.state for source in PhotoSource.objects.all()} == {"fetched"}


def test_an_unchanged_picture_is_not_sent_again_and_its_photo_is_left_alone(gallery: Gallery) -> None:
    gallery.pictures = {"a.png": RED}
    article = gallery.bring("a.png")
    before = list(Photo.objects.values())
    gallery.asked()

    gallery.import_article("a.png")
    counts = gallery.fetch()

    assert gallery.asked() == [("a.png", 304)]
    assert (counts.fetched, counts.unchanged) == (0, 1)
    assert list(Photo.objects.values()) == before
    assert shown(article) == [RED]
    assert source_of("a.png").state == "fetched"


def test_the_same_bytes_sent_again_leave_the_photo_alone(gallery: Gallery) -> None:
    gallery.pictures = {"a.png": RED}
    gallery.bring("a.png")
    before = list(Photo.objects.values())
    PhotoSource.objects.update(etag="", last_modified="")

    gallery.bring("a.png")

    assert gallery.asked() == [("a.png", 200), ("a.png", 200)]
    assert list(Photo.objects.values()) == before
    assert files("photos") == {before[0]["file"]}


def test_a_changed_picture_takes_the_place_of_the_old_one(gallery: Gallery) -> None:
    gallery.pictures = {"a.png": RED, "b.png": GREEN}
    article = gallery.bring("a.png", "b.png")
    before = ids(article)
    gallery.pictures["a.png"] = BLUE

    gallery.bring("a.png", "b.png")

    assert ids(article) == before
    assert shown(article) == [BLUE, GREEN]
    assert len(live_files()) == 2


def test_a_picture_that_becomes_another_of_the_article_leaves_one_photo(gallery: Gallery) -> None:
    gallery.pictures = {"a.png": RED, "b.png": GREEN}
    article = gallery.bring("a.png", "b.png")
    kept = ids(article)[1]
    gallery.pictures["a.png"] = GREEN

    gallery.bring("a.png", "b.png")

    assert (ids(article), shown(article)) == ([kept], [GREEN])
    assert article.photos.get().position == 0
    assert len(live_files()) == 1


def test_a_photo_that_staff_replaced_becomes_the_feeds_again(gallery: Gallery) -> None:
    gallery.pictures = {"a.png": RED}
    article = gallery.bring("a.png")
    photo = article.photos.get()
    photo.file = ContentFile(BLUE, "b.png")
    photo.save()

    gallery.bring("a.png")

    assert ids(article) == [photo.pk]
    assert shown(article) == [RED]


def test_one_picture_at_two_addresses_is_one_photo(gallery: Gallery) -> None:
    gallery.pictures = {"a.png": RED, "b.png": GREEN, "a.png?size=1": RED}
    article = gallery.bring("a.png", "b.png", "a.png?size=1")

    assert shown(article) == [RED, GREEN]
    assert source_of("a.png").photo == source_of("a.png?size=1").photo

    # One of its addresses goes, and the photo stays; the other goes, and it goes too.
    gallery.bring("b.png", "a.png?size=1")
    assert shown(article) == [GREEN, RED]
    gallery.bring("b.png")
    assert shown(article) == [GREEN]
    assert len(live_files()) == 1


def test_a_picture_that_left_the_feed_takes_its_photo_along(gallery: Gallery) -> None:
    gallery.pictures = {"a.png": RED, "b.png": GREEN}
    article = gallery.bring("a.png", "b.png")
    kept = ids(article)[1]

    gallery.import_article("b.png")

    assert ids(article) == [kept]
    assert list(PhotoSource.objects.values_list("position", flat=True)) == [0]
    assert article.photos.get().position == 0
    assert len(live_files()) == 1


def test_a_picture_at_a_new_address_keeps_its_photo_and_so_its_vector(gallery: Gallery) -> None:
    gallery.pictures = {"a.png": RED, "b.png": GREEN, "b.png?v=2": GREEN, "a.png?v=2": RED}
    article = gallery.bring("a.png", "b.png")
    before = list(Photo.objects.order_by("pk").values())

    # The photos show in place of the new addresses, here in the other order, until these are fetched.
    gallery.import_article("b.png?v=2", "a.png?v=2")
    assert sorted(shown(article)) == sorted([RED, GREEN])
    gallery.fetch()

    assert shown(article) == [GREEN, RED]
    after = list(Photo.objects.order_by("pk").values())
    assert [{**photo, "position": 0} for photo in after] == [{**photo, "position": 0} for photo in before]


def test_an_article_keeps_its_photo_while_the_server_of_the_new_one_is_down(gallery: Gallery) -> None:
    gallery.pictures = {"a.png": RED}
    article = gallery.bring("a.png")
    gallery.refusals = {"new.png": (500, {})}

    gallery.bring("new.png")

    assert shown(article) == [RED]
    source = source_of("new.png")
    assert (source.state, source.attempts) == ("waiting", 1)
    assert source.error == {"code": "fetch.status", "params": {"status": 500}}
    assert source.due and source.due > timezone.now() + timedelta(seconds=30)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "The server responded with status 404."),
        (b"<html>", "This file type isn’t supported."),
        (RED[:-40], "This image is incomplete"),
        (drawn_picture(size=(200, 200)), "(0.04 megapixels); the limit is 0.01 megapixels."),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 6_000, "The file is larger than 0.005 MB."),
    ],
)
def test_what_cannot_be_used_has_failed_with_its_reason_and_the_others_are_there(
    gallery: Gallery, settings: LazySettings, content: bytes, reason: str
) -> None:
    settings.PHOTO_MAX_BYTES, settings.PHOTO_MAX_PIXELS = 5_000, 10_000
    gallery.pictures = {"bad.png": content, "good.png": GREEN}

    article = gallery.import_article("bad.png", "good.png")
    counts = gallery.fetch()

    assert (counts.fetched, counts.failed) == (1, 1)
    assert reason in render_stored(source_of("bad.png").error)
    assert [source.url for source in PhotoSource.objects.failed()] == [gallery.url("bad.png")]
    assert shown(article) == [GREEN]
    assert len(live_files()) == 1


def test_a_failed_picture_is_tried_again_on_request_only(gallery: Gallery) -> None:
    article = gallery.bring("a.png")
    gallery.pictures = {"a.png": RED}
    gallery.asked()

    assert gallery.fetch().asked == 0
    assert try_again(PhotoSource.objects.all()) == 1
    gallery.fetch()

    assert shown(article) == [RED]
    assert source_of("a.png").error is None
    assert try_again(PhotoSource.objects.all()) == 0


def test_a_picture_asked_for_anew_while_it_is_fetched_still_waits(gallery: Gallery) -> None:
    gallery.pictures = {"a.png": RED}
    article = gallery.import_article("a.png")
    source = source_of("a.png")
    fetched = fetch_picture(source.url, policy=gallery.server.reach(resolve=lambda host, port: ["127.0.0.1"]))
    gallery.import_article("a.png")

    settle_fetched(source, fetched)

    assert (source_of("a.png").state, shown(article), files("photos")) == ("waiting", [], set())


def test_a_picture_of_an_article_that_went_meanwhile_leaves_nothing(gallery: Gallery) -> None:
    gallery.pictures = {"a.png": RED}
    gallery.import_article("a.png")
    source = source_of("a.png")
    fetched = fetch_picture(source.url, policy=gallery.server.reach(resolve=lambda host, port: ["127.0.0.1"]))
    Article.objects.all().delete()

    settle_fetched(source, fetched)

    assert (Photo.objects.count(), files("photos")) == (0, set())


def test_a_picture_whose_transaction_fails_leaves_no_file(gallery: Gallery, monkeypatch: pytest.MonkeyPatch) -> None:
    gallery.pictures = {"a.png": RED}
    gallery.import_article("a.png")
    source = source_of("a.png")
    fetched = fetch_picture(source.url, policy=gallery.server.reach(resolve=lambda host, port: ["127.0.0.1"]))

    def fail(photo: Photo) -> None:
        raise OperationalError("the database is locked")

    monkeypatch.setattr(apply_fetch, "_place", fail)
    with pytest.raises(OperationalError):
        settle_fetched(source, fetched)

    assert (Photo.objects.count(), files("photos")) == (0, set())


def test_a_photo_that_staff_deleted_is_wanted_no_more_until_the_next_import(gallery: Gallery) -> None:
    gallery.pictures = {"a.png": RED}
    article = gallery.bring("a.png")

    article.photos.get().delete()
    assert gallery.fetch().asked == 0
    gallery.bring("a.png")

    assert shown(article) == [RED]


def test_the_task_fetches_what_waits(gallery: Gallery) -> None:
    gallery.import_article("a.png", host="127.0.0.1")

    tasks.fetch_photos()

    # To the task, the tests' own server is a forbidden port of an inner host.
    assert source_of("a.png").error == {"code": "fetch.port", "params": {}}
