"""Searching: from a photo to a query, and from a query to articles."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from django.db.models import F, QuerySet
from django.utils.datastructures import MultiValueDict
from PIL.Image import Image

from catalogue.browsing.filters import FILTER_NAMES, Chosen, matching
from catalogue.browsing.listing import ORDERINGS
from catalogue.models import Article, Category
from catalogue.models.querysets import ArticleQuerySet
from visualsearch.exceptions import ModelUnavailableError, SearchUnavailableError, TokenOutdatedError
from visualsearch.index.base import PhotoIds, VectorIndex
from visualsearch.models import LabelMapping, ModelVersion, PhotoEmbedding
from visualsearch.services.indexing import indexing
from visualsearch.services.rollout import versions
from visualsearch.services.search.nearest import ArticleHit, nearest_articles
from visualsearch.services.search.tokens import PREDICTIONS_KEPT, Query
from visualsearch.vectors import Vectors, normalise, to_int8

# SQLite takes 32,766 values in one query, or 250,000, as it was built.
IDS_AT_ONCE = 10_000
# A search in another order than by likeness orders the nearest alone: what is further looks like something else.
ORDERED_AMONG = 60


@dataclass(frozen=True, slots=True)
class Match:
    """An article that looks like the query, by its best view. `similarity` is the cosine, −1 to 1."""

    article: Article
    similarity: float


@dataclass(frozen=True, slots=True)
class Found:
    """A page of matches, best first. `match` is how near the best of all is: close, weak or none.

    `timings_ms` has "search" (index and filters) and "articles" (their rows).
    """

    matches: list[Match]
    match: str
    more: bool
    timings_ms: dict[str, float] = field(default_factory=dict)


def look_at(photo: Image, version: ModelVersion | None = None) -> Query:
    """Return the query of a photo (upright RGB), as a version sees it; without one, the version that serves.

    Raises SearchUnavailableError if no model can look.
    """
    return look_at_all([photo], version)[0]


def look_at_all(photos: Sequence[Image], version: ModelVersion | None = None) -> list[Query]:
    """Return the queries of several photos, looked at together. Raises as `look_at` does."""
    if not photos:
        return []
    version = version or versions.serving_version()
    model = versions.get_model(version)
    try:
        inferences = model.look(photos)
    except ModelUnavailableError as error:
        raise SearchUnavailableError(error.message) from error
    return [
        Query(
            version=version,
            shape=to_int8(look.shape),
            colour=to_int8(look.colour),
            predictions=look.predictions[:PREDICTIONS_KEPT],
            box=look.box,
            map=look.map,
        )
        for look in inferences
    ]


def find_articles(
    query: Query, *, chosen: Chosen, limit: int = 12, offset: int = 0, emphasis: float = 0.0, ordering: str = ""
) -> Found:
    """Return the published articles that look most like the query and pass the chosen filters.

    `ordering`, one of the catalogue's ORDERINGS, orders the nearest ORDERED_AMONG, and no others are found.

    Raises InvalidRequestError for a filter that makes no sense, TokenOutdatedError for a query whose parts are not as
    long as the version's, SearchUnavailableError if the version cannot search.
    """
    started = time.perf_counter()
    descriptor = versions.get_model(query.version).descriptor
    if (len(query.shape), len(query.colour)) != (descriptor.shape_dimensions, descriptor.colour_dimensions):
        raise TokenOutdatedError("token.expired")
    vector = descriptor.join(*query.parts, emphasis=emphasis)
    index = indexing.fresh_index(query.version)
    wanted = ORDERED_AMONG if ordering else offset + limit + 1
    best = nearest(index, query.version, vector, chosen=chosen, wanted=wanted)
    searched = time.perf_counter()
    # Before they are ordered, the nearest is the first.
    match = descriptor.match(best[0].similarity) if best else "none"
    best = ordered(best, ordering) if ordering else best
    matches = with_articles(best[offset : offset + limit])
    done = time.perf_counter()
    return Found(
        matches=matches,
        match=match,
        more=len(best) > offset + limit,
        timings_ms={"search": (searched - started) * 1000, "articles": (done - searched) * 1000},
    )


def similar_articles(article: Article, *, limit: int = 12) -> list[Match]:
    """Return the published articles that look most like another one's first photo that can be found."""
    version = versions.serving_version()
    row = PhotoEmbedding.objects.filter(model_version=version, photo__article=article)
    vector = row.order_by("photo__position", "photo_id").values_list("vector", flat=True).first()
    if vector is None:
        return []
    query = normalise(np.frombuffer(bytes(vector), "<f2").astype(np.float32))
    index = indexing.fresh_index(version)
    best = nearest(index, version, query, chosen=MultiValueDict(), wanted=limit + 1)
    return with_articles([hit for hit in best if hit.article_id != article.pk][:limit])


