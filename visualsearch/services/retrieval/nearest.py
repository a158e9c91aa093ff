"""The rule by which the nearest articles are found among those that may be shown. It knows no database.

There are two ways past a filter. One asks the whole index for ever more hits until enough of them pass: short where
much passes. The other lists the photos that pass and scans exactly those: short where little does. Which it is depends
on the filter, and on whether what passes looks like the query at all; neither is known beforehand. So both are tried in
turn, each time a few times further, and whatever the filter is, the work is a small multiple of the shorter way's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from visualsearch.index.base import Hit, PhotoIds, VectorIndex
from visualsearch.vectors import Vectors

# Hits asked for at first for each article wanted, since an article has several photos; then so many times more.
HITS_AN_ARTICLE = 4
MORE = 4
# Up to so many hits are looked through before the photos that pass are listed.
HITS_AT_LEAST = 1_000
# Listing a photo takes 8 µs, looking a hit up 14 µs (SQLite, 100,000 articles with 232,000 photos).
LISTED_A_HIT = 2

# The article of each of these photos that may be shown; the others are left out.
ArticlesOf = Callable[[PhotoIds], Mapping[int, int]]
# All photos that may be shown, each with its article, or None if there are more than so many.
PhotosAtMost = Callable[[int], Mapping[int, int] | None]


@dataclass(frozen=True, slots=True)
class ArticleHit:
    """An article by the best of its photos."""

    article_id: int
    similarity: float


def nearest_articles(
    index: VectorIndex,
    query: Vectors,
    *,
    wanted: int,
    articles_of: ArticlesOf,
    photos_at_most: PhotosAtMost | None = None,
) -> list[ArticleHit]:
    """Return the `wanted` articles nearest to the query, best first, each once by its best view.

    Fewer only if there are no more. Without `photos_at_most` it is taken that nearly everything may be shown.
    """
    # The article of every hit looked at so far, None for one that may not be shown.
    looked_up: dict[int, int | None] = {}
    limit = wanted * HITS_AN_ARTICLE
    while True:
        hits = index.search(query, limit=limit)
        new = np.array([hit.photo_id for hit in hits if hit.photo_id not in looked_up], np.int64)
        looked_up |= dict.fromkeys(new.tolist()) | dict(articles_of(new))
        best = by_best_view(hits, looked_up)
        if len(best) >= wanted or len(hits) < limit:
            return best[:wanted]
        if photos_at_most is not None and limit * MORE > HITS_AT_LEAST:
            few = photos_at_most(LISTED_A_HIT * max(limit, HITS_AT_LEAST))
            if few is not None:
                return scan(index, query, few, wanted=wanted)
        limit *= MORE


def scan(index: VectorIndex, query: Vectors, article_of: Mapping[int, int], *, wanted: int) -> list[ArticleHit]:
    """Return the `wanted` nearest articles of these photos, by comparing the query with each of them."""
    allowed_ids = np.array(sorted(article_of), np.int64)
    limit = wanted * HITS_AN_ARTICLE
    while True:
        hits = index.search(query, limit=limit, allowed_ids=allowed_ids)
        best = by_best_view(hits, article_of)
        if len(best) >= wanted or len(hits) < limit:
            return best[:wanted]
        limit *= MORE


def by_best_view(hits: Sequence[Hit], article_of: Mapping[int, int | None]) -> list[ArticleHit]:
    """Return the articles of the hits, which come best first, each once."""
    best: dict[int, float] = {}
    for hit in hits:
        article_id = article_of.get(hit.photo_id)
        if article_id is not None:
            best.setdefault(article_id, hit.similarity)
    return [ArticleHit(article_id, similarity) for article_id, similarity in best.items()]
