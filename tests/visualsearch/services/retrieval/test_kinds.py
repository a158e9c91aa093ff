"""Ranking by kind: what it changes, and what it leaves."""

from __future__ import annotations

from dataclasses import replace

import pytest

from catalogue.models import Article, Category
from tests.factories import ArticleFactory, CategoryFactory
from tests.visualsearch.catalogue import find, found_article, query_for
from visualsearch.inference.descriptor import Settings
from visualsearch.inference.ranking import order_by_kind
from visualsearch.inference.types import Prediction
from visualsearch.services.retrieval import kinds
from visualsearch.services.retrieval.kinds import rank_by_kind
from visualsearch.services.retrieval.nearest import ArticleHit

pytestmark = [pytest.mark.django_db, pytest.mark.database]

SETTINGS = Settings(
    size=224,
    framing="letterbox",
    parts=(),
    shape_weight=1.0,
    colour_weight=1.0,
    close=0.6,
    weak=0.5,
    temperature=1.0,
    kind_bonus=0.4,
    standing_out=0.2,
)


def hits(*similarities: float) -> tuple[list[Article], list[ArticleHit]]:
    articles = [ArticleFactory.create() for _ in similarities]
    return articles, [ArticleHit(article.pk, one) for article, one in zip(articles, similarities, strict=True)]


@pytest.fixture
def hats() -> Category:
    return CategoryFactory.create(slug="hat")


def places(ranked: list[ArticleHit], articles: list[Article]) -> list[int]:
    return [[article.pk for article in articles].index(hit.article_id) for hit in ranked]


def test_articles_of_the_likely_kind_come_before_others_as_similar(hats: Category) -> None:
    articles, near = hits(0.6, 0.59, 0.5, 0.3)
    Article.objects.filter(pk__in=[articles[2].pk, articles[3].pk]).update(category=hats)

    ranked, kind = rank_by_kind(near, {hats: 0.9}, SETTINGS)

    # .86 and .66 with the bonus of .36: the nearest gains .05 of it in standing out by .01.
    assert (places(ranked, articles), kind) == ([2, 3, 0, 1], hats)
    assert [hit.similarity for hit in ranked] == [0.5, 0.3, 0.6, 0.59]


def test_an_unlikely_kind_moves_little(hats: Category) -> None:
    articles, near = hits(0.6, 0.59, 0.5)
    Article.objects.filter(pk=articles[2].pk).update(category=hats)

    assert places(rank_by_kind(near, {hats: 0.2}, SETTINGS)[0], articles) == [0, 1, 2]


def test_what_stands_out_stays_first(hats: Category) -> None:
    articles, near = hits(0.8, 0.6, 0.5)
    Article.objects.filter(pk=articles[1].pk).update(category=hats)

    assert places(rank_by_kind(near, {hats: 1.0}, SETTINGS)[0], articles) == [0, 1, 2]
    closer = [replace(near[0], similarity=0.62), *near[1:]]
    assert places(rank_by_kind(closer, {hats: 1.0}, SETTINGS)[0], articles) == [1, 0, 2]


def test_a_kind_counts_for_categories_below_it_and_for_further_ones(hats: Category) -> None:
    articles, near = hits(0.6, 0.59, 0.5, 0.4)
    Article.objects.filter(pk=articles[3].pk).update(category=CategoryFactory.create(slug="berets", parent=hats))
    articles[2].additional_categories.add(hats)

    assert places(rank_by_kind(near, {hats: 1.0}, SETTINGS)[0], articles) == [2, 3, 0, 1]


def test_the_kind_that_is_named_is_one_of_which_there_are_articles(hats: Category) -> None:
    articles, near = hits(0.6, 0.59)
    Article.objects.filter(pk=articles[1].pk).update(category=hats)

    assert rank_by_kind(near, {hats: 0.3, CategoryFactory.create(slug="shoes"): 0.7}, SETTINGS)[1] == hats


@pytest.mark.parametrize("chances", [{}, {"elsewhere": 1.0}])
def test_without_articles_of_a_kind_the_nearest_are_first(chances: dict[str, float]) -> None:
    articles, near = hits(0.6, 0.5)
    known = {CategoryFactory.create(slug=slug): chance for slug, chance in chances.items()}

    ranked, kind = rank_by_kind(near, known, SETTINGS)

    assert (places(ranked, articles), kind) == ([0, 1], None)


def test_so_many_of_the_nearest_are_ranked(hats: Category, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds, "RANKED_AMONG", 2)
    articles, near = hits(0.6, 0.59, 0.58)
    Article.objects.filter(pk__in=[articles[1].pk, articles[2].pk]).update(category=hats)

    assert places(rank_by_kind(near, {hats: 1.0}, SETTINGS)[0], articles) == [1, 0, 2]


def test_descriptors_of_before_rank_by_similarity_alone(hats: Category) -> None:
    articles, near = hits(0.6, 0.59)
    Article.objects.filter(pk=articles[1].pk).update(category=hats)

    assert places(rank_by_kind(near, {hats: 1.0}, replace(SETTINGS, kind_bonus=0.0))[0], articles) == [0, 1]


def test_those_that_are_level_keep_their_order() -> None:
    assert order_by_kind([0.5, 0.5, 0.5], [0.0, 0.0, 0.0], SETTINGS) == [0, 1, 2]


def test_a_search_puts_the_kind_first_unless_told_otherwise_and_its_pages_agree() -> None:
    """Reds of another kind look more like the photo than blues of the photo's kind."""
    kind, other = CategoryFactory.create(slug="dress"), CategoryFactory.create(slug="hat")
    reds = [found_article(colour, category=other) for colour in ("#b00020", "#a80020")]
    blue = found_article("#1f3a5f", category=kind)
    query = query_for("#b00020")
    query = replace(query, garments=(replace(query.garment, predictions=(Prediction("dress", "Dress", 1.0),)),))

    preferred, plain = find(query), find(query, kind_first=False)

    assert (preferred.matches[0].article, preferred.kind) == (blue, kind)
    assert ([match.article for match in plain.matches], plain.kind) == ([*reds, blue], None)
    assert preferred.match == plain.match
    pages = [find(query, limit=1, offset=offset).matches[0].article for offset in range(3)]
    assert pages == [match.article for match in preferred.matches]
