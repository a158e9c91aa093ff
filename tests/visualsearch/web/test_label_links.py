"""What the page says that a photo shows."""

from __future__ import annotations

import pytest
from django.http import QueryDict

from catalogue.browsing.filters import NO_FILTERS, ArticleFilters, parse_filters
from catalogue.models import Category
from tests.factories import CategoryFactory
from visualsearch.inference.types import Prediction
from visualsearch.web.label_links import Guesses, guesses_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def tops() -> Category:
    return CategoryFactory.create(slug="tops", name="Tops")


def guesses(*predicted: tuple[str, float, Category | None], filters: ArticleFilters = NO_FILTERS) -> Guesses:
    return guesses_of(
        [(Prediction(label, label.capitalize(), probability), category) for label, probability, category in predicted],
        filters,
        [("token", "t")],
    )


def test_labels_of_one_category_are_one_guess_by_the_shops_name(tops: Category) -> None:
    each = guesses(("shirt", 0.3, tops), ("hat", 0.35, None), ("t-shirt", 0.2, tops)).each

    assert [(guess.name, guess.probability) for guess in each] == [("Tops", 0.5), ("Hat", 0.35)]


def test_a_guess_of_nothing_is_left_out() -> None:
    each = guesses(("dress", 0.99, None), ("hat", 0.0051, None), ("shoes", 0.005, None)).each

    assert [guess.name for guess in each] == ["Dress", "Hat"]


@pytest.mark.parametrize(("probability", "named"), [(0.5, ["Dress"]), (0.49, ["Dress", "Skirt"])])
def test_an_unsure_guess_is_named_with_the_next(probability: float, named: list[str]) -> None:
    skirts, hats = CategoryFactory.create(name="Skirt"), CategoryFactory.create(name="Hat")
    several = guesses(("dress", probability, None), ("skirt", 0.3, skirts), ("shoes", 0.1, None), ("hat", 0.05, hats))

    assert [guess.name for guess in several.named] == named
    # Shoes are no category of this shop.
    assert [guess.name for guess in several.others] == ["Dress", "Skirt", "Hat"][len(named) :]


def test_the_guess_that_was_chosen_is_named_and_taken_back_by_its_link(tops: Category) -> None:
    filters = parse_filters(QueryDict("category=tops"))

    several = guesses(("dress", 0.999, CategoryFactory.create(name="Dress")), ("shirt", 0.001, tops), filters=filters)

    assert [guess.name for guess in several.named] == ["Tops"]
    assert several.named[0].address == "/search/?token=t"
    assert [guess.name for guess in several.others] == ["Dress"]


def test_without_predictions_nothing_is_named() -> None:
    assert guesses().named == []
