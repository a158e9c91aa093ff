"""An article's photos as staff add, order, replace and delete them."""

from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from pytest_django import DjangoCaptureOnCommitCallbacks

from catalogue.models import Article, Photo, digest_of, photo_storage
from tests.admin_pages import filled_in
from tests.catalogue.admin.addresses import ADD, LIST, change
from tests.catalogue.imaging.pictures import HEIC_TURNED, heic_upright, mean_difference
from tests.factories import ArticleFactory, CategoryFactory, PhotoFactory, drawn_picture

pytestmark = [pytest.mark.switch, pytest.mark.database]

RED, GREEN = drawn_picture("#c0392b"), drawn_picture("#27ae60")


def png(data: bytes, name: str = "front.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, content_type="image/png")


def test_a_new_article_is_saved_with_its_photos_in_the_order_they_were_added(admin_client: Client) -> None:
    category = CategoryFactory.create()
    form = filled_in(admin_client.get(ADD)) | {
        "sku": "D-1", "name": "Linen dress", "category": category.pk, "price": "39.90", "sizes": "S, M , L",
        "photos-TOTAL_FORMS": 2, "photos-0-file": png(RED), "photos-0-alt": "Front", "photos-1-file": png(GREEN),
    }  # fmt: skip

    page = admin_client.post(ADD, form)

    assert page.status_code == 302
    article = Article.objects.get()
    assert (article.sku, article.slug, article.category, article.sizes) == (
        "D-1", "linen-dress", category, ["S", "M", "L"],
    )  # fmt: skip
    photos = article.photos.all()
    assert [photo.sha256 for photo in photos] == [digest_of(png(RED)), digest_of(png(GREEN))]
    assert [photo.alt for photo in photos] == ["Front", ""]
    assert [photo.position for photo in photos] == [1, 2]


def test_an_iphones_photo_is_shown_to_shoppers_as_it_was_held(admin_client: Client, client: Client) -> None:
    """HEIC, stored on its side, which browsers do not show."""
    article = ArticleFactory.create()
    form = filled_in(admin_client.get(change(article))) | {
        "photos-TOTAL_FORMS": 1,
        "photos-0-file": SimpleUploadedFile("IMG_0001.HEIC", HEIC_TURNED, content_type="image/heic"),
    }

    saved = admin_client.post(change(article), form)

    assert saved.status_code == 302
    photo = article.photos.get()
    assert str(photo.file.name).endswith(".heic")
    shown = client.get(photo.image_url(320))
    assert shown["Content-Type"] == "image/webp"
    with Image.open(io.BytesIO(shown.content)) as picture:
        assert mean_difference(picture.convert("RGB"), heic_upright()) < 12
    assert "image/*,.heic,.heif" in admin_client.get(change(article)).content.decode()


def test_dragged_photos_keep_their_new_order(admin_client: Client) -> None:
    article = ArticleFactory.create()
    first, second, third = (PhotoFactory.create(article=article, position=place) for place in (1, 2, 3))
    form = filled_in(admin_client.get(change(article))) | {
        "photos-0-position": 3, "photos-1-position": 1, "photos-2-position": 2,
    }  # fmt: skip

    admin_client.post(change(article), form)

    assert list(article.photos.all()) == [second, third, first]


def test_a_replaced_photo_has_the_new_digest_and_the_old_file_lies_in_the_bin(
    admin_client: Client, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    photo = PhotoFactory.create(data=RED)
    old = photo.file.name
    form = filled_in(admin_client.get(change(photo.article))) | {"photos-0-file": png(GREEN)}

    with django_capture_on_commit_callbacks(execute=True):
        admin_client.post(change(photo.article), form)

    photo.refresh_from_db()
    assert photo.sha256 == digest_of(png(GREEN))
    assert photo.file.name != old
    assert Photo.all_objects.binned().get().file.name == old


def test_a_photo_ticked_for_deletion_goes_into_the_bin(
    admin_client: Client, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    article = ArticleFactory.create()
    gone, kept = PhotoFactory.create(article=article), PhotoFactory.create(article=article)
    form = filled_in(admin_client.get(change(article))) | {"photos-0-DELETE": "on"}

    with django_capture_on_commit_callbacks(execute=True):
        admin_client.post(change(article), form)

    assert list(article.photos.all()) == [kept]
    assert list(Photo.all_objects.binned()) == [gone]
    assert photo_storage().exists(str(gone.file.name))


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"not a picture at all", id="text"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", id="script"),
        pytest.param(RED[: len(RED) // 2], id="half a file"),
    ],
)
def test_a_file_that_is_no_photo_is_refused_and_nothing_typed_is_lost(admin_client: Client, data: bytes) -> None:
    article = ArticleFactory.create(name="Old name")
    form = filled_in(admin_client.get(change(article))) | {
        "name": "New name", "description": "Typed with care.", "photos-TOTAL_FORMS": 1,
        "photos-0-file": png(data), "photos-0-alt": "Front view",
    }  # fmt: skip

    page = admin_client.post(change(article), form)

    assert page.status_code == 200
    photos = next(each.formset for each in page.context["inline_admin_formsets"] if each.formset.prefix == "photos")
    assert list(photos.forms[0].errors) == ["file"]
    for typed in ("New name", "Typed with care.", "Front view"):
        assert typed in page.content.decode()
    article.refresh_from_db()
    assert article.name == "Old name"
    assert not Photo.objects.exists()


def test_an_article_whose_photo_file_is_lost_can_still_be_edited(admin_client: Client) -> None:
    photo = PhotoFactory.create()
    photo_storage().delete(str(photo.file.name))
    form = filled_in(admin_client.get(change(photo.article))) | {"price": "12.00"}

    page = admin_client.post(change(photo.article), form)

    assert page.status_code == 302
    assert Article.objects.get().price == 12


def test_the_list_shows_the_first_photo_of_each_article(admin_client: Client) -> None:
    article = ArticleFactory.create()
    PhotoFactory.create(article=article, position=2)
    first = PhotoFactory.create(article=article, position=1)

    page = admin_client.get(LIST).content.decode()

    assert f'src="{first.image_url(320)}"' in page
    assert page.count('class="thumbnail"') == 1


@pytest.mark.parametrize(
    ("language", "photo", "size"),
    [("en", "Add another photo", "Add another size"), ("fr", "Ajouter une photo", "Ajouter une taille")],
)
def test_buttons_of_a_form_name_what_they_add(admin_client: Client, language: str, photo: str, size: str) -> None:
    page = admin_client.get(ADD, headers={"accept-language": language}).text

    assert f"&quot;addText&quot;: &quot;{photo}&quot;" in page
    assert f"&quot;addText&quot;: &quot;{size}&quot;" in page
