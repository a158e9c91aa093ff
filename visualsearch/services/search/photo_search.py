"""The use case: what looks like this photo? API, page, admin and batches call it, and nothing else searches by photo.

A request reads its version, its model and its index once, as an `Engine`. A search with a new photo is recorded: it is
counted, kept if the model is unsure, and compared with the shadow versions. A search by token is the same photo again.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from PIL.Image import Image

from catalogue.browsing.filters import NO_FILTERS, apply_filters
from catalogue.imaging.patience import check_patience
from catalogue.models import Article, Category
from visualsearch.inference.types import Card, Prediction
from visualsearch.models import ModelVersion
from visualsearch.services.indexing import status
from visualsearch.services.indexing.status import IndexStatus
from visualsearch.services.retrieval import articles, searchable
from visualsearch.services.retrieval.articles import Match, SearchPage, SimilarPage
from visualsearch.services.retrieval.engine import Engine
from visualsearch.services.retrieval.options import DEFAULTS, SearchOptions
from visualsearch.services.retrieval.tokens import Query, read_token
from visualsearch.services.rollout import feedback, lifecycle, shadow
from visualsearch.services.search import handover
from visualsearch.services.search.photos import Crop, decode_photo
from visualsearch.services.statistics import search_stats


@dataclass(frozen=True, slots=True)
class PhotoSearch:
    """What a photo shows, and the articles that look like one of its garments.

    `categories` has the shop's category of each predicted label, None where it has none. `fallback`: a stand-in
    described the photo, because the model could not be opened. `timings_ms` has the stages that there were.
    """

    query: Query
    page: SearchPage
    card: Card
    fallback: bool
    categories: Mapping[str, Category | None]
    index: IndexStatus
    timings_ms: Mapping[str, float] = field(default_factory=dict)

    @property
    def predictions(self) -> list[tuple[Prediction, Category | None]]:
        """What the searched garment may be, likeliest first, each with the shop's category."""
        return [(one, self.categories[one.label]) for one in self.query.predictions]


def search_photo(
    content: bytes,
    options: SearchOptions = DEFAULTS,
    *,
    crop: Crop | None = None,
    visitor: str = "",
    started: float | None = None,
) -> PhotoSearch:
    """Return what looks like a new photo, given as a file's bytes, and record the search.

    `visitor` is any text that stays the same for one: versions on trial answer a share of them. `started` is when the
    request came (time.perf_counter()). Raises what reading a photo raises, and SearchUnavailableError. Given up
    with BusyError once nobody waits for it.
    """
    watch = Stopwatch(started)
    watch.lap("receive")
    photo = decode_photo(content, crop)
    watch.lap("decode")
    check_patience()
    assignment = lifecycle.assign_version(visitor)
    query = assignment.engine.embed_query(photo)
    watch.lap("inference")
    check_patience()
    result = _search(assignment.engine, query, options, watch)
    _record(result, assignment.shadow, photo, options, watch.total_ms())
    return result


def search_token(token: str, options: SearchOptions = DEFAULTS) -> PhotoSearch:
    """Return what looks like the photo of an earlier search.

    Raises as `read_token` does, and SearchUnavailableError.
    """
    query = read_token(token).for_garment(options.garment)
    return _search(Engine(query.version), query, options, Stopwatch())


def search_handed_over(token: str, options: SearchOptions = DEFAULTS) -> PhotoSearch:
    """Return the same. Where `hand_over` put by the first page of the same search, that page is the answer, once."""
    query = read_token(token).for_garment(options.garment)
    return _search(Engine(query.version), query, options, Stopwatch(), put_by=handover.take(token, options))


def search_photos(photos: Sequence[Image], options: SearchOptions = DEFAULTS) -> list[tuple[Query, SearchPage]]:
    """Return what looks like each of several photos (upright RGB), of one run of the serving model. Records nothing."""
    if not photos:
        return []
    engine = Engine.serving()
    return [(query, articles.find_articles(engine, query, options)) for query in engine.embed_queries(photos)]


def search_hidden_too(token: str, *, limit: int, garment: int = 1) -> list[Match]:
    """Return the articles, published or not, that look like a garment of the photo of a token: for staff alone."""
    query = read_token(token).for_garment(garment)
    options, every = SearchOptions(limit=limit), Article.objects.all()
    return articles.find_articles(Engine(query.version), query, options, base_queryset=every).matches


def describe_photo(content: bytes) -> Query:
    """Return the query of staff's own photo, a file's bytes, as the serving version sees it. Records nothing."""
    return see_photo(content)[0]


def see_photo(content: bytes) -> tuple[Query, Image]:
    """Return what `describe_photo` does, and the photo, upright, no larger than searching needs."""
    photo = decode_photo(content)
    return Engine.serving().embed_query(photo), photo


def similar_articles(article: Article, *, limit: int = 12) -> list[Match]:
    """Return the published articles that look most like another one. Raises SearchUnavailableError."""
    return similar_page(article, limit=limit).matches


def similar_page(article: Article, *, limit: int, offset: int = 0) -> SimilarPage:
    """Return a page of the same. Raises SearchUnavailableError."""
    return articles.similar_page(Engine.serving(), article, limit=limit, offset=offset)


def count_searchable(result: PhotoSearch, options: SearchOptions, *, most: int) -> int:
    """Return how many articles the pages of a search have: at most so many, which bounds the cost."""
    filters = options.all_filters
    if filters == NO_FILTERS:
        # An article that came a moment ago may be shown already.
        shown = options.offset + len(result.page.matches) if result.page.matches else 0
        return min(max(searchable.count_searchable(result.query.version), shown), most)
    passing = apply_filters(filters, searchable.searchable_articles(result.query.version))
    return passing.order_by()[:most].count()


def hand_over(result: PhotoSearch, options: SearchOptions) -> None:
    """Put a page by for the request that a redirect leads to, which asks for the same by its token."""
    handover.put_by(result.query.token, options, result.page)


def _search(
    engine: Engine, query: Query, options: SearchOptions, watch: Stopwatch, put_by: SearchPage | None = None
) -> PhotoSearch:
    categories = articles.categories_for(engine, query)
    page = articles.find_articles(engine, query, options, categories=categories) if put_by is None else put_by
    return PhotoSearch(
        query=query,
        page=page,
        card=engine.model.card,
        fallback=engine.model.fallback,
        categories=categories.by_label,
        index=status.index_status(engine.version, engine.index),
        timings_ms=watch.laps | page.timings_ms,
    )


def _record(
    result: PhotoSearch, versions: Sequence[ModelVersion], photo: Image, options: SearchOptions, total_ms: float
) -> None:
    """Count a search with a new photo, keep it if the model is unsure, and begin to compare other versions."""
    search_stats.count_search(result.page.match, {**result.timings_ms, "total": total_ms}, result.query.version)
    feedback.note_unsure(result.query)
    if not options.words.ranking:
        # A shadow version searches without words.
        shadow.compare(versions, photo, options.all_filters, result.page)


class Stopwatch:
    """Milliseconds from one lap to the next."""

    def __init__(self, started: float | None = None) -> None:
        self._started = self._last = time.perf_counter() if started is None else started
        self.laps: dict[str, float] = {}

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.laps[name] = (now - self._last) * 1000
        self._last = now

    def total_ms(self) -> float:
        return (time.perf_counter() - self._started) * 1000