def nearest_of_all(version: ModelVersion, vector: Vectors, *, wanted: int) -> list[Match]:
    """Return the articles nearest to a vector, hidden ones as well: what staff see, never shoppers."""
    index = indexing.fresh_index(version)
    best = nearest(index, version, vector, chosen=MultiValueDict(), wanted=wanted, base_queryset=Article.objects.all())
    return with_articles(best, Article.objects.all())


def category_slugs(labels: Iterable[str]) -> dict[str, str | None]:
    """Return the shop's category for each label of a model: as mapped in the admin, else the one of an equal slug."""
    wanted = list(labels)
    slugs: dict[str, str | None] = dict.fromkeys(wanted)
    slugs |= {slug: slug for slug in Category.objects.filter(slug__in=wanted).values_list("slug", flat=True)}
    mapped = LabelMapping.objects.filter(label__in=wanted).values_list("label", "category__slug")
    return slugs | dict(mapped)


def nearest(
    index: VectorIndex,
    version: ModelVersion,
    vector: Vectors,
    *,
    chosen: Chosen,
    wanted: int,
    base_queryset: ArticleQuerySet | None = None,
) -> list[ArticleHit]:
    """Return up to `wanted` articles that pass the filters, best first, each by its best view.

    They are published ones, unless another set is given as `everything`.
    """
    allowed = Article.objects.published() if base_queryset is None else base_queryset
    filtered = any(name in chosen for name in FILTER_NAMES)
    if filtered:
        allowed = matching(chosen, allowed)

    def articles_of(photo_ids: PhotoIds) -> dict[int, int]:
        found: dict[int, int] = {}
        for start in range(0, len(photo_ids), IDS_AT_ONCE):
            found |= dict(shown_photos(version, allowed, photo_ids[start : start + IDS_AT_ONCE].tolist()))
        return found

    def photos_at_most(limit: int) -> dict[int, int] | None:
        photos = visible_photos(version, allowed).values_list("photo_id", "photo__article_id")[: limit + 1]
        return None if len(photos) > limit else dict(photos)

    return nearest_articles(
        index, vector, wanted=wanted, articles_of=articles_of, photos_at_most=photos_at_most if filtered else None
    )


def shown_photos(
    version: ModelVersion, allowed: ArticleQuerySet, photo_ids: list[int]
) -> QuerySet[Article, tuple[int, int]]:
    """Return those of the photos that may be shown, each with its article.

    Joined, and led by the photos: `visible_photos` lists the allowed articles first, which takes half a second where
    100,000 are.
    """
    # Of the bytes that the photo has now.
    of_these = allowed.order_by().filter(
        photos__in=photo_ids,
        photos__embeddings__model_version=version,
        photos__embeddings__photo_sha256=F("photos__sha256"),
    )
    return of_these.values_list("photos__id", "pk")


def visible_photos(version: ModelVersion, allowed: ArticleQuerySet) -> QuerySet[PhotoEmbedding]:
    """Return the vectors that may be found: of allowed articles, and of the bytes that the photo has now."""
    return PhotoEmbedding.objects.filter(
        model_version=version, photo_sha256=F("photo__sha256"), photo__article__in=allowed
    )


def ordered(hits: Sequence[ArticleHit], ordering: str) -> list[ArticleHit]:
    """Return the hits in one of the catalogue's orders."""
    by_article = {hit.article_id: hit for hit in hits}
    keys = Article.objects.filter(pk__in=by_article).order_by(*ORDERINGS[ordering]).values_list("pk", flat=True)
    return [by_article[key] for key in keys]


def with_articles(hits: Sequence[ArticleHit], base_queryset: ArticleQuerySet | None = None) -> list[Match]:
    """Return the hits with their articles' rows, in a fixed number of queries. One that is gone by now is left out."""
    allowed = Article.objects.published() if base_queryset is None else base_queryset
    articles = allowed.for_display().in_bulk([hit.article_id for hit in hits])
    return [Match(articles[hit.article_id], hit.similarity) for hit in hits if hit.article_id in articles]


def shown_articles(article_ids: Iterable[int]) -> dict[int, Article]:
    """Return those of the articles that are published, by their ids."""
    return Article.objects.published().for_display().in_bulk(list(article_ids))
