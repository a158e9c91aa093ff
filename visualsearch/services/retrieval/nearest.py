"""Filtered nearest-neighbour search over articles, independent of the database.

There are two strategies. Post-filtering fetches more and more hits of the whole index until enough pass the filter:
cheap if many pass. Pre-filtering lists the photos that pass and scans exactly those: cheap if few pass. Which one is
cheaper depends on the filter's selectivity and on how similar the passing photos are to the query; neither is known
beforehand. So both are tried alternately with growing budgets, and the total work is a small multiple of the cheaper
strategy's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from visualsearch.index.base import Hit, PhotoIds, VectorIndex
from visualsearch.vectors import Vectors

# Hits fetched first per article, since an article has several photos; and the factor of each further attempt.
HITS_AN_ARTICLE = 4
MORE = 4
# Hits that are filtered before the photos that pass are listed.
HITS_AT_LEAST = 1_000
# Photos that may be listed per hit: listing one takes 8 µs, filtering a hit 14 µs (SQLite, 100,000 articles with
# 232,000 photos).
LISTED_A_HIT = 2

# Maps those of the photos that may be shown to their articles.
ArticlesOf = Callable[[PhotoIds], Mapping[int, int]]
# Maps all photos that may be shown to their articles; None if they are more than the limit.
PhotosAtMost = Callable[[int], Mapping[int, int] | None]


@dataclass(frozen=True, slots=True)
class ArticleHit:
    """An article with the similarity of its best photo: the cosine, −1 to 1."""

    article_id: int
    similarity: float


def nearest_articles(
    index: VectorIndex,
    query: Vectors,
    *,
    limit: int,
    articles_of: ArticlesOf,
    photos_at_most: PhotosAtMost | None = None,
) -> list[ArticleHit]:
    """Return the `limit` articles nearest to the query, best first, each once by its best photo.

    Fewer only if there are no more. Without `photos_at_most` only post-filtering is used, for filters that nearly
    everything passes.
    """
    # The article of every hit fetched so far, None for one that may not be shown.
    looked_up: dict[int, int | None] = {}
    depth = limit * HITS_AN_ARTICLE
    while True:
        hits = index.search(query, limit=depth)
        new = np.array([hit.photo_id for hit in hits if hit.photo_id not in looked_up], np.int64)
        looked_up |= dict.fromkeys(new.tolist()) | dict(articles_of(new))
        best = by_best_view(hits, looked_up)
        if len(best) >= limit or len(hits) < depth:
            return best[:limit]
        if photos_at_most is not None and depth * MORE > HITS_AT_LEAST:
            few = photos_at_most(LISTED_A_HIT * max(depth, HITS_AT_LEAST))
            if few is not None:
                return scan(index, query, few, limit=limit)
        depth *= MORE


def scan(index: VectorIndex, query: Vectors, article_of: Mapping[int, int], *, limit: int) -> list[ArticleHit]:
    """Return the `limit` nearest articles of these photos, by an exact search among them."""
    allowed_ids = np.array(sorted(article_of), np.int64)
    depth = limit * HITS_AN_ARTICLE
    while True:
        hits = index.search(query, limit=depth, allowed_ids=allowed_ids)
        best = by_best_view(hits, article_of)
        if len(best) >= limit or len(hits) < depth:
            return best[:limit]
        depth *= MORE


def by_best_view(hits: Sequence[Hit], article_of: Mapping[int, int | None]) -> list[ArticleHit]:
    """Return the articles of the hits, which are sorted best first, each once with its best photo's similarity."""
    best: dict[int, float] = {}
    for hit in hits:
        article_id = article_of.get(hit.photo_id)
        if article_id is not None:
            best.setdefault(article_id, hit.similarity)
    return [ArticleHit(article_id, similarity) for article_id, similarity in best.items()]
