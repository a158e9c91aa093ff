"""Searching: from a photo to a query, and from a query to articles."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from django.db.models import F, QuerySet
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from PIL.Image import Image

from catalogue.filters import FILTER_NAMES, matching
from catalogue.models import Article, Category
from catalogue.querysets import ArticleQuerySet
from visualsearch.exceptions import ModelUnavailableError, SearchUnavailableError, TokenOutdatedError
from visualsearch.index.base import Hit, VectorIndex
from visualsearch.models import LabelMapping, ModelVersion, PhotoEmbedding
from visualsearch.services import indexing, versions
from visualsearch.services.tokens import PREDICTIONS_KEPT, Query
from visualsearch.vectors import Vectors, normalise, to_int8

# A filter that leaves so many photos, or this share of the index, is searched exactly, among them alone.
EXACT_PHOTOS = 2_000
EXACT_SHARE = 0.05
# Hits asked for at first for each article wanted, since an article has several photos; then so many times more.
HITS_AN_ARTICLE = 4
MORE = 4

Chosen = QueryDict | MultiValueDict[str, str]


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


def look_at(photo: Image) -> Query:
    """Return the query of a shopper's photo (upright RGB). Raises SearchUnavailableError if no model can look."""
    version = versions.serving_version()
    model = versions.get_model(version)
    try:
        look = model.look([photo])[0]
    except ModelUnavailableError as error:
        raise SearchUnavailableError(str(error)) from error
    return Query(
        version=version,
        shape=to_int8(look.shape),
        colour=to_int8(look.colour),
        predictions=look.predictions[:PREDICTIONS_KEPT],
        box=look.box,
        map=look.map,
    )


def find_articles(query: Query, *, chosen: Chosen, limit: int = 12, offset: int = 0, emphasis: float = 0.0) -> Found:
    """Return the published articles that look most like the query and pass the chosen filters.

    Raises InvalidRequestError for a filter that makes no sense, TokenOutdatedError for a query whose parts are not as
    long as the version's, SearchUnavailableError if the version cannot search.
    """
    started = time.perf_counter()
    descriptor = versions.get_model(query.version).descriptor
    if (len(query.shape), len(query.colour)) != (descriptor.shape_dimensions, descriptor.colour_dimensions):
        raise TokenOutdatedError("The model of this search describes photos otherwise now. Send the photo again.")
    vector = descriptor.join(*query.parts, emphasis=emphasis)
    index = indexing.fresh_index(query.version)
    best = nearest_articles(index, query.version, vector, chosen=chosen, wanted=offset + limit + 1)
    searched = time.perf_counter()
    matches = with_articles(best[offset : offset + limit])
    done = time.perf_counter()
    return Found(
        matches=matches,
        match=descriptor.match(best[0].similarity) if best else "none",
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
    best = nearest_articles(index, version, query, chosen=MultiValueDict(), wanted=limit + 1)
    return with_articles([hit for hit in best if hit.article_id != article.pk][:limit])


def category_slugs(labels: Iterable[str]) -> dict[str, str | None]:
    """Return the shop's category for each label of a model: as mapped in the admin, else the one of an equal slug."""
    wanted = list(labels)
    slugs: dict[str, str | None] = dict.fromkeys(wanted)
    slugs |= {slug: slug for slug in Category.objects.filter(slug__in=wanted).values_list("slug", flat=True)}
    mapped = LabelMapping.objects.filter(label__in=wanted).values_list("label", "category__slug")
    return slugs | dict(mapped)


@dataclass(frozen=True, slots=True)
class ArticleHit:
    """An article by the best of its photos."""

    article_id: int
    similarity: float


def nearest_articles(
    index: VectorIndex, version: ModelVersion, vector: Vectors, *, chosen: Chosen, wanted: int
) -> list[ArticleHit]:
    """Return up to `wanted` articles that may be shown, best first, each once by its best view.

    Where the filters leave few photos, exactly those are searched. Where they leave many, the whole index is, for more
    and more until enough pass; so no article is lost to a filter either way.
    """
    allowed = Article.objects.published()
    if any(name in chosen for name in FILTER_NAMES):
        allowed = matching(chosen, allowed)
        exact = max(EXACT_PHOTOS, int(EXACT_SHARE * len(index)))
        photo_ids = list(visible_photos(version, allowed).values_list("photo_id", flat=True)[: exact + 1])
        if len(photo_ids) <= exact:
            among = np.unique(np.array(photo_ids, np.int64))
            return first_of_each(index.search(vector, limit=len(among), among=among), version, allowed)[:wanted]
    limit = wanted * HITS_AN_ARTICLE
    while True:
        hits = index.search(vector, limit=limit)
        found = first_of_each(hits, version, allowed)
        if len(found) >= wanted or len(hits) < limit:
            return found[:wanted]
        limit *= MORE


def visible_photos(version: ModelVersion, allowed: ArticleQuerySet) -> QuerySet[PhotoEmbedding]:
    """Return the vectors that may be found: of allowed articles, and of the bytes that the photo has now."""
    return PhotoEmbedding.objects.filter(
        model_version=version, photo_sha256=F("photo__sha256"), photo__article__in=allowed
    )


def first_of_each(hits: Sequence[Hit], version: ModelVersion, allowed: ArticleQuerySet) -> list[ArticleHit]:
    """Return the allowed articles of the hits, best first, each by its best view."""
    visible = visible_photos(version, allowed).filter(photo_id__in=[hit.photo_id for hit in hits])
    article_of = dict(visible.values_list("photo_id", "photo__article_id"))
    best: dict[int, float] = {}
    for hit in hits:
        if hit.photo_id in article_of:
            best.setdefault(article_of[hit.photo_id], hit.similarity)
    return [ArticleHit(article_id, similarity) for article_id, similarity in best.items()]


def with_articles(hits: Sequence[ArticleHit]) -> list[Match]:
    """Return the hits with their articles' rows, in a fixed number of queries. One that is gone by now is left out."""
    articles = Article.objects.published().for_display().in_bulk([hit.article_id for hit in hits])
    return [Match(articles[hit.article_id], hit.similarity) for hit in hits if hit.article_id in articles]
