"""How many suggestions are shown: as many as there are, up to a limit."""

from __future__ import annotations

import pytest

from catalogue.browsing import suggestions
from catalogue.browsing.suggestions import suggest
from tests.factories import ArticleFactory, BrandFactory

pytestmark = pytest.mark.django_db


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
