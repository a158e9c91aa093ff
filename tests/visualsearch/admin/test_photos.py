"""Staff's own photos: looked at while they are added, and searched with."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from catalogue.models import Article, Category, Photo
from tests.factories import ArticleFactory, CategoryFactory, PhotoFactory
from tests.visualsearch.catalogue import encoded
from tests.visualsearch.garments import draw_lifelike
from visualsearch.services.examples import EXAMPLES_FOLDER
from visualsearch.services.indexing import embedding

pytestmark = pytest.mark.django_db

LOOK = reverse("admin:catalogue_article_look")
BY_PHOTO = reverse("admin:catalogue_article_by_photo")


def file_of(sku: str = "DR01-03", colour: str = "#2244aa", quality: int = 90) -> bytes:
    return encoded(draw_lifelike(sku, colour), "JPEG", quality=quality)


def upload(data: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("p.jpg", data, content_type="image/jpeg")


@pytest.fixture
def dresses() -> Category:
    return CategoryFactory.create(slug="dress", name="Dresses")


@pytest.fixture
def dress() -> Article:
    article = ArticleFactory.create(sku="D-0017", name="Blue dress", published=False)
    photo = PhotoFactory.create(article=article, file=ContentFile(file_of(), name="p.jpg"))
    embedding.embed_photos([photo.pk])
    return article


def test_a_photo_being_added_says_its_category_and_whom_it_looks_like(
    admin_client: Client, dress: Article, dresses: Category
) -> None:
    said = admin_client.post(LOOK, {"image": upload(file_of(quality=60))}).json()

    assert (said["category"]["value"], said["category"]["text"]) == (dresses.pk, "Dresses")
    assert said["category"]["said"].startswith("Suggested by the photo: Dresses (")
    (alike,) = said["alike"]
    assert alike["said"].startswith("Looks like D-0017 (")
    assert alike["address"] == reverse("admin:catalogue_article_change", args=[dress.pk])


def test_an_article_is_not_warned_of_itself(admin_client: Client, dress: Article) -> None:
    said = admin_client.post(LOOK, {"image": upload(file_of(quality=60)), "article": dress.pk}).json()
    assert said["alike"] == []


@pytest.mark.usefixtures("dress")
def test_another_garment_is_no_duplicate_and_a_category_the_shop_has_not_is_no_suggestion(admin_client: Client) -> None:
    said = admin_client.post(LOOK, {"image": upload(file_of("HA03-02", "#555555"))}).json()
    assert said == {"category": None, "alike": []}


@pytest.mark.parametrize("data", [b"", b"no picture", b"\xff\xd8\xff\xe0" + bytes(100)])
def test_what_is_no_photo_is_refused(admin_client: Client, data: bytes) -> None:
    assert 400 <= admin_client.post(LOOK, {"image": upload(data)}).status_code < 500
    page = admin_client.post(BY_PHOTO, {"image": upload(data)})
    assert page.status_code == 400
    assert 'role="alert"' in page.text


def test_without_a_photo_the_form_asks_for_one(admin_client: Client) -> None:
    assert admin_client.post(LOOK).status_code == 400
    assert "Please choose a photo first." in admin_client.post(BY_PHOTO).text


def test_articles_are_found_by_photo_also_hidden_ones(admin_client: Client, dress: Article) -> None:
    page = admin_client.post(BY_PHOTO, {"image": upload(file_of(quality=60))})

    (result,) = page.context["results"]
    assert [match.article for match in result.matches] == [dress]
    assert "hidden" in page.text
    listed = admin_client.get(f"{reverse('admin:catalogue_article_changelist')}?id__in={result.keys}")
    assert list(listed.context["cl"].result_list) == [dress]


def test_the_photo_is_shown_beside_what_was_found_and_kept_nowhere(admin_client: Client, dress: Article) -> None:
    page = admin_client.post(BY_PHOTO, {"image": upload(file_of(quality=60))})

    (encoded_photo,) = re.findall(r'src="data:image/webp;base64,([^"]+)"', page.text)
    shown = Image.open(io.BytesIO(base64.b64decode(encoded_photo)))
    assert (shown.format, shown.width <= 360) == ("WEBP", True)
    assert not shown.getexif()
    assert "no-store" in page["Cache-Control"]
    assert Photo.objects.count() == 1


def test_the_switch_of_language_leads_to_the_same_results(admin_client: Client, dress: Article) -> None:
    page = admin_client.post(BY_PHOTO, {"image": upload(file_of(quality=60))})
    (there,) = re.findall(r'name="next" value="([^"]+)"', page.text)

    again = admin_client.get(there)

    assert [match.article for match in again.context["results"][0].matches] == [dress]
    assert "data:image" not in again.text


def test_each_garment_of_a_photo_has_results_of_its_own(admin_client: Client) -> None:
    examples = Path(settings.BASE_DIR) / "static" / EXAMPLES_FOLDER
    parts = [Image.open(examples / f"{name}.webp").convert("RGB") for name in ("dress", "shoes")]
    outfit = Image.new("RGB", (sum(part.width for part in parts), parts[0].height))
    for place, part in enumerate(parts):
        outfit.paste(part, (place * parts[0].width, 0))
        photo = PhotoFactory.create(file=ContentFile(encoded(part, "JPEG"), name="p.jpg"))
        embedding.embed_photos([photo.pk])

    page = admin_client.post(BY_PHOTO, {"image": upload(encoded(outfit, "JPEG", quality=90))})

    assert len(page.context["results"]) == 2
    assert page.text.count("<rect") == 2


def test_the_list_of_articles_leads_there(admin_client: Client) -> None:
    assert f'href="{BY_PHOTO}"' in admin_client.get(reverse("admin:catalogue_article_changelist")).text


@pytest.mark.parametrize("token", ["x", "x" * 9_000, ""])
def test_a_token_of_another_shop_is_refused_in_words(admin_client: Client, token: str) -> None:
    page = admin_client.get(BY_PHOTO, {"token": token})
    assert page.status_code == (400 if token else 200)


def test_strangers_see_nothing(client: Client, dress: Article) -> None:
    client.force_login(User.objects.create_user("clerk", is_staff=True))
    assert client.post(LOOK, {"image": upload(file_of())}).status_code == 403
    assert client.get(BY_PHOTO).status_code == 403
    client.logout()
    assert client.post(LOOK, {"image": upload(file_of())}).status_code == 302


def test_a_form_from_elsewhere_is_refused() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.create_superuser("staff"))
    assert client.post(LOOK, {"image": upload(file_of())}).status_code == 403
    assert client.post(BY_PHOTO, {"image": upload(file_of())}).status_code == 403


def test_the_page_speaks_french(admin_client: Client, dress: Article) -> None:
    page = admin_client.get(BY_PHOTO, headers={"Accept-Language": "fr"}).text
    assert "Trouver des articles par photo" in page
