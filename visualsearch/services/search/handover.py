"""The results of a form's photo, put by for the page that the form's redirect leads to: searched once, shown once.

Without a script a photo is sent by a form, and the answer is a redirect to `?token=…`, so that a reload sends no photo
again. What was found waits in the cache for that one request: ids of articles, under a digest of the search. The rows
are read anew, so an article hidden meanwhile is not shown. A cache that is down costs a second search, nothing more.
"""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import replace

from django.core.cache import cache
from redis.exceptions import RedisError

from catalogue.models import Category
from visualsearch.services.retrieval.articles import SearchPage, with_articles
from visualsearch.services.retrieval.nearest import ArticleHit
from visualsearch.services.retrieval.options import SearchOptions

logger = logging.getLogger(__name__)

# A redirect is followed at once.
KEPT_S = 30


def put_by(token: str, options: SearchOptions, page: SearchPage) -> None:
    """Store a page for the next request."""
    hits = [[match.article.pk, match.similarity, match.likeness] for match in page.matches]
    try:
        kept = {"hits": hits, "match": page.match, "more": page.more, "kind": page.kind.pk if page.kind else None}
        kept["unused"] = list(page.unused)
        cache.set(_key(token, options), kept, KEPT_S)
    except RedisError as error:
        logger.debug("results are not put by: %s", error)


def take(token: str, options: SearchOptions) -> SearchPage | None:
    """Return the page put by for exactly this search, once."""
    key = _key(token, options)
    try:
        kept = cache.get(key)
        # Of two who ask at once, one gets it.
        if kept is None or not cache.delete(key):
            return None
    except RedisError as error:
        logger.debug("results put by are not found: %s", error)
        return None
    likeness_of = {article_id: likeness for article_id, _, likeness in kept["hits"]}
    found = with_articles([ArticleHit(article_id, similarity) for article_id, similarity, _ in kept["hits"]])
    matches = [replace(match, likeness=likeness_of[match.article.pk]) for match in found]
    kind = Category.objects.filter(pk=kept["kind"]).first() if kept["kind"] else None
    timings_ms = {"search": 0.0, "articles": 0.0}
    return SearchPage(matches, kept["match"], kept["more"], timings_ms, kind, tuple(kept["unused"]))


def _key(token: str, options: SearchOptions) -> str:
    said = [token, options.filters.values(), options.limit, options.offset, options.emphasis, options.ordering]
    said += [options.kind_first, options.garment, options.words.text]
    return f"photo-search:3:{hashlib.sha256(json.dumps(said).encode()).hexdigest()}"
