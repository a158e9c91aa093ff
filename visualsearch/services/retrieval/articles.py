"""Retrieval of articles: filtered nearest-neighbour search, ordering, pagination, and the articles' rows."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from django.db.models import F, QuerySet

from catalogue.browsing.displayed import displayed_articles
from catalogue.browsing.filters import NO_FILTERS, ArticleFilters, apply_filters
from catalogue.browsing.listing import order_terms
from catalogue.browsing.offers import Passing, published_offer
from catalogue.columns.following import photo_column
from catalogue.models import Article, Category
from catalogue.models.querysets import ArticleQuerySet
from catalogue.prepared import Prepared
from visualsearch.index.base import VectorIds
from visualsearch.inference.ranking import RANKED_AMONG
from visualsearch.models import ModelVersion, PhotoEmbedding
from visualsearch.services.retrieval.allowed import AllowedVectors
from visualsearch.services.retrieval.engine import Engine
from visualsearch.services.retrieval.kinds import rank_by_kind
from visualsearch.services.retrieval.label_categories import LabelCategories, kept_categories
from visualsearch.services.retrieval.nearest import HITS_AT_LEAST, ArticleHit, nearest_articles, scan
from visualsearch.services.retrieval.options import DEFAULTS, SearchOptions
from visualsearch.services.retrieval.tokens import Query
from visualsearch.services.retrieval.words import rank_by_words
from visualsearch.vectors import Vectors

# Below SQLite's limit of parameters of one statement: 32,766 or 250,000, depending on its build.
IDS_AT_ONCE = 10_000
# Where no more articles than this pass a filter, their photos are listed by a statement.
FEW_ARTICLES = 50
# Orders other than by similarity apply to the nearest articles only: further ones are not similar.
ORDERED_AMONG = 60
# Of an article whose like is looked for: its first photos, and so many nearest articles of each.
PHOTOS_COMPARED, SIMILAR_AMONG = 5, 60


@dataclass(frozen=True, slots=True)
class Match:
    """An article with the similarity of its best photo to the query, −1 to 1: 1 is the same photo.

    `likeness` is the chance, 0 to 1, that both show one article.
    """

    article: Article
    similarity: float
    likeness: float = 0.0


@dataclass(frozen=True, slots=True)
class SearchPage:
    """A page of matches, best first. `match` is the strength of the nearest of all: close, weak or none.

    `kind` is the category whose articles were preferred, None where none was. `unused` are the words that none of the
    nearest articles has.
    `timings_ms` has "search" (index and filters) and "articles" (loading their rows).
    """

    matches: list[Match]
    match: str
    more: bool
    timings_ms: dict[str, float] = field(default_factory=dict)
    kind: Category | None = None
    unused: tuple[str, ...] = ()


def find_articles(
    engine: Engine,
    query: Query,
    options: SearchOptions = DEFAULTS,
    *,
    categories: LabelCategories | None = None,
    base_queryset: ArticleQuerySet | None = None,
) -> SearchPage:
    """Return the published articles that are most similar to the query and pass the filters.

    `engine` is that of the query's version. With an ordering other than similarity, only the nearest ORDERED_AMONG are
    ordered and returned; otherwise those of the likeliest kind are preferred, unless the options say not, or filter by
    category. In either order, articles that have the words come first. `categories` are those of the version's labels,
    where the caller knows them. `base_queryset` replaces the published articles, for staff.

    Raises TokenOutdatedError for a query whose parts are not as long as the version's, SearchUnavailableError if the
    version cannot search.
    """
    started = time.perf_counter()
    vector = engine.vector_of(query, emphasis=options.emphasis)
    end = options.offset + options.limit
    descriptor = engine.model.descriptor
    kinds: dict[Category, float] = {}
    if prefers_kind(options) and descriptor.settings.kind_bonus:
        categories = categories or categories_for(engine, query)
        kinds = kinds_of(query, categories.by_label)
    words, filters = options.words.ranking, options.all_filters
    limit = ORDERED_AMONG if options.ordering else max(end + 1, RANKED_AMONG if kinds or words else 0)
    best = nearest(engine, vector, filters=filters, limit=limit, base_queryset=base_queryset)
    # Of the photo itself, whatever counts in this search; and before reordering, while the nearest is the first.
    plain = best
    if best and options.emphasis:
        plain = nearest(engine, engine.vector_of(query), filters=filters, limit=1, base_queryset=base_queryset)
    match = descriptor.match(plain[0].similarity, shape=query.garment.has_shape) if plain else "none"
    searched = time.perf_counter()
    kind = None
    if options.ordering:
        best = ordered(best, options.ordering)
    else:
        best, kind = rank_by_kind(best, kinds, descriptor.settings, categories.path_of if categories else None)
    best, unused = rank_by_words(best, words)
    matches = [
        replace(one, likeness=descriptor.likeness(one.similarity))
        for one in with_articles(best[options.offset : end], base_queryset)
    ]
    done = time.perf_counter()
    return SearchPage(
        matches=matches,
        match=match,
        more=len(best) > end,
        timings_ms={"search": (searched - started) * 1000, "articles": (done - searched) * 1000},
        kind=kind,
        unused=unused,
    )


def prefers_kind(options: SearchOptions) -> bool:
    """Whether the kind that a photo shows has a say in the order: not where the shopper chose another."""
    return options.kind_first and not options.ordering and not options.all_filters.categories


def categories_for(engine: Engine, query: Query) -> LabelCategories:
    """Return the categories of the version's labels, and of those that a query has."""
    named = {one.label for garment in query.garments for one in garment.predictions}
    return kept_categories(sorted(named.union(engine.model.card.labels)))


