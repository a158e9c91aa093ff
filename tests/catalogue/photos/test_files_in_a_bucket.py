"""A shop whose files are in an object store: what is kept where, and what is shown while the store is away."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from catalogue import imports, tasks
from catalogue.models import ImportRun, Photo
from catalogue.photos import drafts, services
from tests.catalogue.stores import files
from tests.factories import ArticleFactory, PhotoFactory, drawn_picture
from tests.object_store import Bucket, client_of, keys_of, put_files_into

pytestmark = pytest.mark.django_db

NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def unreachable(bucket: Bucket, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    put_files_into({**bucket, "endpoint": NOWHERE, "timeout_s": 0.2}, settings, monkeypatch)


def test_a_photo_and_its_renditions_are_objects_that_nobody_else_may_read(files_in_bucket: Bucket) -> None:
    photo = PhotoFactory.create()
    services.make_renditions(photo)

    assert keys_of(files_in_bucket, "photos") == {photo.file.name}
    assert keys_of(files_in_bucket, "renditions") == set(services.rendition_paths(photo.sha256))
    assert files("photos") == set()
    grants = client_of(files_in_bucket).get_object_acl(
        Bucket=files_in_bucket["name"], Key=f"a shop/photos/{photo.file.name}"
    )["Grants"]
    assert [grant["Grantee"]["Type"] for grant in grants] == ["CanonicalUser"]


def test_a_rendition_is_served_by_the_shop(files_in_bucket: Bucket, client: Client) -> None:
    photo = PhotoFactory.create()

    drawn = client.get(photo.image_url(320))
    kept = client.get(photo.image_url(320))

    assert drawn.status_code == 200
    assert kept.content == drawn.content
    assert services.sizes_of_renditions(photo, (320,)) == [(48, 64)]


def test_photos_of_the_bin_and_lost_ones_are_removed_from_the_bucket(
    files_in_bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = PhotoFactory.create()
    lost = storages["photos"].save(f"ab/{'0' * 32}.png", SimpleUploadedFile("x.png", b"x"))
    monkeypatch.setattr("catalogue.photos.services.is_old", lambda store, name: True)

    tasks.remove_lost_files()
    services.remove_photo_files(str(photo.file.name), "")

    assert lost not in keys_of(files_in_bucket, "photos")
    assert keys_of(files_in_bucket, "photos") == set()


def test_drafts_are_kept_in_the_bucket_and_removed_in_time(
    files_in_bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = User.objects.create_user("staff")
    draft = drafts.keep(SimpleUploadedFile("a.png", drawn_picture()), user=user, form="0" * 32)

    assert keys_of(files_in_bucket, "drafts") == {draft.file.name}
    assert drafts.preview(draft)

    draft.delete()
    monkeypatch.setattr("catalogue.photos.drafts.is_old", lambda store, name: True)
    drafts.remove_old()

    assert keys_of(files_in_bucket, "drafts") == set()


def test_an_import_is_read_from_the_bucket(files_in_bucket: Bucket) -> None:
    run = imports.receive(SimpleUploadedFile("articles.csv", b"sku,name,category,price\nA-1,Coat,Coats,10\n"))

    assert keys_of(files_in_bucket, "files") == {run.file.name}
    while imports.run_slice(run.pk, for_s=5):
        pass

    assert ImportRun.objects.get(pk=run.pk).state == ImportRun.State.CHECKED


def test_pages_show_what_they_can_while_the_store_is_away(unreachable: None, client: Client) -> None:
    article = ArticleFactory.create()
    photo = Photo(article=article, file="ab/photo.png", sha256="1" * 64)
    Photo.objects.bulk_create([photo])

    page = client.get(article.get_absolute_url())
    picture = client.get(Photo.objects.get().image_url(320))
    answer = client.get(f"/api/articles/{article.pk}")

    assert page.status_code == 200
    assert (picture.status_code, picture.headers["Retry-After"]) == (503, "5")
    assert picture.json()["code"] == "unavailable"
    assert answer.status_code == 200
    assert answer.json()["photos"][0]["pictures"]["small"]["width"] is None


def test_a_photo_is_refused_while_the_store_is_away(unreachable: None, client: Client) -> None:
    client.raise_request_exception = False
    client.force_login(User.objects.create_superuser("staff"))

    response = client.post(
        "/admin/catalogue/importrun/add/", {"file": SimpleUploadedFile("articles.csv", b"sku,name\nA-1,Coat\n")}
    )

    assert response.status_code == 200
    assert not ImportRun.objects.exists()


def test_published_photos_have_addresses_on_the_cdn(settings: Settings, client: Client) -> None:
    settings.CDN_URL = "https://cdn.example"
    shown = PhotoFactory.create()
    hidden = PhotoFactory.create(article=ArticleFactory.create(published=False))

    assert shown.image_url(320, site="https://shop.example").startswith("https://cdn.example/media/")
    assert hidden.image_url(320, site="https://shop.example").startswith("https://shop.example/media/")
    assert hidden.image_url(320).startswith("/media/")
    assert "https://cdn.example/media/" in client.get(shown.article.get_absolute_url()).content.decode()
