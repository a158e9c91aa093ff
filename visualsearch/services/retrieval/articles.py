"""Retrieval of articles: filtered nearest-neighbour search, ordering, pagination, and the articles' rows."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from django.db.models import F, QuerySet

from catalogue.browsing.filters import NO_FILTERS, ArticleFilters, apply_filters
from catalogue.browsing.listing import order_terms
from catalogue.models import Article, Category
from catalogue.models.querysets import ArticleQuerySet
from visualsearch.index.base import PhotoIds
from visualsearch.models import LabelMapping, ModelVersion, PhotoEmbedding
from visualsearch.services.retrieval.engine import Engine
from visualsearch.services.retrieval.nearest import ArticleHit, nearest_articles
from visualsearch.services.retrieval.options import DEFAULTS, SearchOptions
from visualsearch.services.retrieval.tokens import Query
from visualsearch.vectors import Vectors, normalise

# Below SQLite's limit of parameters of one statement: 32,766 or 250,000, depending on its build.
IDS_AT_ONCE = 10_000
# Orders other than by similarity apply to the nearest articles only: further ones are not similar.
ORDERED_AMONG = 60


@dataclass(frozen=True, slots=True)
class Match:
    """An article with the similarity of its best photo to the query: the cosine, −1 to 1."""

    article: Article
    similarity: float


@dataclass(frozen=True, slots=True)
class SearchPage:
    """A page of matches, best first. `match` is the strength of the best of all: close, weak or none.

    `timings_ms` has "search" (index and filters) and "articles" (loading their rows).
    """

    matches: list[Match]
    match: str
    more: bool
    timings_ms: dict[str, float] = field(default_factory=dict)


def find_articles(
    engine: Engine,
    query: Query,
    options: SearchOptions = DEFAULTS,
    *,
    base_queryset: ArticleQuerySet | None = None,
) -> SearchPage:
    """Return the published articles that are most similar to the query and pass the filters.

    `engine` is that of the query's version. With an ordering other than similarity, only the nearest ORDERED_AMONG are
    ordered and returned. `base_queryset` replaces the published articles, for staff.

    Raises TokenOutdatedError for a query whose parts are not as long as the version's, SearchUnavailableError if the
    version cannot search.
    """
    started = time.perf_counter()
    vector = engine.vector_of(query, emphasis=options.emphasis)
    end = options.offset + options.limit
    limit = ORDERED_AMONG if options.ordering else end + 1
    best = nearest(engine, vector, filters=options.filters, limit=limit, base_queryset=base_queryset)
    searched = time.perf_counter()
    # Computed before reordering, while the nearest is the first.
    match = engine.model.descriptor.match(best[0].similarity) if best else "none"
    best = ordered(best, options.ordering) if options.ordering else best
    matches = with_articles(best[options.offset : end], base_queryset)
    done = time.perf_counter()
    return SearchPage(
        matches=matches,
        match=match,
        more=len(best) > end,
        timings_ms={"search": (searched - started) * 1000, "articles": (done - searched) * 1000},
    )


def similar_articles(engine: Engine, article: Article, *, limit: int = 12) -> list[Match]:
    """Return the published articles most similar to an article's first indexed photo; empty if it has none."""
    row = PhotoEmbedding.objects.filter(model_version=engine.version, photo__article=article)
    vector = row.order_by("photo__position", "photo_id").values_list("vector", flat=True).first()
    if vector is None:
        return []
    query = normalise(np.frombuffer(bytes(vector), "<f2").astype(np.float32))
    best = nearest(engine, query, limit=limit + 1)
    return with_articles([hit for hit in best if hit.article_id != article.pk][:limit])


def categories_of(labels: Iterable[str]) -> dict[str, Category | None]:
    """Return the shop's category of each label of a model: as mapped in the admin, else the one with an equal slug."""
    names = list(labels)
    categories: dict[str, Category | None] = dict.fromkeys(names)
    categories |= {row.slug: row for row in Category.objects.filter(slug__in=names)}
    mapped = LabelMapping.objects.filter(label__in=names).select_related("category")
    return categories | {mapping.label: mapping.category for mapping in mapped}


def nearest(
    engine: Engine,
    vector: Vectors,
    *,
    limit: int,
    filters: ArticleFilters = NO_FILTERS,
    base_queryset: ArticleQuerySet | None = None,
) -> list[ArticleHit]:
    """Return up to `limit` articles that pass the filters, best first, each once by its best photo.

    They are of `base_queryset`, by default the published articles.
    """
    version = engine.version
    filtered = filters != NO_FILTERS
    allowed = apply_filters(filters, Article.objects.published() if base_queryset is None else base_queryset)

    def articles_of(photo_ids: PhotoIds) -> dict[int, int]:
        article_of: dict[int, int] = {}
        for start in range(0, len(photo_ids), IDS_AT_ONCE):
            article_of |= dict(shown_photos(version, allowed, photo_ids[start : start + IDS_AT_ONCE].tolist()))
        return article_of

    def photos_at_most(most: int) -> dict[int, int] | None:
        photos = visible_photos(version, allowed).values_list("photo_id", "photo__article_id")[: most + 1]
        return None if len(photos) > most else dict(photos)

    return nearest_articles(
        engine.index,
        vector,
        limit=limit,
        articles_of=articles_of,
        photos_at_most=photos_at_most if filtered else None,
    )


def shown_photos(
    version: ModelVersion, allowed: ArticleQuerySet, photo_ids: list[int]
) -> QuerySet[Article, tuple[int, int]]:
    """Return those of the photos that may be shown, each with its article: (photo id, article id).

    A join that starts from the photos. `visible_photos` lists the allowed articles first, which takes half a second
    for 100,000.
    """
    # The digest excludes vectors of a replaced file.
    of_these = allowed.order_by().filter(
        photos__in=photo_ids,
        photos__embeddings__model_version=version,
        photos__embeddings__photo_sha256=F("photos__sha256"),
    )
    return of_these.values_list("photos__id", "pk")


def visible_photos(version: ModelVersion, allowed: ArticleQuerySet) -> QuerySet[PhotoEmbedding]:
    """Return the embeddings of allowed articles' photos, without those of a replaced file."""
    return PhotoEmbedding.objects.filter(
        model_version=version, photo_sha256=F("photo__sha256"), photo__article__in=allowed
    )


def ordered(hits: Sequence[ArticleHit], ordering: str) -> list[ArticleHit]:
    """Return the hits in one of catalogue.browsing.listing.ORDERINGS."""
    by_article = {hit.article_id: hit for hit in hits}
    terms = order_terms(ordering, any_articles=True)
    keys = Article.objects.filter(pk__in=by_article).order_by(*terms).values_list("pk", flat=True)
    return [by_article[key] for key in keys]


def with_articles(hits: Sequence[ArticleHit], base_queryset: ArticleQuerySet | None = None) -> list[Match]:
    """Return the hits with their articles' rows, in a fixed number of queries, without articles deleted meanwhile."""
    allowed = Article.objects.published() if base_queryset is None else base_queryset
    articles = allowed.for_display().in_bulk([hit.article_id for hit in hits])
    return [Match(articles[hit.article_id], hit.similarity) for hit in hits if hit.article_id in articles]


def shown_articles(article_ids: Iterable[int]) -> dict[int, Article]:
    """Return those of the articles that are published, by their ids."""
    return Article.objects.published().for_display().in_bulk(list(article_ids))
