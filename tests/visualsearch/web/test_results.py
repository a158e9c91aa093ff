"""What a photo finds, page by page and filtered."""

from __future__ import annotations

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from catalogue.models import Article
from tests.factories import ArticleFactory, CategoryFactory
from tests.visualsearch.catalogue import found_article
from tests.visualsearch.web.shopping import PAGE, skus, upload
from visualsearch.inference.descriptor import Descriptor
from visualsearch.services.formats import percent
from visualsearch.services.retrieval.tokens import read_token

pytestmark = pytest.mark.django_db


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
    monkeypatch.setattr("visualsearch.web.results.ARTICLES_A_PAGE", 2)

    first = client.get(results)
    rest = client.get(first.context["next_url"])

    assert [match.article.sku for match in first.context["page"].matches] == everything[:2]
    assert [match.article.sku for match in rest.context["page"].matches] == everything[2:]
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
        assert "We can’t see any clothes" in found
        assert f'href="{reverse("catalogue:articles")}"' in found
        assert f'href="{reverse("catalogue:category", args=["hats"])}"' in found


@pytest.mark.usefixtures("dress")
@pytest.mark.parametrize(
    ("sure_from", "title", "shown"), [(0.0, "No close match", 1), (1.0, "We can’t see any clothes", 0)]
)
def test_without_a_close_match_the_nearest_show_unless_no_garment_was_seen(
    client: Client, results: str, monkeypatch: pytest.MonkeyPatch, sure_from: float, title: str, shown: int
) -> None:
    client.get(results)  # what was found at first is shown once
    monkeypatch.setattr(Descriptor, "match", lambda descriptor, similarity, shape: "none")
    monkeypatch.setattr("visualsearch.services.rollout.feedback.UNSURE_BELOW", sure_from)

    found = client.get(results).content.decode().split('id="found"')[1]

    assert title in found
    assert found.count('id="matches"') == shown
    assert ("Try another photo, closer up" in found) is (shown == 0)


def test_the_kind_that_was_put_first_is_named_and_can_be_taken_back(client: Client, results: str) -> None:
    client.get(results)  # what was found at first is shown once
    label = read_token(QueryDict(results.partition("?")[2])["token"]).predictions[0].label
    kind = CategoryFactory.create(slug=label, name="Long-sleeved tops")
    found_article("#1f3a5f", category=kind)
    found_article("#2e7d32", category=CategoryFactory.create(slug="other"))

    page = client.get(results)
    lifted = client.get(page.context["any_kind_url"])

    assert "Long-sleeved tops first" in page.content.decode()
    assert page.context["page"].kind == kind
    assert lifted.context["page"].kind is None
    assert "Long-sleeved tops first" not in lifted.content.decode()
    assert 'name="kind" value="any"' in lifted.content.decode()
    assert "kind=any" in lifted.context["next_url"]


def test_filters_that_leave_nothing_can_be_taken_back(client: Client, results: str) -> None:
    page = client.get(results + "&price_max=0.01").content.decode()

    assert "None of the products matching your filters is similar to your photo." in page
    assert results.replace("&", "&amp;") in page


@pytest.mark.usefixtures("dress")
def test_what_passes_the_filters_is_shown_though_it_looks_otherwise(
    client: Client, results: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many as the filter said there are: who asks for green after the photo of a red dress means it."""
    monkeypatch.setattr(Descriptor, "match", lambda descriptor, similarity, shape: "none")

    page = client.get(results + "&colour=green").content.decode()

    assert "None of the products matching your filters is similar to your photo." in page
    assert Article.objects.get(sku="T-1").get_absolute_url() in page


def test_search_by_photo_counts_choices_and_its_chips_keep_the_token(
    client: Client, results: str, dress: Article
) -> None:
    assert dress.brand is not None
    response = client.get(f"{results}&emphasis=0.6&in_stock=true&brand={dress.brand.slug}")

    panel = response.context["panel"]
    token = response.context["token"]
    assert {choice.value: choice.count for choice in panel.brands}[dress.brand.slug] == 1
    assert response.context["total"] == len(response.context["page"].matches) == 1
    sent = [QueryDict(chip.without.removeprefix("?")) for chip in panel.chips]
    assert [sorted(one) for one in sent] == [["emphasis", "in_stock", "token"], ["brand", "emphasis", "token"]]
    assert {one["token"] for one in sent} == {token}
    assert sorted(QueryDict(panel.without_filters.removeprefix("?"))) == ["emphasis", "token"]


def test_what_no_search_by_photo_can_show_is_not_counted(client: Client, results: str) -> None:
    ArticleFactory.create(category=CategoryFactory.create(slug="hats"), stock=5)
    counted = client.get(results).context

    categories = {choice.value: choice.count for choice in counted["panel"].categories}
    assert "hats" not in categories
    assert categories["pants"] == 1
    assert counted["panel"].in_stock == counted["total"] - 1
    assert counted["total"] == len(counted["page"].matches) == 3


@pytest.mark.parametrize(
    ("number", "language", "written"),
    [(0.934, "en", "93%"), (0.934, "fr", "93\N{NO-BREAK SPACE}%"), (-0.2, "en", "0%"), (1.0, "en", "100%")],
)
def test_shares_are_written_as_their_reader_does(number: float, language: str, written: str) -> None:
    assert percent(number, language) == written
