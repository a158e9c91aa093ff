"""The articles nearest to searches on which a model failed, for staff who look at them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from catalogue.models import Article
from visualsearch.exceptions import SearchUnavailableError
from visualsearch.index.base import Hit
from visualsearch.models import ModelFailure, ModelVersion
from visualsearch.services.retrieval import articles
from visualsearch.services.retrieval.articles import Match
from visualsearch.services.retrieval.engine import Engine
from visualsearch.services.retrieval.nearest import HITS_AN_ARTICLE, by_best_view

# Bytes of a number of a vector, float16.
BYTES_A_NUMBER = 2


def nearest_of(failures: Sequence[ModelFailure], *, limit: int) -> dict[int, list[Match]]:
    """Return the published articles nearest to each search, by the search's id: at most `limit`, nearest first.

    A search of the index each, and a fixed number of statements. Of versions that are retired there are none.
    """
    of_version: defaultdict[ModelVersion, list[ModelFailure]] = defaultdict(list)
    for failure in failures:
        if failure.version.state != ModelVersion.State.RETIRED:
            of_version[failure.version].append(failure)
    found: dict[int, list[Match]] = {}
    for version, some in of_version.items():
        try:
            found |= _nearest_of_version(Engine(version), some, limit)
        except SearchUnavailableError:
            continue
    return found


def _nearest_of_version(engine: Engine, failures: Sequence[ModelFailure], limit: int) -> dict[int, list[Match]]:
    version, most = engine.version, engine.version.vectors_a_photo
    hits: dict[int, Sequence[Hit]] = {}
    for failure in failures:
        stored = bytes(failure.vector)
        if len(stored) == BYTES_A_NUMBER * version.dimensions:
            vector = engine.vector_like(stored)
            hits[failure.pk] = engine.index.search(vector, limit=limit * HITS_AN_ARTICLE * most)
    photos = {hit.vector_id // most for some in hits.values() for hit in some}
    article_of = dict(articles.shown_photos(version.pk, Article.objects.published(), sorted(map(int, photos))))
    looked_up: dict[int, int | None] = {photo: article_of.get(photo) for photo in photos}
    best = {key: by_best_view(some, looked_up, most)[:limit] for key, some in hits.items()}
    matches = articles.with_articles([hit for some in best.values() for hit in some])
    rows = {match.article.pk: match for match in matches}
    likeness = engine.model.descriptor.likeness
    return {
        key: [
            Match(rows[hit.article_id].article, hit.similarity, likeness(hit.similarity))
            for hit in some
            if hit.article_id in rows
        ]
        for key, some in best.items()
    }
