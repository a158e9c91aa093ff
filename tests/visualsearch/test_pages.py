"""The page of search by photo, over HTTP and without JavaScript."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from django.conf import settings as shop_settings
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template import Context, Template
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from catalogue.demo.examples import examples
from catalogue.models import Article
from tests.factories import ArticleFactory, CategoryFactory, ColourFactory, PhotoFactory
from tests.visualsearch.garments import BLUE, GREEN, RED, draw_garment
from visualsearch.models import ModelVersion
from visualsearch.services import embedding, versions
from visualsearch.templatetags.visual_search import percent
from visualsearch.views import EXAMPLES, EXAMPLES_FOLDER

pytestmark = pytest.mark.django_db

PAGE = reverse("visualsearch:search")


def photo_of(kind: str, colour: tuple[int, int, int]) -> bytes:
    file = io.BytesIO()
    draw_garment(kind, colour).save(file, "PNG")
    return file.getvalue()


RED_DRESS = photo_of("dress", RED)


def upload(data: bytes = RED_DRESS, name: str = "mine.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, content_type="image/png")


def article_with(kind: str, colour: tuple[int, int, int], **values: object) -> Article:
    article = ArticleFactory.create(**values)
    PhotoFactory.create(article=article, file=ContentFile(photo_of(kind, colour), name="p.png"))
    return article


@pytest.fixture
def dress() -> Article:
    """The article that the query shows, among two others; all can be found."""
    versions.serving_version()
    article_with("pants", BLUE, sku="P-1", category=CategoryFactory.create(slug="pants"), price="80.00", stock=0)
    article_with("t-shirt", GREEN, sku="T-1", colours=[ColourFactory.create(slug="green")])
    article = article_with("dress", RED, sku="D-1", name="Red dress", price="20.00", stock=3)
    embedding.embed_photos(embedding.waiting_ids(limit=10))
    return article


@pytest.fixture
def results(client: Client, dress: Article) -> str:
    """The address of the results of the red dress."""
    return str(client.post(PAGE, {"image": upload()})["Location"])


def skus(client: Client, address: str) -> list[str]:
    return [match.article.sku for match in client.get(address).context["found"].matches]


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
    first = page.context["found"].matches[0]
    assert first.article == dress
    assert first.similarity == pytest.approx(1, abs=0.01)
    assert page.context["found"].match == "close"
    assert dress.get_absolute_url() in page.content.decode()
    assert len(page.context["guesses"]) == 5


def test_the_photo_is_kept_nowhere(client: Client, dress: Article) -> None:
    before = {path for path in Path(shop_settings.DATA_DIR).rglob("*") if "index" not in path.parts}

    client.post(PAGE, {"image": upload()})

    assert {path for path in Path(shop_settings.DATA_DIR).rglob("*") if "index" not in path.parts} == before


def test_the_form_is_protected_against_other_sites(dress: Article) -> None:
    assert Client(enforce_csrf_checks=True).post(PAGE, {"image": upload()}).status_code == 403


def test_a_photo_that_is_too_large_is_refused_before_the_form_is_checked(settings: Settings, dress: Article) -> None:
    """The check of the CSRF token is the first to read the form."""
    client = Client(enforce_csrf_checks=True)
    token = client.get(PAGE).context["csrf_token"]
    form = {"csrfmiddlewaretoken": str(token), "image": upload()}
    assert client.post(PAGE, form).status_code == 303
    settings.PHOTO_MAX_BYTES = 100

    page = client.post(PAGE, {**form, "image": upload()})

    assert page.status_code == 413
    assert "The picture is too large." in page.content.decode()


def test_an_example_is_searched_like_a_photo(client: Client, dress: Article) -> None:
    sent = client.post(PAGE, {"example": "dress"})

    assert sent.status_code == 303
    assert client.get(sent["Location"]).status_code == 200


def test_the_examples_are_those_of_the_demo_and_light() -> None:
    folder = shop_settings.BASE_DIR / "static" / EXAMPLES_FOLDER

    sizes = {path.stem: path.stat().st_size for path in folder.iterdir()}

    assert set(sizes) == set(EXAMPLES) == {example.slug for example in examples()}
    assert max(sizes.values()) <= 40_000


def test_a_fragment_is_the_results_without_the_page_around_them(client: Client, results: str) -> None:
    fragment = client.get(results + "&fragment=1").content.decode()

    assert "<html" not in fragment
    assert 'id="found"' in fragment
    assert "fragment=1" not in fragment


def test_filters_narrow_the_results(client: Client, results: str) -> None:
    assert skus(client, results)[0] == "D-1"
    assert skus(client, results + "&category=pants") == ["P-1"]
    assert skus(client, results + "&colour=green") == ["T-1"]
    assert skus(client, results + "&price_max=25&price_min=15") == ["D-1"]
    assert "P-1" not in skus(client, results + "&in_stock=true")


def test_fields_left_empty_filter_nothing(client: Client, results: str) -> None:
    empty = "&category=&colour=&brand=&price_min=&price_max=&emphasis=&offset="

    assert skus(client, results + empty) == skus(client, results)


def test_filters_chosen_before_the_photo_are_kept(client: Client, dress: Article) -> None:
    page = client.get(PAGE, {"category": "pants"}).content.decode()
    assert '<input type="hidden" name="category" value="pants">' in page

    sent = client.post(PAGE, {"image": upload(), "category": "pants"})

    assert skus(client, sent["Location"]) == ["P-1"]


def test_more_articles_continue_where_the_page_ended(
    client: Client, results: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything = skus(client, results)
    monkeypatch.setattr("visualsearch.views.ARTICLES_A_PAGE", 2)

    first = client.get(results)
    rest = client.get(first.context["next_url"])

    assert [match.article.sku for match in first.context["found"].matches] == everything[:2]
    assert [match.article.sku for match in rest.context["found"].matches] == everything[2:]
    assert "data-more" in first.content.decode()
    assert "data-more" not in rest.content.decode()


def test_an_article_that_is_hidden_is_not_shown(client: Client, results: str, dress: Article) -> None:
    Article.objects.filter(pk=dress.pk).update(published=False)

    assert "D-1" not in skus(client, results)


def test_a_shop_without_anything_alike_says_so_and_leads_elsewhere(client: Client) -> None:
    ArticleFactory.create(category=CategoryFactory.create(slug="hats"))

    address = client.post(PAGE, {"image": upload()})["Location"]

    for page in (client.get(address), client.get(address + "&fragment=1")):
        found = page.content.decode().split('id="found"')[1]
        assert "Nothing close" in found
        assert f'href="{reverse("catalogue:articles")}"' in found
        assert f'href="{reverse("catalogue:category", args=["hats"])}"' in found


def test_filters_that_leave_nothing_can_be_taken_back(client: Client, results: str) -> None:
    page = client.get(results + "&price_max=0.01").content.decode()

    assert "No article that passes the filters looks much like your photo." in page
    assert results.replace("&", "&amp;") in page


@pytest.mark.parametrize("fragment", ["", "&fragment=1"])
@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("category=no-such", "no-such"),
        ("price_min=cheap", "Enter a number."),
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


@pytest.mark.parametrize(
    ("data", "status", "said"),
    [
        pytest.param(b"no picture", 400, "The picture cannot be read.", id="text"),
        pytest.param(RED_DRESS[:200], 400, "The picture cannot be read.", id="cut off"),
        pytest.param(b"", 400, "The picture cannot be read.", id="empty"),
        pytest.param(bytes(3_000), 413, "The picture is too large.", id="too many bytes"),
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
    assert "Choose a photo first." in page.content.decode()


def test_too_many_photos_are_refused_with_a_time_to_wait(client: Client, settings: Settings, dress: Article) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "throttle"}}
    settings.REST_FRAMEWORK = {**shop_settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": {"predict": "1/min"}}
    assert client.post(PAGE, {"image": upload()}).status_code == 303

    page = client.post(PAGE, {"image": upload()})

    assert page.status_code == 429
    assert 1 <= int(page["Retry-After"]) <= 60
    assert "Too many requests." in page.content.decode()


@pytest.mark.parametrize("token", ["nonsense", "a" * 10_000, "%00"])
def test_a_token_that_is_not_from_here_is_refused(client: Client, token: str) -> None:
    page = client.get(PAGE, {"token": token})

    assert page.status_code == 400
    assert "The token is not valid." in page.content.decode()


def test_a_link_to_a_retired_model_asks_for_the_photo_again(client: Client, results: str) -> None:
    ModelVersion.objects.update(state=ModelVersion.State.RETIRED)

    page = client.get(results)

    assert page.status_code == 410
    assert "Send the photo again." in page.content.decode()


def test_without_a_model_shoppers_are_led_to_text_search(client: Client, settings: Settings, tmp_path: Path) -> None:
    ArticleFactory.create(category=CategoryFactory.create(slug="hats"))
    settings.ARTEFACTS_DIR = tmp_path

    page = client.post(PAGE, {"image": upload()})

    assert page.status_code == 503
    assert int(page["Retry-After"]) > 0
    problem = page.content.decode().split('id="results"')[1]
    assert "Search by photo is not available right now." in problem
    assert f'href="{reverse("catalogue:articles")}"' in problem
    assert f'href="{reverse("catalogue:category", args=["hats"])}"' in problem


def test_the_page_speaks_french_below_fr(client: Client, dress: Article) -> None:
    sent = client.post("/fr/search/", {"image": upload()})
    page = client.get(sent["Location"]).content.decode()

    assert sent["Location"].startswith("/fr/search/?token=")
    assert '<html lang="fr"' in page
    assert 'href="/fr/articles/' in page


def test_nothing_on_the_page_breaks_the_content_security_policy(client: Client, results: str) -> None:
    page = client.get(results).content.decode()

    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", page)


def test_an_article_names_those_that_look_like_it(dress: Article) -> None:
    shown = Template(
        "{% load visual_search %}{% similar_articles article as matches %}"
        "{% for match in matches %}{{ match.article.sku }} {% endfor %}"
    ).render(Context({"article": dress}))

    assert set(shown.split()) == {"P-1", "T-1"}


def test_an_article_stands_alone_while_nothing_can_search(settings: Settings, tmp_path: Path) -> None:
    settings.ARTEFACTS_DIR = tmp_path
    article = ArticleFactory.create()

    shown = Template("{% load visual_search %}{% similar_articles article as m %}{{ m|length }}").render(
        Context({"article": article})
    )

    assert shown == "0"


@pytest.mark.parametrize(
    ("number", "language", "written"),
    [(0.934, "en", "93%"), (0.934, "fr", "93\N{NO-BREAK SPACE}%"), (-0.2, "en", "0%"), (1.0, "en", "100%")],
)
def test_shares_are_written_as_their_reader_does(number: float, language: str, written: str) -> None:
    assert percent(number, language) == written
