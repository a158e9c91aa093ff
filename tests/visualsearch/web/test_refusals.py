"""A search that cannot be answered says why, and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from catalogue.models import Article
from tests.factories import ArticleFactory, CategoryFactory
from tests.visualsearch.web.shopping import PAGE, RED_DRESS, upload
from visualsearch.models import ModelVersion

pytestmark = pytest.mark.django_db


def test_a_photo_that_is_too_large_is_refused_before_the_form_is_checked(settings: Settings, dress: Article) -> None:
    """The check of the CSRF token is the first to read the form."""
    client = Client(enforce_csrf_checks=True)
    token = client.get(PAGE).context["csrf_token"]
    form = {"csrfmiddlewaretoken": str(token), "image": upload()}
    assert client.post(PAGE, form).status_code == 303
    settings.PHOTO_MAX_BYTES = 100

    page = client.post(PAGE, {**form, "image": upload()})

    assert page.status_code == 413
    assert "This image is too large." in page.content.decode()


@pytest.mark.parametrize("fragment", ["", "&fragment=1"])
@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("emphasis=9", "less than or equal to 1"),
        ("offset=-1", "greater than or equal to 0"),
    ],
)
def test_an_option_that_makes_no_sense_is_named(
    client: Client, results: str, option: str, said: str, fragment: str
) -> None:
    page = client.get(f"{results}&{option}{fragment}")

    assert page.status_code == 400
    assert said in page.content.decode()


@pytest.mark.parametrize("fragment", ["", "&fragment=1"])
@pytest.mark.parametrize(("filter_", "name"), [("category=no-such", "Category"), ("price_min=cheap", "Price from")])
def test_a_filter_that_is_not_known_is_ignored_as_in_a_list(
    client: Client, results: str, filter_: str, name: str, fragment: str
) -> None:
    page = client.get(f"{results}&{filter_}{fragment}")

    assert page.status_code == 200
    assert f"Unknown value ignored: {name}" in page.text
    assert "Red dress" in page.text
    assert f"Unknown value ignored: {name}" in client.get(f"/articles/?{filter_}").text


@pytest.mark.parametrize(
    ("data", "status", "said"),
    [
        pytest.param(b"no picture", 400, "We couldn’t open this image.", id="text"),
        pytest.param(RED_DRESS[:200], 400, "We couldn’t open this image.", id="cut off"),
        pytest.param(b"", 400, "We couldn’t open this image.", id="empty"),
        pytest.param(bytes(3_000), 413, "This image is too large.", id="too many bytes"),
    ],
)
def test_a_photo_that_cannot_be_used_is_refused_with_the_reason(
    client: Client, settings: Settings, data: bytes, status: int, said: str
) -> None:
    settings.PHOTO_MAX_BYTES = 2_500

    page = client.post(PAGE, {"image": upload(data)})

    assert page.status_code == status
    assert said in page.content.decode()
    assert 'id="ask"' in page.content.decode()


def test_a_form_sent_without_a_photo_asks_for_one(client: Client) -> None:
    page = client.post(PAGE, {})

    assert page.status_code == 400
    assert "Please choose a photo first." in page.content.decode()


@pytest.mark.usefixtures("valkey", "dress")
def test_too_many_photos_are_refused_with_a_time_to_wait(client: Client, settings: Settings) -> None:
    settings.RATE_LIMITS = {"predict": "1/min"}
    assert client.post(PAGE, {"image": upload()}).status_code == 303

    page = client.post(PAGE, {"image": upload()})

    assert page.status_code == 429
    assert 1 <= int(page["Retry-After"]) <= 60
    assert "Too many requests." in page.content.decode()


@pytest.mark.parametrize("token", ["nonsense", "a" * 10_000, "%00"])
def test_a_token_that_is_not_from_here_is_refused(client: Client, token: str) -> None:
    page = client.get(PAGE, {"token": token})

    assert page.status_code == 400
    assert "This link isn’t valid." in page.content.decode()


def test_a_link_to_a_retired_model_asks_for_the_photo_again(client: Client, results: str) -> None:
    ModelVersion.objects.update(state=ModelVersion.State.RETIRED)

    page = client.get(results)

    assert page.status_code == 410
    assert "This link has expired. Please search again with the photo." in page.content.decode()


def test_without_a_model_shoppers_are_led_to_text_search(client: Client, settings: Settings, tmp_path: Path) -> None:
    ArticleFactory.create(category=CategoryFactory.create(slug="hats"))
    settings.ARTEFACTS_DIR = tmp_path

    page = client.post(PAGE, {"image": upload()})

    assert page.status_code == 503
    assert int(page["Retry-After"]) > 0
    problem = page.content.decode().split('id="results"')[1]
    assert "Search by photo isn’t available right now." in problem
    assert f'href="{reverse("catalogue:articles")}"' in problem
    assert f'href="{reverse("catalogue:category", args=["hats"])}"' in problem
