"""A disk that is full: what is sent is refused with the reason, and what can be shown is."""

from __future__ import annotations

import errno
import os
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, OperationalError
from django.test import Client

from catalogue.imaging import is_whole
from catalogue.models import ApiToken, Article, Photo
from catalogue.problems import storage_problem
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
    _, key = ApiToken.issue(User.objects.get(), "stock")

    response = client.post(
        f"/api/articles/{article.pk}/photos",
        {"image": SimpleUploadedFile("dress.png", drawn_picture())},
        headers={"Authorization": f"Token {key}"},
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
    assert "The shop’s disk is full." in response.text
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


NAMES = {errno.ENOSPC: "full", errno.EROFS: "read-only", errno.EMFILE: "no file descriptors", errno.EFBIG: "limit"}


@pytest.fixture(params=NAMES, ids=NAMES.get)
def refused_by(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """A disk that takes no file, and why."""
    number = int(request.param)

    def fail(*arguments: Any, **options: Any) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("django.core.files.storage.filesystem.FileSystemStorage._save", fail)
    return number


def test_whatever_the_disk_lacks_a_save_is_refused_in_the_readers_language(client: Client, refused_by: int) -> None:
    sent = filled_in(client.get("/admin/catalogue/article/add/"))
    photo = SimpleUploadedFile("dress.png", drawn_picture())

    response = client.post(
        "/admin/catalogue/article/add/",
        {**sent, "sku": "1", "name": "Robe <d’été>", "photos-0-file": photo},
        headers={"Accept-Language": "fr"},
    )

    assert response.status_code == 507
    full = refused_by in {errno.ENOSPC, errno.EFBIG}
    assert ("Le disque de la boutique est plein." in response.text) is full
    assert ("La boutique ne peut pas écrire sur son disque." in response.text) is not full


@pytest.mark.usefixtures("full_disk")
def test_what_staff_typed_is_on_the_page_to_be_sent_again(
    client: Client, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = filled_in(client.get("/admin/catalogue/article/add/"))
    photo = SimpleUploadedFile("dress.png", drawn_picture())
    address = "/admin/catalogue/article/add/?_popup=0"
    refused = client.post(address, {**sent, "sku": "1", "name": "Dress <in red>", "photos-0-file": photo})
    monkeypatch.undo()

    again = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', refused.text))
    saved = client.post(
        address, {name: unescape(value) for name, value in again.items()} | {"_without_photo": "publish"}
    )

    assert "These files must be chosen again: dress.png" in unescape(refused.text)
    assert saved.status_code == 302
    assert Article.objects.get().name == "Dress <in red>"


def test_a_password_is_not_put_on_the_page(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: Any, **options: Any) -> None:
        raise OperationalError("database or disk is full")

    monkeypatch.setattr("django.contrib.auth.models.update_last_login", fail)
    monkeypatch.setattr("django.contrib.sessions.backends.db.SessionStore.save", fail)
    User.objects.create_superuser("other", password="a secret")

    response = client.post("/admin/login/", {"username": "other", "password": "a secret"})

    assert response.status_code == 507
    assert "a secret" not in response.text


@pytest.mark.parametrize("address", ["/", "/api/articles"])
def test_what_cannot_be_read_is_told_to_be_for_a_moment(
    client: Client, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    def fail(*arguments: Any, **options: Any) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    client.logout()
    monkeypatch.setattr("django.db.models.query.QuerySet._fetch_all", fail)

    response = client.get(address)

    assert (response.status_code, response["Retry-After"]) == (503, "5")


def test_where_no_template_can_be_read_the_cause_is_told_in_plain_text(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: Any, **options: Any) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    client.logout()
    monkeypatch.setattr("django.template.loader.get_template", fail)
    monkeypatch.setattr("django.db.models.query.QuerySet._fetch_all", fail)

    response = client.get("/")

    assert (response.status_code, response["Content-Type"]) == (503, "text/plain; charset=utf-8")
    assert response.text.startswith("The shop isn’t available right now.")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "storage_full"),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), "storage_full"),
        (OSError(errno.EFBIG, "File too large"), "storage_full"),
        (OperationalError("database or disk is full"), "storage_full"),
        (OperationalError('could not extend file "base/1/2": No space left on device'), "storage_full"),
        (OSError(errno.EROFS, "Read-only file system"), "storage_unavailable"),
        (OSError(errno.EMFILE, "Too many open files"), "storage_unavailable"),
        (OSError(errno.EIO, "Input/output error"), "storage_unavailable"),
        (OperationalError("attempt to write a readonly database"), "storage_unavailable"),
        (OperationalError("disk I/O error"), "storage_unavailable"),
        (OperationalError("unable to open database file"), "storage_unavailable"),
        (OSError(errno.EACCES, "Permission denied"), None),
        (DatabaseError("database is locked"), None),
        (ZeroDivisionError(), None),
        (None, None),
    ],
)
def test_a_disk_that_takes_nothing_is_told_from_what_is_a_bug(error: Exception | None, code: str | None) -> None:
    assert storage_problem(error) == code
