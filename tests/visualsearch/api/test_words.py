"""A photo and words, over HTTP: what filters, what ranks, and what became of each word."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.factories import CategoryFactory, ColourFactory
from tests.visualsearch.api.sending import assert_problem, send, send_json
from tests.visualsearch.catalogue import found_article, shopper_photo
from visualsearch.services.retrieval import words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_throttle"), pytest.mark.database]

RED = "#b00020"


@pytest.fixture
def token(client: Client) -> str:
    """The token of a red photo, in a shop of a red, a crimson, a pink and a blue article, the nearest first."""
    red = ColourFactory.create(slug="red", name="Red", name_fr="Rouge")
    blue = ColourFactory.create(slug="blue", name="Blue", name_fr="Bleu")
    dress = CategoryFactory.create(slug="dress", name="Dresses", name_fr="Robes")
    shirt = CategoryFactory.create(slug="shirt", name="Shirts", name_fr="Chemises")
    found_article(RED, sku="red", name="Cotton dress", category=dress, colours=[red])
    found_article("#a80030", sku="crimson", name="Shirt", category=shirt, colours=[red], description="Of linen.")
    found_article("#c05070", sku="pink", name="Linen dress", category=dress, colours=[red], description="Light linen.")
    found_article("#1f3a5f", sku="blue", name="Linen shirt", category=shirt, colours=[blue])
    return str(send(client, shopper_photo(RED)).json()["token"])


def search(client: Client, token: str, **options: Any) -> Any:
    return client.get("/api/search", {"token": token, **options})


def skus(answer: Any) -> list[str]:
    return [article["sku"] for article in answer.json()["articles"]]


def test_words_that_name_colours_and_categories_filter(client: Client, token: str) -> None:
    plain, refined = search(client, token), search(client, token, q="red dresses")

    assert skus(plain) == ["red", "crimson", "pink", "blue"]
    assert skus(refined) == ["red", "pink"]
    assert "words" not in plain.json()
    assert refined.json()["words"] == {
        "filters": {"colour": ["red"], "category": ["dress"]}, "ranked_by": [], "unused": [], "overridden": [],
    }  # fmt: skip


def test_articles_with_the_other_words_come_first_and_the_nearest_of_them_before_the_others(
    client: Client, token: str
) -> None:
    refined = search(client, token, q="rouge lin linen linnen")
    two_words = search(client, token, q="light linen")

    assert skus(refined) == ["crimson", "pink", "red"]
    assert refined.json()["words"] == {
        "filters": {"colour": ["red"], "category": []}, "ranked_by": ["lin", "linen"], "unused": ["linnen"],
        "overridden": [],
    }  # fmt: skip
    assert skus(two_words) == ["pink", "crimson", "blue", "red"]


def test_a_photo_is_sent_with_words_in_either_body(client: Client, token: str) -> None:
    as_form = send(client, shopper_photo(RED), q="Chemise été")
    as_json = send_json(client, image=base64_of(shopper_photo(RED)), q="Chemise été")

    for answer in (as_form, as_json):
        assert skus(answer) == ["crimson", "blue"]
        assert answer.json()["words"]["unused"] == ["été"]


def base64_of(content: bytes) -> str:
    return base64.b64encode(content).decode()


def test_a_filter_that_is_given_wins_over_words(client: Client, token: str) -> None:
    answer = search(client, token, q="red linen", colour="blue", facets="1")

    assert skus(answer) == ["blue"]
    assert answer.json()["words"] == {
        "filters": {"colour": [], "category": []}, "ranked_by": ["linen"], "unused": [], "overridden": ["red"],
    }  # fmt: skip


def test_facets_count_among_what_words_leave(client: Client, token: str) -> None:
    facets = search(client, token, q="dresses", facets="1").json()["facets"]

    assert {one["slug"]: one["articles"] for one in facets["colours"]} == {"red": 2}
    assert {one["slug"]: one["articles"] for one in facets["categories"]} == {"dress": 2, "shirt": 2}


def test_pages_continue_one_ranking(client: Client, token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "RANKED_AMONG", 3)
    whole = skus(search(client, token, q="linen", kind_first="false"))

    pages = [skus(search(client, token, q="linen", kind_first="false", limit=1, offset=place)) for place in range(4)]

    assert whole == ["crimson", "pink", "red", "blue"]
    assert [sku for page in pages for sku in page] == whole


def test_the_texts_of_the_nearest_alone_are_read_in_one_query(client: Client, token: str) -> None:
    with CaptureQueriesContext(connection) as captured:
        search(client, token, q="linen cotton silk")

    assert sum('"catalogue_searchdocument"."text"' in query["sql"] for query in captured) == 1


@pytest.mark.parametrize("q", ["x" * 201, "blue\0"])
def test_words_that_are_too_long_or_cannot_be_stored_are_refused(client: Client, token: str, q: str) -> None:
    answers = [
        search(client, token, q=q),
        send(client, shopper_photo(RED), q=q),
        send_json(client, image=base64_of(shopper_photo(RED)), q=q),
    ]

    for answer in answers:
        assert list(assert_problem(answer, 400, "invalid")["errors"]) == ["q"]
    assert_problem(send_json(client, image=base64_of(shopper_photo(RED)), q=["blue"]), 400, "invalid")
