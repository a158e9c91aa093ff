"""Filtered nearest-neighbour search over articles, independent of the database.

Where an array in memory says which vectors may pass, they are searched inside the index, and whoever asks has the
final say on each hit. What the array leaves out is found by listing the photos that pass, where it leaves too little.

Without such an array there are two strategies. Post-filtering fetches more and more hits of the whole index until
enough pass the filter: cheap if many pass. Pre-filtering lists the photos that pass and scans exactly those: cheap if
few pass. Which one is cheaper depends on the filter's selectivity and on how similar the passing photos are to the
query; neither is known beforehand. So both are tried alternately with growing budgets, and the total work is a small
multiple of the cheaper strategy's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from visualsearch.index.base import Allowed, Hit, VectorIds, VectorIndex
from visualsearch.vectors import Vectors

# Hits fetched first per article, since an article has several photos; and the factor of each further attempt. A hit
# costs 10 µs, half of it in the index: too many at first cost more than a second attempt.
HITS_AN_ARTICLE = 2
MORE = 4
# Hits that are filtered before the photos that pass are listed.
HITS_AT_LEAST = 1_000
# Photos that may be listed per hit: listing one takes 8 µs, filtering a hit 14 µs (SQLite, 100,000 articles with
# 232,000 photos).
LISTED_A_HIT = 2

# Maps those of the photos that may be shown to their articles.
ArticlesOf = Callable[[VectorIds], Mapping[int, int]]
# Maps all photos that may be shown to their articles; None if they are more than the limit.
PhotosAtMost = Callable[[int], Mapping[int, int] | None]


@dataclass(frozen=True, slots=True)
class ArticleHit:
    """An article with the similarity of its best photo, −1 to 1."""

    article_id: int
    similarity: float


def nearest_articles(
    index: VectorIndex,
    query: Vectors,
    *,
    limit: int,
    articles_of: ArticlesOf,
    photos_at_most: PhotosAtMost | None = None,
    allowed: Allowed | None = None,
    vectors_a_photo: int = 1,
) -> list[ArticleHit]:
    """Return the `limit` articles nearest to the query, best first, each once by the best vector of its best photo.

    Fewer only if there are no more. `allowed` says which vectors may pass, as far as memory knows. Without
    `photos_at_most` nothing is listed, for filters that nearly everything passes. A vector's id is its photo's times
    `vectors_a_photo`, plus its place.
    """
    # The article of every photo fetched so far, None for one that may not be shown.
    looked_up: dict[int, int | None] = {}
    depth = limit * HITS_AN_ARTICLE
    while True:
        hits = index.search(query, limit=depth, allowed=allowed)
        photos = dict.fromkeys(hit.vector_id // vectors_a_photo for hit in hits)
        new = np.array([photo_id for photo_id in photos if photo_id not in looked_up], np.int64)
        looked_up |= dict.fromkeys(new.tolist()) | dict(articles_of(new))
        best = by_best_view(hits, looked_up, vectors_a_photo)
        exhausted = len(hits) < depth
        if len(best) >= limit or (exhausted and allowed is None):
            return best[:limit]
        if photos_at_most is not None and (exhausted or depth * MORE > HITS_AT_LEAST):
            few = photos_at_most(LISTED_A_HIT * max(depth, HITS_AT_LEAST))
            if few is not None:
                return scan(index, query, few, limit=limit, vectors_a_photo=vectors_a_photo)
        if exhausted:
            # More pass than memory knows of.
            allowed = None
        else:
            depth *= MORE


def scan(
    index: VectorIndex, query: Vectors, article_of: Mapping[int, int], *, limit: int, vectors_a_photo: int = 1
) -> list[ArticleHit]:
    """Return the `limit` nearest articles of these photos, by an exact search among them."""
    photo_ids = np.array(sorted(article_of), np.int64)
    allowed_ids = (photo_ids[:, np.newaxis] * vectors_a_photo + np.arange(vectors_a_photo)).reshape(-1)
    depth = limit * HITS_AN_ARTICLE * vectors_a_photo
    while True:
        hits = index.search(query, limit=depth, allowed_ids=allowed_ids)
        best = by_best_view(hits, article_of, vectors_a_photo)
        if len(best) >= limit or len(hits) < depth:
            return best[:limit]
        depth *= MORE


def by_best_view(
    hits: Sequence[Hit], article_of: Mapping[int, int | None], vectors_a_photo: int = 1
) -> list[ArticleHit]:
    """Return the articles of the hits, which are sorted best first, each once with its best vector's similarity."""
    best: dict[int, float] = {}
    for hit in hits:
        article_id = article_of.get(hit.vector_id // vectors_a_photo)
        if article_id is not None:
            # The product of the same photo with a query's rounded numbers may be a little more.
            best.setdefault(article_id, min(hit.similarity, 1.0))
    return [ArticleHit(article_id, similarity) for article_id, similarity in best.items()]
