"""Filters inside the index, from what a process knows of articles and photos: what changed since, and who decides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db.models.query import QuerySet

from catalogue.browsing.filters import parse_filters
from catalogue.models import Article, Photo
from tests.factories import BrandFactory
from tests.visualsearch.catalogue import found_article, query_for
from visualsearch.services.retrieval import articles
from visualsearch.services.retrieval.engine import Engine

pytestmark = [pytest.mark.django_db, pytest.mark.database]

RED, CRIMSON, BLUE = "#b00020", "#a80020", "#1f3a5f"


@pytest.fixture(autouse=True)
def _inside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have nothing listed by a statement that the index finds by itself."""
    monkeypatch.setattr(articles, "FEW_ARTICLES", 0)


def found(limit: int = 1, **filters: str) -> list[Article]:
    engine, query = Engine.serving(), query_for(RED)
    hits = articles.nearest(engine, engine.vector_of(query), limit=limit, filters=parse_filters(filters))
    return [Article.objects.get(pk=hit.article_id) for hit in hits]


def saved(article: Article, **values: Any) -> None:
    for name, value in values.items():
        setattr(article, name, value)
    article.save()


def past_models(article: Article, **values: Any) -> None:
    QuerySet(Article).filter(pk=article.pk).update(**values)


CHANGES: dict[str, Callable[[Article], Any]] = {
    "saved": lambda article: saved(article, price="90.00"),
    "by a bulk update": lambda article: Article.objects.filter(pk=article.pk).update(price="90.00"),
    "past the models": lambda article: past_models(article, price="90.00"),
    "hidden": lambda article: Article.objects.filter(pk=article.pk).update(published=False),
    "deleted": lambda article: article.delete(),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_passes_no_longer_is_found_no_longer(change: Callable[[Article], Any]) -> None:
    red, crimson, blue = (found_article(colour, price="10.00") for colour in (RED, CRIMSON, BLUE))
    assert found(price_max="50") == [red]

    change(red)

    assert found(price_max="50") == [crimson]
    assert found(3, price_max="50") == [crimson, blue]


def test_what_passes_since_is_found() -> None:
    red, crimson = found_article(RED, price="90.00"), found_article(CRIMSON, price="10.00")
    assert found(price_max="50") == [crimson]

    Article.objects.filter(pk=red.pk).update(price="10.00")

    assert found(price_max="50") == [red]


def test_what_passes_since_by_a_statement_past_the_models_is_found_where_too_few_are() -> None:
    red, crimson = found_article(RED, price="90.00"), found_article(CRIMSON, price="10.00")
    assert found(2, price_max="50") == [crimson]

    past_models(red, price="10.00")

    assert found(2, price_max="50") == [red, crimson]


@pytest.mark.parametrize("manager", [Photo.objects, QuerySet(Photo)], ids=["followed", "past the models"])
def test_a_photo_is_judged_by_the_article_that_it_is_of_now(manager: Any) -> None:
    cheap, dear = found_article(RED, price="10.00"), found_article(BLUE, price="90.00")
    assert found(price_min="50") == [dear]

    manager.filter(article=cheap).update(article=dear)

    assert found(price_max="50") == []
    assert found(price_min="50") == [dear]


def test_the_other_articles_photo_counts_after_it_was_moved() -> None:
    brand, other = BrandFactory.create(slug="one"), BrandFactory.create(slug="other")
    red, blue = found_article(RED, brand=other), found_article(BLUE, brand=brand)
    crimson = found_article(CRIMSON, brand=brand)
    assert found(brand="one") == [crimson]

    Photo.objects.filter(article=red).update(article=blue)

    assert found(brand="one") == [blue]


def test_a_photo_that_no_history_tells_of_is_found() -> None:
    red = found_article(RED, price="10.00")
    assert found(price_max="50") == [red]
    crimson, moved = found_article(BLUE, price="10.00"), found_article(CRIMSON, price="10.00")

    QuerySet(Photo).filter(article=moved).update(article=crimson)

    assert set(found(3, price_max="50")) == {red, crimson}
