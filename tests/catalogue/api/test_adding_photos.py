"""Staff with a token add photos to articles."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from catalogue.models import Photo
from tests.catalogue.api.conftest import picture, refusal
from tests.catalogue.imaging.pictures import HEIC_TURNED
from tests.factories import ArticleFactory, PhotoFactory, drawn_picture

pytestmark = [pytest.mark.django_db, pytest.mark.switch, pytest.mark.database]


def test_a_photo_is_added_after_the_others(staff: Client) -> None:
    first = PhotoFactory.create(position=4)

    response = staff.post(f"/api/articles/{first.article_id}/photos", {"image": picture(), "alt": "From behind"})

    added = Photo.objects.exclude(pk=first.pk).get()
    assert response.status_code == 201
    body = response.json()
    assert (body["id"], body["alt"]) == (added.pk, "From behind")
    assert body["images"] == {str(width): f"http://testserver{added.image_url(width)}" for width in (320, 640, 1280)}
    assert (added.position, added.article_id) == (5, first.article_id)
    assert Path(added.file.path).read_bytes() == drawn_picture()


def test_an_iphones_photo_is_kept_as_it_was_sent(staff: Client) -> None:
    article = ArticleFactory.create()

    response = staff.post(
        f"/api/articles/{article.pk}/photos", {"image": SimpleUploadedFile("IMG_0001.HEIC", HEIC_TURNED)}
    )

    assert response.status_code == 201
    assert Path(article.photos.get().file.path).read_bytes() == HEIC_TURNED


def test_a_photo_takes_the_place_it_is_given(staff: Client) -> None:
    article = ArticleFactory.create()

    response = staff.post(f"/api/articles/{article.pk}/photos", {"image": picture(), "position": 7})

    assert response.status_code == 201
    assert Photo.objects.get().position == 7


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"no picture", 400, "unreadable_image"),
        (drawn_picture()[:-40], 400, "unreadable_image"),
        (b"", 400, "invalid"),
    ],
)
def test_a_file_that_no_page_could_show_is_refused(staff: Client, data: bytes, status: int, code: str) -> None:
    article = ArticleFactory.create()

    response = staff.post(f"/api/articles/{article.pk}/photos", {"image": picture(data=data)})

    refused, body = refusal(response)
    assert (refused, body["code"]) == (status, code)
    assert not Photo.objects.exists()


def test_a_photo_with_too_many_bytes_or_pixels_is_refused(staff: Client, settings: Any) -> None:
    path = f"/api/articles/{ArticleFactory.create().pk}/photos"

    settings.PHOTO_MAX_PIXELS = 100
    pixels = refusal(staff.post(path, {"image": picture()}))
    settings.PHOTO_MAX_BYTES = 100
    many = refusal(staff.post(path, {"image": picture()}))

    assert [(status, body["code"]) for status, body in (pixels, many)] == [(413, "image_too_large")] * 2
    assert not Photo.objects.exists()
