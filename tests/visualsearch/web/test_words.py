"""Words beside a photo, on the page: the field, the chips that lift each word, and the message on the others."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client

from catalogue.models import Article
from tests.factories import CategoryFactory, ColourFactory
from tests.visualsearch.garments import BLUE, RED
from tests.visualsearch.web.shopping import PAGE, article_with, skus, upload
from visualsearch.services import versions
from visualsearch.services.indexing import embedding

pytestmark = pytest.mark.django_db


@pytest.fixture
def results(client: Client) -> str:
    """The results of a red dress, in a shop of two red dresses and blue trousers."""
    versions.serving_version()
    red = ColourFactory.create(slug="red", name="Red", name_fr="Rouge")
    blue = ColourFactory.create(slug="blue", name="Blue", name_fr="Bleu")
    dress = CategoryFactory.create(slug="dress", name="Dresses", name_fr="Robes")
    pants = CategoryFactory.create(slug="pants", name="Trousers", name_fr="Pantalons")
    article_with("dress", RED, sku="D-1", name="Cotton dress", category=dress, colours=[red])
    article_with("dress", (170, 60, 60), sku="D-2", name="Linen dress", category=dress, colours=[red])
    article_with("pants", BLUE, sku="P-1", name="Linen trousers", category=pants, colours=[blue])
    embedding.embed_photos(embedding.waiting_ids(limit=10))
    return str(client.post(PAGE, {"image": upload()})["Location"])


def found(client: Client, address: str) -> str:
    after = client.get(address).content.decode().split('id="found"')[1]
    return unescape(after.split("</section>")[0])


def chips(page: str) -> dict[str, str]:
    """Return the addresses of a page's chips, by what they say."""
    return {
        label.strip(): address for address, label in re.findall(r'<a class="chip" href="([^"]*)"[^>]*>([^<]*)<', page)
    }


def test_words_filter_and_rank_and_stand_in_the_field(client: Client, results: str) -> None:
    address = results + "&q=Linen+robes"

    page = found(client, address)

    assert skus(client, address) == ["D-2", "D-1"]
    assert 'name="q" form="filters" maxlength="200" value="Linen robes"' in page
    assert set(chips(page)) == {"Dresses", "“Linen” first"}


def test_lifting_a_chip_takes_its_word_away_and_leaves_the_rest(client: Client, results: str) -> None:
    address = results + "&q=red+linen+dresses&ordering=price&price_max=100"

    lifted = chips(found(client, address))
    without_red, without_linen = (f"{PAGE}{lifted[name]}" for name in ("Red", "“linen” first"))

    assert "&q=linen+dresses" in without_red
    assert "ordering=price" in without_red
    assert "price_max=100" in without_red
    assert "&q=red+dresses" in without_linen
    assert skus(client, without_linen) == ["D-2", "D-1"]


def test_clearing_all_filters_clears_the_words(client: Client, results: str) -> None:
    page = found(client, results + "&q=red&in_stock=true")

    cleared = re.search(r'<a href="([^"]*)">Reset filters</a>', page)

    assert cleared is not None
    assert "q=" not in cleared[1]
    assert "in_stock" not in cleared[1]
    assert "token=" in cleared[1]


def test_a_word_that_nothing_has_is_told(client: Client, results: str) -> None:
    page = found(client, results + "&q=linnen+<b>")

    assert "No results mention “linnen”, so it was ignored." in page
    assert "“linnen” first" not in page
    assert 'aria-describedby="words-left-out"' in page


def test_a_word_that_a_chosen_filter_contradicts_is_told(client: Client, results: str) -> None:
    page = found(client, results + "&q=blue&colour=red")

    assert "“blue” was ignored because of one of your filters." in page
    assert "Red" in chips(page)
    assert "Blue" not in chips(page)


def test_the_page_speaks_french_of_words(client: Client, results: str) -> None:
    page = found(client, "/fr" + results + "&q=rouge+linen+linnen")

    assert "Affiner\N{NO-BREAK SPACE}: couleur, matière, occasion" in page
    assert {"Rouge", "«\N{NO-BREAK SPACE}linen\N{NO-BREAK SPACE}» d’abord"} <= set(chips(page))
    assert "Aucun résultat ne mentionne «\N{NO-BREAK SPACE}linnen\N{NO-BREAK SPACE}»" in page


def test_words_go_along_to_the_next_page_and_beside_other_filters(
    client: Client, results: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("visualsearch.web.results.ARTICLES_A_PAGE", 1)

    first = client.get(results + "&q=linen+dresses")
    second = client.get(first.context["next_url"])

    assert [match.article.sku for match in first.context["page"].matches] == ["D-2"]
    assert [match.article.sku for match in second.context["page"].matches] == ["D-1"]
    assert all("q=linen+dresses" in guess.address for guess in first.context["guesses"].each if guess.category)


def test_words_chosen_before_the_photo_are_sent_with_it(client: Client, results: str) -> None:
    page = client.get(PAGE, {"q": "linen <b>"}).content.decode()
    assert '<input type="hidden" name="q" value="linen &lt;b&gt;">' in page

    sent = client.post(PAGE, {"image": upload(), "q": "linen trousers"})
    shown = client.get(sent["Location"])

    assert "q=linen+trousers" in sent["Location"]
    assert [match.article.sku for match in shown.context["page"].matches] == ["P-1"]


@pytest.mark.parametrize("q", ["x" * 201, "%00"])
def test_words_that_cannot_be_searched_with_are_refused_with_the_reason(client: Client, results: str, q: str) -> None:
    refused = client.get(f"{results}&q={q}")

    assert refused.status_code == 400
    assert 'role="alert"' in refused.content.decode()
    assert Article.objects.count() == 3
