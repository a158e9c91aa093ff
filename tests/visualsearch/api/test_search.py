"""The same photo again by its token, and articles like another."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.test import Client

from tests.factories import ArticleFactory, BrandFactory
from tests.visualsearch.api.sending import assert_problem, send
from tests.visualsearch.catalogue import COLOURS, found_article, query_for, shopper_photo
from visualsearch.services import versions
from visualsearch.services.retrieval.tokens import Query

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


@pytest.mark.parametrize("cut", [0, 1])
def test_a_token_whose_parts_have_other_lengths_is_outdated(client: Client, cut: int) -> None:
    """As after its model version was made anew with another projection."""
    found_article("#b00020")
    query = query_for("#b00020")
    shape, coarse, fine = (
        replace(part, levels=part.levels[:-1]) if place == cut else part
        for place, part in enumerate(query.garment.parts)
    )
    changed = replace(query, garments=(replace(query.garment, parts=(shape, coarse, fine)),))

    assert_problem(client.get("/api/search", {"token": changed.token}), 410, "token_outdated")


def test_each_garment_of_a_photo_is_searched_for_by_one_token(client: Client) -> None:
    """A red and a blue photo side by side, as a street photo shows several garments."""
    red, blue = found_article("#b00020"), found_article("#1f3a5f")
    first, second = query_for("#b00020").garment, query_for("#1f3a5f").garment
    token = Query(versions.serving_version(), (first, second)).token

    answers = [
        client.get("/api/search", {"token": token, "kind_first": "0", **({"garment": number} if number else {})}).json()
        for number in (None, 1, 2)
    ]

    assert [answer["articles"][0]["id"] for answer in answers] == [red.pk, red.pk, blue.pk]
    assert [answer["garment"] for answer in answers] == [1, 1, 2]
    assert answers[2]["articles"][0]["similarity"] == pytest.approx(1, abs=0.05)
    for answer in answers:
        assert answer["token"] != ""
        assert [one["box"] for one in answer["garments"]] == [
            pytest.approx([round(side, 4) for side in one.box]) for one in (first, second)
        ]
        assert answer["box"] == answer["garments"][0]["box"]
        assert answer["predictions"][0]["category"] == answer["garments"][0]["category"]


@pytest.mark.parametrize("garment", ["3", "0", "-1", "7", "two", "1.5"])
def test_a_garment_that_a_photo_has_not_is_refused(client: Client, garment: str) -> None:
    query = query_for("#b00020")
    token = Query(query.version, (query.garment, query.garment)).token

    problem = assert_problem(client.get("/api/search", {"token": token, "garment": garment}), 400, "invalid")

    assert list(problem["errors"]) == ["garment"]


def test_similar_articles_have_their_similarity(client: Client) -> None:
    red, crimson = found_article("#b00020"), found_article("#a80020")

    similar = client.get(f"/api/articles/{red.pk}/similar").json()["results"]

    assert [article["id"] for article in similar] == [crimson.pk]
    assert 0 < similar[0]["similarity"] <= 1
    assert_problem(client.get("/api/articles/987654/similar"), 404, "not_found")


def test_facets_count_what_each_filter_would_leave_where_they_are_asked_for(client: Client) -> None:
    found_article("#b00020", brand=BrandFactory.create(slug="nord"), price="20.00")
    found_article("#1f3a5f", brand=BrandFactory.create(slug="claire"), price="30.00")
    # No search by photo shows it.
    ArticleFactory.create(brand=BrandFactory.create(slug="unseen"), price="5.00")
    plain = send(client, shopper_photo("#b00020")).json()
    query = {"token": plain["token"], "brand": "nord", "facets": "1"}

    with_photo = send(client, shopper_photo("#b00020"), brand="nord", facets="1").json()
    with_token = client.get("/api/search", query).json()

    assert "facets" not in plain
    assert with_photo["facets"] == with_token["facets"]
    assert {one["slug"]: one["articles"] for one in with_token["facets"]["brands"]} == {"claire": 1, "nord": 1}
    assert (with_token["facets"]["price_min"], with_token["facets"]["price_max"]) == ("20.00", "20.00")
