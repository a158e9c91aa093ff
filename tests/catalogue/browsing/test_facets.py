"""The counts beside the filters, against lists that the choices lead to."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from catalogue.browsing.facets import Facets, count_facets
from catalogue.browsing.filters import apply_filters, parse_filters
from catalogue.browsing.offers import published_offer
from catalogue.models import Article, Brand, Category, Colour
from catalogue.models.querysets import ArticleQuerySet
from tests.factories import ArticleFactory, stock_small_shop

pytestmark = [pytest.mark.django_db, pytest.mark.database]

CHOSEN = [
    "",
    "colour=red",
    "colour=red&colour=blue",
    "category=shirt&colour=blue",
    "category=dress",
    "price_min=20",
    "category=tops&category=dress&brand=nord",
    "price_min=20&in_stock=true",
    "price_max=40&brand=claire&colour=blue&category=tops&in_stock=true",
    "colour=unused&brand=claire",
]


def counts(facets: Facets) -> dict[str, dict[str, int]]:
    named: dict[str, list[Any]] = {"category": facets.categories, "colour": facets.colours, "brand": facets.brands}
    return {name: {one.row.slug: one.count for one in every} for name, every in named.items()}


def size_of(articles: ArticleQuerySet) -> int:
    return len({article.pk for article in articles})


@pytest.mark.parametrize("query", CHOSEN)
def test_a_choice_counts_the_articles_of_the_list_that_it_leads_to(query: str) -> None:
    stock_small_shop()
    ArticleFactory.create(published=False, category=Category.objects.get(slug="shirt"))
    published = Article.objects.published()

    facets = count_facets(parse_filters(QueryDict(query)), published_offer())

    for name, model in (("category", Category), ("colour", Colour), ("brand", Brand)):
        lists = {}
        for row in model.objects.all():
            chosen = QueryDict(query, mutable=True)
            chosen.setlist(name, [row.slug])
            lists[row.slug] = size_of(apply_filters(parse_filters(chosen), published))
        in_force = QueryDict(query).getlist(name)
        assert counts(facets)[name] == {slug: n for slug, n in lists.items() if n or slug in in_force}
    chosen = QueryDict(query, mutable=True)
    chosen["in_stock"] = "true"
    assert facets.in_stock == size_of(apply_filters(parse_filters(chosen), published))
    chosen = QueryDict(query, mutable=True)
    chosen.setlist("price_min", [])
    chosen.setlist("price_max", [])
    prices = [article.price for article in apply_filters(parse_filters(chosen), published) if article.price is not None]
    assert (facets.price_min, facets.price_max) == (min(prices, default=None), max(prices, default=None))


@pytest.mark.parametrize(("query", "at_most"), [("", 13), ("colour=red&brand=nord&category=tops&in_stock=true", 20)])
def test_counting_takes_as_many_queries_for_many_articles_as_for_few(query: str, at_most: int) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            count_facets(parse_filters(QueryDict(query)), published_offer())
        return len(captured)

    stock_small_shop()
    of_few = queries()
    ArticleFactory.create_batch(20)

    assert queries() == of_few
    assert of_few <= at_most
