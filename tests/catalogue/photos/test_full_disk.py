"""A disk that is full: what is sent is refused with the reason, and what can be shown is."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, OperationalError
from django.test import Client
from rest_framework.authtoken.models import Token

from catalogue.imaging import is_whole
from catalogue.models import Article, Photo
from catalogue.problems import is_disk_full
from tests.admin_pages import filled_in
from tests.catalogue.api.conftest import refusal
from tests.factories import ArticleFactory, PhotoFactory, drawn_picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files can be made, and nothing be written to them."""

    def fail(*arguments: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("django.core.files.storage.filesystem.locks.lock", fail)


def files(store: str) -> list[Path]:
    return [path for path in Path(storages[store].path("")).rglob("*") if path.is_file()]


@pytest.fixture
def client() -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.create_superuser("staff"))
    return client


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("full_disk")
def test_a_photo_sent_to_the_api_is_refused_and_leaves_nothing(client: Client) -> None:
    article = ArticleFactory.create()
    token = Token.objects.create(user=User.objects.get())

    response = client.post(
        f"/api/articles/{article.pk}/photos",
        {"image": SimpleUploadedFile("dress.png", drawn_picture())},
        headers={"Authorization": f"Token {token.key}"},
    )

    status, body = refusal(response)
    assert (status, body["code"]) == (507, "storage_full")
    assert not Photo.objects.exists()
    assert files("photos") == []


@pytest.mark.usefixtures("full_disk")
def test_an_article_saved_in_the_admin_is_refused_with_the_reason_and_leaves_nothing(client: Client) -> None:
    sent = filled_in(client.get("/admin/catalogue/article/add/"))

    response = client.post(
        "/admin/catalogue/article/add/",
        {**sent, "sku": "1", "name": "Dress", "photos-0-file": SimpleUploadedFile("dress.png", drawn_picture())},
    )

    assert response.status_code == 507
    assert "The shop&#x27;s disk is full." in response.text
    assert "Nothing was saved." in response.text
    assert not Article.objects.exists()
    assert files("photos") == []


def test_a_rendition_that_cannot_be_kept_is_shown(client: Client, request: pytest.FixtureRequest) -> None:
    photo = PhotoFactory.create()
    request.getfixturevalue("full_disk")

    response = client.get(photo.image_url(320))

    assert response.status_code == 200
    assert is_whole(response.content, "webp")
    assert files("renditions") == []


@pytest.mark.parametrize(
    ("error", "full"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), True),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), True),
        (OperationalError("database or disk is full"), True),
        (OperationalError('could not extend file "base/1/2": No space left on device'), True),
        (OSError(errno.EACCES, "Permission denied"), False),
        (DatabaseError("database is locked"), False),
        (ZeroDivisionError(), False),
        (None, False),
    ],
)
def test_a_full_disk_is_told_from_what_is_a_bug(error: Exception | None, full: bool) -> None:
    assert is_disk_full(error) is full