def kinds_of(query: Query, categories: Mapping[str, Category | None]) -> dict[Category, float]:
    """Return the shop's categories that the photo may show, each with its probability."""
    kinds: dict[Category, float] = {}
    for one in query.predictions:
        if (category := categories[one.label]) is not None:
            kinds[category] = kinds.get(category, 0.0) + one.probability
    return kinds


@dataclass(frozen=True, slots=True)
class SimilarPage:
    """A page of the articles that look like one; `count` is the number on all pages of the same `limit`."""

    matches: list[Match]
    count: int


def similar_articles(engine: Engine, article: Article, *, limit: int = 12) -> list[Match]:
    """Return the first page of `similar_page`."""
    return similar_page(engine, article, limit=limit).matches


def similar_page(engine: Engine, article: Article, *, limit: int = 12, offset: int = 0) -> SimilarPage:
    """Return published articles that look like an article by any of its photos; empty if none of them is indexed.

    What is in stock comes first, and of that what is of the article's category; then the nearest.
    """
    rows = PhotoEmbedding.objects.filter(model_version=engine.version, photo__article=article)
    stored = rows.order_by("photo__position", "photo_id").values_list("vector", flat=True)[:PHOTOS_COMPARED]
    similarity_of: dict[int, float] = {}
    for vectors in stored:
        query = engine.vector_like(bytes(vectors))
        near = nearest(engine, query, limit=max(limit + 1, SIMILAR_AMONG))
        same_kind = ArticleFilters(categories=(article.category,)) if article.category else NO_FILTERS
        if article.category and len(near) > limit:
            # Where a shop has many articles, those that are nearest may all be of other kinds.
            near = [*near, *nearest(engine, query, filters=same_kind, limit=limit + 1)]
        for hit in near:
            similarity_of[hit.article_id] = max(hit.similarity, similarity_of.get(hit.article_id, -1.0))
    similarity_of.pop(article.pk, None)
    facts = Article.objects.filter(pk__in=similarity_of).values_list("pk", "category_id", "stock")
    order = sorted(
        (stock == 0, category_id != article.category_id, -similarity_of[pk], pk) for pk, category_id, stock in facts
    )
    likeness = engine.model.descriptor.likeness
    matches = with_articles([ArticleHit(pk, -less) for *_, less, pk in order[offset : offset + limit]])
    return SimilarPage([replace(match, likeness=likeness(match.similarity)) for match in matches], len(order))


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
    if filters == NO_FILTERS and base_queryset is None:
        return nearest_published(engine, vector, limit=limit)
    version = engine.version
    filtered = filters != NO_FILTERS
    articles = apply_filters(filters, Article.objects.published() if base_queryset is None else base_queryset)

    def articles_of(photo_ids: VectorIds) -> dict[int, int]:
        article_of: dict[int, int] = {}
        for start in range(0, len(photo_ids), IDS_AT_ONCE):
            some = photo_ids[start : start + IDS_AT_ONCE].tolist()
            article_of |= dict(shown_photos(version.pk, articles, some))
        return article_of

    def photos_at_most(most: int) -> dict[int, int] | None:
        photos = visible_photos(version, articles).values_list("photo_id", "photo__article_id")[: most + 1]
        return None if len(photos) > most else dict(photos)

    allowed = None
    if filtered and base_queryset is None and not engine.index.shared:
        offer = published_offer()
        passing = Passing(filters, offer).but()
        if np.count_nonzero(passing) <= FEW_ARTICLES and (few := photos_at_most(HITS_AT_LEAST)) is not None:
            return scan(engine.index, vector, few, limit=limit, vectors_a_photo=version.vectors_a_photo)
        allowed = AllowedVectors(photo_column(), offer.table.ids, passing, vectors_a_photo=version.vectors_a_photo)
    return nearest_articles(
        engine.index,
        vector,
        limit=limit,
        articles_of=articles_of,
        photos_at_most=photos_at_most if filtered else None,
        allowed=allowed,
        vectors_a_photo=version.vectors_a_photo,
    )


def nearest_published(engine: Engine, vector: Vectors, *, limit: int) -> list[ArticleHit]:
    """Return the same of the published articles, without any filter."""
    version = engine.version
    return nearest_articles(
        engine.index,
        vector,
        limit=limit,
        articles_of=lambda photo_ids: dict(_PUBLISHED.rows(photo_ids.tolist(), version.pk)),
        vectors_a_photo=version.vectors_a_photo,
    )


def shown_photos(version_id: int, allowed: ArticleQuerySet, photo_ids: list[int]) -> QuerySet[Article, tuple[int, int]]:
    """Return those of the photos that may be shown, each with its article: (photo id, article id).

    A join that starts from the photos. `visible_photos` lists the allowed articles first, which takes half a second
    for 100,000.
    """
    # The digest excludes vectors of a replaced file.
    of_these = allowed.order_by().filter(
        photos__in=photo_ids,
        photos__embeddings__model_version=version_id,
        photos__embeddings__photo_sha256=F("photos__sha256"),
    )
    return of_these.values_list("photos__id", "pk")


# Of published articles, without any filter.
_PUBLISHED = Prepared(lambda ids, version_id: shown_photos(version_id, Article.objects.published(), ids))


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
    ids = [hit.article_id for hit in hits]
    articles = displayed_articles(ids) if base_queryset is None else base_queryset.for_display().in_bulk(ids)
    return [Match(articles[hit.article_id], hit.similarity) for hit in hits if hit.article_id in articles]
