"""How many articles the home page, its collage and suggestions show: as many as there are, up to a limit."""

from __future__ import annotations

import pytest
from django.test import Client

from catalogue.browsing import suggestions
from catalogue.browsing.suggestions import suggest
from catalogue.web import views
from tests.factories import ArticleFactory, BrandFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("articles", "newest", "collage"), [(0, 0, 0), (2, 2, 0), (3, 3, 3), (8, 8, 3), (11, 8, 3), (12, 8, 3)]
)
def test_the_home_page_shows_eight_new_articles_and_three_others(
    client: Client, articles: int, newest: int, collage: int
) -> None:
    made = ArticleFactory.create_batch(articles)[::-1]

    shown = client.get("/").context

    assert (views.NEWEST_SHOWN, views.COLLAGE) == (8, 3)
    assert list(shown["newest"]) == made[:newest]
    assert list(shown["collage"]) == made[: newest + 3][-3:][:collage] * bool(collage)


@pytest.mark.parametrize("articles", [7, 8, 9])
def test_eight_texts_are_suggested_at_the_most(articles: int) -> None:
    for number in range(articles):
        ArticleFactory.create(name=f"Linen {number}")

    assert suggestions.MOST == 8
    assert suggest("linen") == [f"Linen {number}" for number in range(min(articles, 8))]


def test_brands_leave_no_more_places_than_there_are() -> None:
    for number in range(9):
        ArticleFactory.create(name="Coat", brand=BrandFactory.create(name=f"Linen {number}"))

    assert suggest("linen") == [f"Linen {number}" for number in range(8)]


@pytest.mark.parametrize(("typed", "found"), [("l", []), ("li", ["Linen"]), (" l ", []), ("x" * 200, []), ("", [])])
def test_two_letters_suggest_something(typed: str, found: list[str]) -> None:
    ArticleFactory.create(name="Linen")

    assert suggestions.LEAST_CHARACTERS == 2
    assert suggest(typed) == found
