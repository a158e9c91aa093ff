"""Pages speak the language of their address, else the browser's, and lead to the same page in the other one."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.catalogue.web.conftest import Shopper
from tests.factories import ArticleFactory, CategoryFactory

pytestmark = [pytest.mark.django_db, pytest.mark.switch]

FRENCH_BROWSER = {"Accept-Language": "fr-FR,fr;q=0.9,en;q=0.7"}


@pytest.fixture
def dress_address() -> str:
    category = CategoryFactory.create(slug="dress", name="Dresses", name_fr="Robes")
    dress = ArticleFactory.create(name="Linen dress", name_fr="Robe en lin", category=category, price="1239.90")
    return f"/articles/linen-dress-{dress.pk}/"


def test_each_page_is_in_the_language_of_its_address(shopper: Shopper, dress_address: str) -> None:
    for path, english, french in (
        ("/", "Categories", "Catégories"),
        ("/articles/", "All products", "Tous les articles"),
        ("/categories/dress/", ">Dresses</h1>", ">Robes</h1>"),
        (dress_address, "<h1>Linen dress</h1>", "<h1>Robe en lin</h1>"),
    ):
        in_english, in_french = shopper.open(path), shopper.open(f"/fr{path}")
        assert '<html lang="en">' in in_english and english in in_english
        assert '<html lang="fr">' in in_french and french in in_french


@pytest.mark.parametrize("path", ["/", "/articles/", "/categories/dress/?colour=none", "/nowhere/"])
def test_an_address_that_says_no_language_speaks_the_browsers(client: Client, dress_address: str, path: str) -> None:
    for accepted, language in (("fr-FR,fr;q=0.9,en;q=0.7", "fr"), ("en;q=0.9,fr;q=0.5", "en"), ("de, fr;q=0.1", "fr")):
        response = client.get(path, headers={"Accept-Language": accepted})

        assert f'<html lang="{language}">' in response.text
        assert {"Accept-Language", "Cookie"} <= {name.strip() for name in response.headers["Vary"].split(",")}


def test_an_address_that_says_a_language_speaks_it_whatever_the_browser_and_the_cookie_prefer(client: Client) -> None:
    client.cookies["django_language"] = "fr"
    english = client.get("/en/articles/", headers=FRENCH_BROWSER)
    client.cookies["django_language"] = "en"
    french = client.get("/fr/articles/", headers={"Accept-Language": "en"})

    assert '<html lang="en">' in english.text and '<html lang="fr">' in french.text
    assert "Accept-Language" not in english.headers["Vary"]
    assert client.get("/de/articles/").status_code == client.get("/fr/en/articles/").status_code == 404


def test_links_of_an_address_that_says_english_say_it_too_and_the_next_request_does_not(client: Client) -> None:
    said = client.get("/en/articles/").text
    after = client.get("/articles/").text

    assert 'class="wordmark" href="/en/"' in said and 'class="wordmark" href="/"' in after
    # Search engines know a page by one address.
    assert '<link rel="canonical" href="http://testserver/articles/">' in said


def test_the_canonical_address_is_that_of_the_language(client: Client) -> None:
    page = client.get("/articles/", headers=FRENCH_BROWSER).text

    assert '<link rel="canonical" href="http://testserver/fr/articles/">' in page
    assert '<link rel="alternate" hreflang="x-default" href="http://testserver/articles/">' in page


def test_prices_are_written_as_readers_write_them(shopper: Shopper, dress_address: str) -> None:
    assert "€1,239.90" in shopper.open(dress_address)
    assert "1\u202f239,90\xa0€" in shopper.open(f"/fr{dress_address}")


def test_links_keep_the_language(shopper: Shopper, dress_address: str) -> None:
    page = shopper.open("/fr/articles/")

    assert f'href="/fr{dress_address}"' in page
    assert 'href="/fr/categories/dress/"' in page
    assert 'class="wordmark" href="/fr/"' in page
    assert 'href="/articles/"' not in page.split("</head>")[1]


def test_the_other_language_leads_to_the_same_page_with_its_query(client: Client, dress_address: str) -> None:
    page = client.get("/fr/articles/?q=robe&in_stock=true").content.decode()

    assert 'name="next" value="/articles/?q=robe&amp;in_stock=true"' in page
    response = client.post("/i18n/setlang/", {"next": "/articles/?q=robe&in_stock=true", "language": "en"})
    assert (response.status_code, response.headers["Location"]) == (302, "/articles/?q=robe&in_stock=true")
    assert client.cookies["django_language"].value == "en"


def test_search_engines_are_told_of_both_languages(shopper: Shopper, dress_address: str) -> None:
    page = shopper.open(f"/fr{dress_address}")

    assert f'<link rel="alternate" hreflang="en" href="http://testserver{dress_address}">' in page
    assert f'<link rel="alternate" hreflang="fr" href="http://testserver/fr{dress_address}">' in page


@pytest.mark.parametrize("accepted", ["en", "", "de", "en;q=0.9,fr;q=0.5", "*", "x" * 600, "fr_FR;;;,", "fr\x00"])
def test_what_a_browser_accepts_may_be_anything(client: Client, accepted: str) -> None:
    response = client.get("/", headers={"Accept-Language": accepted})

    assert response.status_code == 200
    assert {"Accept-Language", "Cookie"} <= {name.strip() for name in response.headers["Vary"].split(",")}


def test_who_chose_a_language_keeps_it(client: Client) -> None:
    client.cookies["django_language"] = "en"
    assert '<html lang="en">' in client.get("/articles/", headers=FRENCH_BROWSER).text

    client.cookies["django_language"] = "fr"
    assert '<html lang="fr">' in client.get("/articles/", headers={"Accept-Language": "en"}).text
