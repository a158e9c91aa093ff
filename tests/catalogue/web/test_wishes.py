"""The cards of a wish list, which only the browser keeps: published ones, in the order asked; how many are gone."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalogue.models import Article
from tests.factories import ArticleFactory, PhotoFactory

pytestmark = [pytest.mark.django_db, pytest.mark.switch]

CARDS = "/articles/cards"


def shown(page: str) -> list[int]:
    return [int(key) for key in re.findall(r'<li data-card="(\d+)">', page)]


def test_cards_come_in_the_order_asked_once_each_in_the_language_of_the_address(client: Client) -> None:
    first, second, third = (
        PhotoFactory.create(article=ArticleFactory.create(name=f"Dress {n}", name_fr=f"Robe {n}")).article
        for n in range(3)
    )
    ids = f"{third.pk},{first.pk},{second.pk},{third.pk}"

    page, french = client.get(CARDS, {"ids": ids}), client.get(f"/fr{CARDS}", {"ids": ids})

    assert shown(page.text) == [third.pk, first.pk, second.pk]
    assert "Dress 0" in page.text and "Robe 0" in french.text
    assert "no longer sold" not in page.text
    assert page["Cache-Control"] == "no-store"
    assert page["X-Robots-Tag"] == "noindex"


def test_what_is_no_longer_sold_is_left_out_and_counted(client: Client) -> None:
    sold = ArticleFactory.create()
    hidden, binned = ArticleFactory.create(published=False), ArticleFactory.create()
    binned.delete()

    def said(prefix: str, *ids: int) -> str:
        page = client.get(prefix + CARDS, {"ids": ",".join(map(str, [sold.pk, *ids]))}).text
        assert shown(page) == [sold.pk]
        return " ".join(page.partition("<p data-gone>")[2].partition("</p>")[0].split())

    assert said("", hidden.pk) == "1 product is no longer sold."
    assert said("", hidden.pk, binned.pk, 999_999) == "3 products are no longer sold."
    assert said("/fr", hidden.pk, binned.pk) == "2 articles ne sont plus en vente."


@pytest.mark.parametrize(
    "ids", ["", "x", "1,", ",1", "1,,2", "-1", "1.5", "1;2", "1 2", "٣", "9" * 19, ",".join("1" * 101), "1" + "\0"]
)
def test_anything_but_a_hundred_numbers_is_refused_without_a_query(client: Client, ids: str) -> None:
    with CaptureQueriesContext(connection) as captured:
        response = client.get(CARDS, {"ids": ids})

    assert response.status_code == 400
    assert len(captured) == 0
    assert client.post(CARDS, {"ids": "1"}).status_code == 405


def test_a_hundred_cards_take_as_many_queries_as_one(client: Client) -> None:
    ids = [PhotoFactory.create(article=ArticleFactory.create()).article.pk for _ in range(20)]

    def queries(count: int) -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(CARDS, {"ids": ",".join(map(str, ids[:count]))})
        return len(captured)

    assert queries(20) == queries(1) <= 3
    assert client.get(CARDS, {"ids": ",".join(map(str, range(1, 101)))}).status_code == 200


def test_the_page_of_the_wish_list_names_no_product_and_is_in_both_languages(client: Client) -> None:
    ArticleFactory.create(name="Linen dress")

    page, french = client.get("/wish-list/").text, client.get("/fr/wish-list/").text

    assert "Linen dress" not in page
    assert '<meta name="robots" content="noindex">' in page
    assert '<p class="notice unscripted">The wish list needs JavaScript' in page
    assert "Liste d’envies" in french
    assert Article.objects.count() == 1
