"""Staff with a token change, reorder and delete the photos of articles."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from catalogue.models import Article, Photo
from tests.catalogue.api.conftest import picture, refusal, send
from tests.factories import ArticleFactory, PhotoFactory, drawn_picture

pytestmark = [pytest.mark.django_db, pytest.mark.switch, pytest.mark.database]


@pytest.fixture
def article() -> Article:
    """An article with three photos."""
    article = ArticleFactory.create()
    for position in range(3):
        PhotoFactory.create(article=article, position=position, alt=f"view {position}")
    return article


def path_of(photo: Photo) -> str:
    return f"/api/articles/{photo.article_id}/photos/{photo.pk}"


def shown(article: Article) -> list[str]:
    return [photo.alt for photo in article.photos.all()]


def test_what_is_sent_of_a_photo_changes_and_the_rest_stays(staff: Client, article: Article) -> None:
    photo = article.photos.first()
    assert photo is not None
    before = photo.sha256

    response = send(staff, "patch", path_of(photo), {"alt": "From behind"})

    photo.refresh_from_db()
    assert (response.status_code, response.json()["alt"]) == (200, "From behind")
    assert (photo.alt, photo.position, photo.sha256) == ("From behind", 0, before)


def test_a_picture_takes_the_place_of_another(
    staff: Client, article: Article, django_capture_on_commit_callbacks: Any
) -> None:
    photo = article.photos.first()
    assert photo is not None
    old, new = Path(photo.file.path), drawn_picture("#b00020")

    with django_capture_on_commit_callbacks(execute=True):
        response = staff.generic(
            "PATCH", path_of(photo), encode_multipart(BOUNDARY, {"image": picture(data=new)}), MULTIPART_CONTENT
        )

    photo.refresh_from_db()
    assert response.status_code == 200
    assert Path(photo.file.path).read_bytes() == new
    assert Photo.all_objects.binned().get().file.path == str(old)
    assert f"http://testserver{photo.image_url(320)}" in response.json()["images"].values()


def test_a_file_that_is_no_picture_changes_nothing(staff: Client, article: Article) -> None:
    photo = article.photos.first()
    assert photo is not None

    response = staff.generic(
        "PATCH", path_of(photo), encode_multipart(BOUNDARY, {"image": picture(data=b"none")}), MULTIPART_CONTENT
    )

    assert refusal(response)[1]["code"] == "unreadable_image"
    assert Photo.objects.get(pk=photo.pk).sha256 == photo.sha256


def test_photos_are_put_in_order(staff: Client, article: Article) -> None:
    first, second, third = [photo.pk for photo in article.photos.all()]

    response = send(staff, "put", f"/api/articles/{article.pk}/photos/order", {"photos": [third, first, second]})

    assert [photo["id"] for photo in response.json()] == [third, first, second]
    assert shown(article) == ["view 2", "view 0", "view 1"]


@pytest.mark.parametrize("wrong", ["one is missing", "one is twice", "one is another article's", "no list"])
def test_an_order_that_does_not_name_each_photo_once_is_refused(staff: Client, article: Article, wrong: str) -> None:
    first, second, third = [photo.pk for photo in article.photos.all()]
    orders: dict[str, Any] = {
        "one is missing": [third, first],
        "one is twice": [first, second, third, third],
        "one is another article's": [first, second, PhotoFactory.create().pk],
        "no list": first,
    }

    status, body = refusal(send(staff, "put", f"/api/articles/{article.pk}/photos/order", {"photos": orders[wrong]}))

    assert (status, list(body["errors"])) == (400, ["photos"])
    assert shown(article) == ["view 0", "view 1", "view 2"]


def test_a_deleted_photo_goes_into_the_bin(
    staff: Client, article: Article, django_capture_on_commit_callbacks: Any
) -> None:
    photo = article.photos.first()
    assert photo is not None

    with django_capture_on_commit_callbacks(execute=True):
        response = staff.delete(path_of(photo))

    assert response.status_code == 204
    assert shown(article) == ["view 1", "view 2"]
    assert Path(Photo.all_objects.binned().get().file.path).exists()


@pytest.mark.parametrize("method", ["patch", "delete"])
def test_a_photo_is_found_only_at_its_own_article(staff: Client, article: Article, method: str) -> None:
    photo = PhotoFactory.create()

    status, _ = refusal(send(staff, method, f"/api/articles/{article.pk}/photos/{photo.pk}", {"alt": "x"}))

    assert status == 404
    assert Photo.objects.get(pk=photo.pk).alt == ""


@pytest.mark.parametrize("method", ["patch", "delete"])
def test_others_than_staff_change_no_photo(client: Client, shopper: Client, article: Article, method: str) -> None:
    photo = article.photos.first()
    assert photo is not None

    statuses = [refusal(send(who, method, path_of(photo), {"alt": "x"}))[0] for who in (client, shopper)]

    assert statuses == [401, 403]
    assert shown(article) == ["view 0", "view 1", "view 2"]


@pytest.mark.parametrize("method", ["patch", "delete"])
@pytest.mark.parametrize("key", ["9" * 19, "9" * 32, "9" * 5_000])
def test_a_key_that_no_column_holds_is_not_found(staff: Client, article: Article, method: str, key: str) -> None:
    photo = article.photos.first()
    assert photo is not None

    for path in (f"/api/articles/{key}/photos/{photo.pk}", f"/api/articles/{article.pk}/photos/{key}"):
        assert refusal(send(staff, method, path, {"alt": "Other"}))[0] == 404
    assert Photo.objects.filter(pk=photo.pk, alt="view 0").exists()
