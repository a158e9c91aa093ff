"""Budgets of the filtered search: each step of post- and pre-filtering, and where it switches between them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from visualsearch.index.base import Allowed, Changes, Hit, Space, VectorIds
from visualsearch.index.exact import ExactIndex
from visualsearch.services.retrieval import nearest as rule
from visualsearch.services.retrieval.nearest import ArticleHit, nearest_articles
from visualsearch.vectors import Vectors

QUERY = np.array([1, 0], np.float32)


class Asked(ExactIndex):
    """Photos 1, 2, 3 and so on, ever less alike; notes how many hits were asked for."""

    def __init__(self, photos: int) -> None:
        super().__init__(Space("made", "1", "epoch", 2))
        angles = np.linspace(0, 1, photos)
        vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float16)
        self.replace_all(Changes(1, np.arange(1, photos + 1, dtype=np.int64), vectors, np.empty(0, np.int64)))
        self.limits: list[tuple[int, bool]] = []
        self.filtered: list[bool] = []

    def search(
        self, query: Vectors, *, limit: int, allowed_ids: VectorIds | None = None, allowed: Allowed | None = None
    ) -> list[Hit]:
        self.limits.append((limit, allowed_ids is not None))
        self.filtered.append(allowed is not None)
        return super().search(query, limit=limit, allowed_ids=allowed_ids, allowed=allowed)


def of_one_article(photo_ids: VectorIds) -> dict[int, int]:
    return dict.fromkeys(photo_ids.tolist(), 1)


def test_two_hits_an_article_are_fetched_and_then_four_times_as_many() -> None:
    index = Asked(1_000)

    found = nearest_articles(index, QUERY, limit=2, articles_of=of_one_article)

    assert [hit.article_id for hit in found] == [1]
    assert index.limits == [(limit, False) for limit in (4, 16, 64, 256, 1_024)]


@pytest.mark.parametrize(("photos", "searches"), [(3, 1), (4, 2), (15, 2), (16, 3)])
def test_fewer_hits_than_the_limit_are_all_that_there_are(photos: int, searches: int) -> None:
    index = Asked(photos)

    nearest_articles(index, QUERY, limit=2, articles_of=of_one_article)

    assert len(index.limits) == searches


@pytest.mark.parametrize(("at_least", "looked_through"), [(15, 1), (16, 2), (63, 2), (64, 3)])
def test_photos_that_pass_are_listed_once_enough_hits_were_filtered(
    monkeypatch: pytest.MonkeyPatch, at_least: int, looked_through: int
) -> None:
    """Before the next search would be of more hits than HITS_AT_LEAST."""
    monkeypatch.setattr(rule, "HITS_AT_LEAST", at_least)
    index, listed = Asked(1_000), []

    def photos_at_most(limit: int) -> dict[int, int] | None:
        listed.append(limit)
        return {900: 1, 901: 2}

    found = nearest_articles(index, QUERY, limit=2, articles_of=of_one_article, photos_at_most=photos_at_most)

    assert [hit.article_id for hit in found] == [1, 2]
    hits = [4, 16, 64][:looked_through]
    assert index.limits == [*((limit, False) for limit in hits), (4, True)]
    assert listed == [rule.LISTED_A_HIT * max(hits[-1], at_least)]


@pytest.mark.parametrize(("passing", "scanned"), [(2_000, True), (2_001, False)])
def test_so_many_photos_are_compared_one_by_one_and_no_more(*, passing: int, scanned: bool) -> None:
    index = Asked(4_000)

    def photos_at_most(limit: int) -> dict[int, int] | None:
        return dict.fromkeys(range(1, passing + 1), 1) if passing <= limit else None

    nearest_articles(index, QUERY, limit=70, articles_of=of_one_article, photos_at_most=photos_at_most)

    assert index.limits[:3] == [(140, False), (560, False), (140, True) if scanned else (2_240, False)]


def in_memory(*photos: int) -> Allowed:
    return lambda ids: np.isin(ids, photos)


def themselves(*photos: int) -> Callable[[VectorIds], dict[int, int]]:
    """Return the final say: these photos pass, each an article."""
    return lambda ids: {key: key for key in ids.tolist() if key in photos}


def test_where_memory_says_what_passes_only_that_is_fetched() -> None:
    index = Asked(1_000)

    found = nearest_articles(index, QUERY, limit=2, articles_of=themselves(700, 800, 900), allowed=in_memory(700, 800))

    assert [hit.article_id for hit in found] == [700, 800]
    assert (index.limits, index.filtered) == ([(4, False)], [True])


def test_what_memory_lets_through_is_still_judged() -> None:
    index = Asked(1_000)
    allowed = in_memory(*range(100, 110))

    found = nearest_articles(index, QUERY, limit=2, articles_of=themselves(108, 109), allowed=allowed)

    assert [hit.article_id for hit in found] == [108, 109]
    assert index.limits == [(4, False), (16, False)]


@pytest.mark.parametrize(("most", "searches"), [(2, [(4, False), (4, True)]), (1, [(4, False)] * 2 + [(16, False)])])
def test_where_memory_lets_too_few_through_what_passes_is_listed_or_else_looked_for(
    most: int, searches: list[tuple[int, bool]]
) -> None:
    """Articles that pass since memory was read, by a statement that it does not follow."""
    index, passing = Asked(1_000), {2: 2, 15: 15}

    found = nearest_articles(
        index,
        QUERY,
        limit=2,
        articles_of=themselves(*passing),
        photos_at_most=lambda limit: passing if len(passing) <= most else None,
        allowed=in_memory(15),
    )

    assert [hit.article_id for hit in found] == [2, 15]
    assert index.limits == searches
    assert index.filtered[0] and not any(index.filtered[1:])


def test_an_article_is_as_similar_as_the_best_of_its_photos() -> None:
    hits = [Hit(4, 0.9), Hit(2, 0.8), Hit(5, 0.7), Hit(3, 0.6)]

    best = rule.by_best_view(hits, {4: 1, 2: 2, 5: 1, 3: None})

    assert best == [ArticleHit(1, 0.9), ArticleHit(2, 0.8)]
