"""How many values a filter takes, how high a price is, how long a text: each at its limit, and one past it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.http import QueryDict

from catalogue.browsing.filters import HIGHEST_PRICE, MAX_VALUES, apply_filters, parse_filters
from catalogue.browsing.listing import QUERY_MAX_CHARACTERS, listed, parse_list
from catalogue.exceptions import InvalidRequestError
from catalogue.messages import Message
from catalogue.models import Article
from tests.factories import ArticleFactory, BrandFactory, CategoryFactory, ColourFactory

pytestmark = pytest.mark.django_db

MAKERS: dict[str, Any] = {"category": CategoryFactory, "colour": ColourFactory, "brand": BrandFactory}


def found(**chosen: list[str]) -> list[str]:
    return list(apply_filters(parse_filters(chosen), Article.objects.all()).values_list("sku", flat=True))


def refused(**chosen: list[str]) -> dict[str, list[Message | str]]:
    with pytest.raises(InvalidRequestError) as refusal:
        found(**chosen)
    return dict(refusal.value.errors)


@pytest.mark.parametrize("name", MAKERS)
def test_a_filter_takes_a_hundred_values_and_no_more(name: str) -> None:
    row = MAKERS[name].create(slug="the-one")
    ArticleFactory.create(sku="a", **({"colours": [row]} if name == "colour" else {name: row}))
    ArticleFactory.create(sku="b")
    most = ["the-one"] * MAX_VALUES

    assert MAX_VALUES == 100
    assert found(**{name: most}) == ["a"]
    assert refused(**{name: [*most, "the-one"]}) == {name: [Message("request.too_many_values", {"limit": 100})]}
    # Empty ones are no values.
    assert found(**{name: [*most, ""]}) == ["a"]


@pytest.mark.parametrize("name", ["price_min", "price_max", "in_stock"])
def test_more_values_are_refused_also_where_one_counts(name: str) -> None:
    assert refused(**{name: ["1"] * (MAX_VALUES + 1)}) == {name: [Message("request.too_many_values", {"limit": 100})]}


@pytest.mark.parametrize(("name", "skus"), [("price_min", ["dear"]), ("price_max", ["cheap", "dear"])])
def test_a_price_is_asked_for_up_to_the_highest_that_the_column_holds(name: str, skus: list[str]) -> None:
    ArticleFactory.create(sku="cheap", price="0.00")
    ArticleFactory.create(sku="dear", price=Decimal(HIGHEST_PRICE))

    assert sorted(found(**{name: [str(HIGHEST_PRICE)]})) == skus
    assert list(refused(**{name: [str(HIGHEST_PRICE + 1)]})) == [name]
    assert list(refused(**{name: [f"{HIGHEST_PRICE}.01"]})) == [name]
    assert list(refused(**{name: ["1" + "0" * 30]})) == [name]


@pytest.mark.parametrize(("name", "skus"), [("price_min", ["cheap", "dear"]), ("price_max", ["cheap"])])
def test_a_price_is_asked_for_from_zero(name: str, skus: list[str]) -> None:
    ArticleFactory.create(sku="cheap", price="0.00")
    ArticleFactory.create(sku="dear", price="10.00")

    assert sorted(found(**{name: ["0"]})) == skus
    assert list(refused(**{name: ["-0.01"]})) == [name]


def test_a_text_that_is_looked_for_has_two_hundred_characters_at_the_most() -> None:
    ArticleFactory.create(sku="a", name="word", description="")
    padded = "word".ljust(QUERY_MAX_CHARACTERS)

    assert QUERY_MAX_CHARACTERS == 200
    assert [article.sku for article in listed(parse_list(QueryDict(f"q={padded}")), Article.objects.all())] == ["a"]
    with pytest.raises(InvalidRequestError) as refusal:
        parse_list(QueryDict(f"q={padded}+"))

    assert refusal.value.errors == {"q": [Message("request.query_too_long", {"limit": 200})]}
