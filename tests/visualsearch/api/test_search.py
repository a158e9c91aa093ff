"""The same photo again by its token, and articles like another."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.test import Client

from tests.factories import BrandFactory
from tests.visualsearch.api.sending import assert_problem, send
from tests.visualsearch.catalogue import COLOURS, found_article, query_for, shopper_photo

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_throttle"), pytest.mark.database]


def test_the_token_finds_the_same_again_and_pages_on(client: Client) -> None:
    for colour in COLOURS:
        found_article(colour)
    everything = send(client, shopper_photo("#b00020"), limit=6).json()

    again = client.get("/api/search", {"token": everything["token"], "limit": 6}).json()
    second = client.get("/api/search", {"token": everything["token"], "limit": 2, "offset": 2}).json()

    assert again["articles"] == everything["articles"]
    assert again["predictions"] == everything["predictions"]
    assert again["box"] == everything["box"]
    assert list(again["timings_ms"]) == ["search", "articles", "total"]
    assert second["articles"] == everything["articles"][2:4]


def test_a_token_that_was_changed_is_refused(client: Client) -> None:
    token = send(client, shopper_photo("#b00020")).json()["token"]

    assert_problem(client.get("/api/search", {"token": token + "x"}), 400, "invalid_token")
    assert_problem(client.get("/api/search"), 400, "invalid")
    assert_problem(client.get("/api/search", {"token": ""}), 400, "invalid")


@pytest.mark.parametrize("cut", [("shape",), ("colour",), ("shape", "colour")], ids="-".join)
def test_a_token_whose_parts_have_other_lengths_is_outdated(client: Client, cut: tuple[str, ...]) -> None:
    """As after its model version was made anew with another projection."""
    found_article("#b00020")
    query = query_for("#b00020")
    changed = replace(query, **{name: getattr(query, name)[:-1] for name in cut})

    assert_problem(client.get("/api/search", {"token": changed.token}), 410, "token_outdated")


def test_similar_articles_have_their_similarity(client: Client) -> None:
    red, crimson = found_article("#b00020"), found_article("#a80020")

    similar = client.get(f"/api/articles/{red.pk}/similar").json()

    assert [article["id"] for article in similar] == [crimson.pk]
    assert 0 < similar[0]["similarity"] <= 1
    assert_problem(client.get("/api/articles/987654/similar"), 404, "not_found")


def test_facets_count_what_each_filter_would_leave_where_they_are_asked_for(client: Client) -> None:
    found_article("#b00020", brand=BrandFactory.create(slug="nord"), price="20.00")
    found_article("#1f3a5f", brand=BrandFactory.create(slug="claire"), price="30.00")
    plain = send(client, shopper_photo("#b00020")).json()
    query = {"token": plain["token"], "brand": "nord", "facets": "1"}

    with_photo = send(client, shopper_photo("#b00020"), brand="nord", facets="1").json()
    with_token = client.get("/api/search", query).json()

    assert "facets" not in plain
    assert with_photo["facets"] == with_token["facets"]
    assert {one["slug"]: one["articles"] for one in with_token["facets"]["brands"]} == {"claire": 1, "nord": 1}
    assert (with_token["facets"]["price_min"], with_token["facets"]["price_max"]) == ("20.00", "20.00")
