"""The page of search by photo, over HTTP and without JavaScript."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings as shop_settings
from django.core.files.base import ContentFile
from django.test import Client
from pytest_django import Settings

from catalogue.models import Article
from lab.drawings.examples import examples
from tests.catalogue.imaging.pictures import HEIC_TURNED, heic_upright
from tests.factories import ArticleFactory, PhotoFactory
from tests.visualsearch.catalogue import encoded
from tests.visualsearch.web.shopping import PAGE, upload
from visualsearch.services.examples import EXAMPLES, EXAMPLES_FOLDER
from visualsearch.services.indexing import embedding

pytestmark = pytest.mark.django_db


def test_the_page_asks_for_a_photo_and_needs_no_model(client: Client, settings: Settings, tmp_path: Path) -> None:
    settings.ARTEFACTS_DIR = tmp_path

    page = client.get(PAGE)

    assert page.status_code == 200
    form = re.search(r'<form class="ask".*?</form>', page.content.decode(), re.DOTALL)
    assert form
    for needed in ('enctype="multipart/form-data"', "csrfmiddlewaretoken", 'type="file"', 'capture="environment"'):
        assert needed in form[0]


def test_a_photo_leads_to_its_own_article_first(client: Client, dress: Article) -> None:
    sent = client.post(PAGE, {"image": upload()})

    assert sent.status_code == 303
    page = client.get(sent["Location"])
    first = page.context["page"].matches[0]
    assert first.article == dress
    assert first.similarity == pytest.approx(1, abs=0.01)
    assert page.context["page"].match == "close"
    assert dress.get_absolute_url() in page.content.decode()
    assert page.context["guesses"].named


def test_an_iphones_photo_is_searched_without_javascript(client: Client, dress: Article) -> None:
    """HEIC, stored on its side."""
    article = ArticleFactory.create(sku="I-1")
    PhotoFactory.create(article=article, file=ContentFile(encoded(heic_upright(), "PNG"), "upright.png"))
    embedding.embed_photos(embedding.waiting_ids(limit=10))

    sent = client.post(PAGE, {"image": upload(HEIC_TURNED, "IMG_0001.HEIC")})

    assert sent.status_code == 303
    first = client.get(sent["Location"]).context["page"].matches[0]
    assert (first.article, first.similarity) == (article, pytest.approx(1, abs=0.02))
    assert 'accept="image/*,.heic,.heif"' in client.get(PAGE).content.decode()


def test_the_photo_is_kept_nowhere(client: Client, dress: Article) -> None:
    before = {path for path in Path(shop_settings.DATA_DIR).rglob("*") if "index" not in path.parts}

    client.post(PAGE, {"image": upload()})

    assert {path for path in Path(shop_settings.DATA_DIR).rglob("*") if "index" not in path.parts} == before


def test_the_form_is_protected_against_other_sites(dress: Article) -> None:
    assert Client(enforce_csrf_checks=True).post(PAGE, {"image": upload()}).status_code == 403


def test_an_example_is_searched_like_a_photo(client: Client, dress: Article) -> None:
    sent = client.post(PAGE, {"example": "dress"})

    assert sent.status_code == 303
    assert client.get(sent["Location"]).status_code == 200


def test_the_examples_are_those_of_the_demo_and_light() -> None:
    folder = shop_settings.BASE_DIR / "static" / EXAMPLES_FOLDER

    sizes = {path.stem: path.stat().st_size for path in folder.iterdir()}

    assert set(sizes) == set(EXAMPLES) == {example.slug for example in examples()}
    assert max(sizes.values()) <= 40_000


def test_the_page_speaks_french_below_fr(client: Client, dress: Article) -> None:
    sent = client.post("/fr/search/", {"image": upload()})
    page = client.get(sent["Location"]).content.decode()

    assert sent["Location"].startswith("/fr/search/?token=")
    assert '<html lang="fr"' in page
    assert 'href="/fr/articles/' in page


def test_nothing_on_the_page_breaks_the_content_security_policy(client: Client, results: str) -> None:
    page = client.get(results).content.decode()

    assert not re.search(r"<style(?! nonce=)|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", page)


@pytest.mark.parametrize(
    ("path", "title"), [("/search/apps/", "Your first search"), ("/fr/search/apps/", "Votre première")]
)
def test_the_page_for_apps_names_this_shop(client: Client, path: str, title: str) -> None:
    response = client.get(path, headers={"Host": "localhost"})

    assert title in response.text
    assert "curl -F image=@photo.jpg http://localhost/api/predict" in response.text
    assert client.post(path).status_code == 405
