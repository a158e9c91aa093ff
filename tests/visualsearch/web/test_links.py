"""The page of a short link: its results, what it says of the photo, and what there is where a link leads nowhere."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from django.utils import timezone

from tests.visualsearch.web.shopping import PAGE
from visualsearch.models import ModelVersion, SearchLink
from visualsearch.services.search import links

pytestmark = pytest.mark.django_db

SAID = "This is a shared photo search. The photo itself was not stored."


@pytest.fixture
def link(results: str) -> SearchLink:
    return links.keep(QueryDict(results.partition("?")[2])["token"])


def skus_of(page: Any) -> list[str]:
    return [match.article.sku for match in page.context["page"].matches]


def test_a_link_shows_the_results_and_says_that_there_is_no_photo(
    client: Client, results: str, link: SearchLink
) -> None:
    page = client.get(f"/s/{link.pk}")

    assert page.status_code == 200
    assert skus_of(page) == skus_of(client.get(results))
    assert SAID in page.content.decode()
    assert SAID not in client.get(results).content.decode()


def test_filters_words_and_ordering_follow_a_link(client: Client, link: SearchLink) -> None:
    assert skus_of(client.get(f"/s/{link.pk}?category=pants")) == ["P-1"]
    assert skus_of(client.get(f"/s/{link.pk}?ordering=-price"))[0] == "P-1"
    assert client.get(f"/s/{link.pk}?q={'x' * 201}").status_code == 400


def test_a_link_speaks_french(client: Client, link: SearchLink) -> None:
    page = client.get(f"/fr/s/{link.pk}").content.decode()

    assert "Ceci est une recherche par photo partagée." in page
    assert 'lang="fr"' in page


def test_search_engines_are_asked_not_to_list_links(client: Client, link: SearchLink) -> None:
    page, gone = client.get(f"/s/{link.pk}"), client.get("/s/nowhere")

    assert (page["X-Robots-Tag"], gone["X-Robots-Tag"]) == ("noindex", "noindex")
    assert '<meta name="robots" content="noindex">' in page.content.decode()


@pytest.mark.parametrize(
    ("prefix", "title"), [("", "This link doesn’t lead to a search."), ("/fr", "Ce lien ne mène à aucune recherche.")]
)
@pytest.mark.parametrize("link_id", ["nowhere", "x" * 300, "%00", "..", "é"])
def test_an_unknown_link_says_so_and_leads_on(
    client: Client, results: str, prefix: str, title: str, link_id: str
) -> None:
    page = client.get(f"{prefix}/s/{link_id}")
    text = unescape(page.content.decode())

    assert page.status_code == 404
    assert title in text
    assert 'id="photo"' in text
    assert f'href="{prefix}/articles/"' in text


@pytest.mark.parametrize(("prefix", "title"), [("", "This link has expired."), ("/fr", "Ce lien a expiré.")])
def test_an_expired_link_says_so(client: Client, link: SearchLink, prefix: str, title: str) -> None:
    SearchLink.objects.update(expires=timezone.now() - timedelta(seconds=1))

    page = client.get(f"{prefix}/s/{link.pk}")

    assert page.status_code == 410
    assert title in unescape(page.content.decode())


def test_a_link_to_a_search_of_a_retired_model_is_gone(client: Client, link: SearchLink) -> None:
    ModelVersion.objects.update(state=ModelVersion.State.RETIRED)

    assert client.get(f"/s/{link.pk}").status_code == 410


def test_nothing_is_posted_to_a_link(client: Client, link: SearchLink) -> None:
    assert client.post(f"/s/{link.pk}").status_code == 405


def test_the_form_makes_a_link_to_just_these_results(client: Client, results: str) -> None:
    narrowed = results + "&category=pants&ordering=price&q=thing"
    page = client.get(narrowed).content.decode()
    form = page.split("data-share ")[1].split("</form>")[0]
    fields = {name: unescape(value) for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form)}
    assert "we keep a numerical description of your photo for 30 days" in form
    assert "data-link hidden" in form

    sent = client.post("/search/share/", fields)
    shown = client.get(sent["Location"])
    address = re.search(r'id="link" readonly value="([^"]*)"', shown.content.decode())

    assert sent.status_code == 303
    assert address is not None
    assert unescape(address[1]) == (
        f"http://testserver/s/{SearchLink.objects.get().pk}?category=pants&q=thing&ordering=price"
    )
    assert skus_of(client.get(unescape(address[1]))) == skus_of(client.get(narrowed)) == ["P-1"]
    assert "data-link hidden" not in shown.content.decode()


def test_the_form_refuses_what_the_api_refuses(client: Client, results: str, settings: Any, valkey: object) -> None:
    settings.RATE_LIMITS = {"links": "3/min"}
    assert client.post("/search/share/", {"token": "x"}).status_code == 400
    assert client.post("/search/share/", {}).status_code == 400
    assert client.get("/search/share/").status_code == 405
    assert Client(enforce_csrf_checks=True).post("/search/share/", {"token": "x"}).status_code == 403
    assert SearchLink.objects.count() == 0

    token = QueryDict(results.partition("?")[2])["token"]
    assert client.post("/search/share/", {"token": token}).status_code == 303
    refused = client.post("/search/share/", {"token": token})
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) >= 1


def test_a_link_that_was_made_up_is_not_shown_as_one(client: Client, results: str) -> None:
    page = client.get(results + "&link=https%3A%2F%2Fevil.example").content.decode()

    assert 'id="link" readonly value=""' in page
    assert "data-link hidden" in page
    assert client.get(f"{PAGE}?link=x").status_code == 200
