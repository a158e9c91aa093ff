"""Shadow comparison: a version searches with the same photo in a thread of its own, and only the agreement is counted.

The response does not wait for it. Backpressure: a bounded number of searches is queued, and others are not compared.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from django.db import close_old_connections, connections
from PIL.Image import Image

from catalogue.browsing.filters import ArticleFilters
from catalogue.exceptions import VitrineError
from visualsearch.models import ModelVersion
from visualsearch.services.retrieval.articles import SearchPage, find_articles
from visualsearch.services.retrieval.engine import Engine
from visualsearch.services.retrieval.options import SearchOptions
from visualsearch.services.statistics import search_stats

logger = logging.getLogger(__name__)

# The top k of both versions that are compared.
COMPARED = 10
# The most searches in the queue, each with its photo in memory. Further ones are not compared.
WAITING_AT_MOST = 4

_pool: ThreadPoolExecutor | None = None
_waiting = threading.BoundedSemaphore(WAITING_AT_MOST)
_lock = threading.Lock()


def compare(
    versions: Sequence[ModelVersion], photo: Image, filters: ArticleFilters, page: SearchPage
) -> list[Future[None]]:
    """Queue a search with each of the versions, and count how far its results agree with `page`."""
    answered = [match.article.pk for match in page.matches[:COMPARED]]
    return [
        _threads().submit(_compare, version, photo, filters, answered)
        for version in versions
        if _waiting.acquire(blocking=False)
    ]


def _threads() -> ThreadPoolExecutor:
    """Return the executor of one thread, created on first use, after any fork."""
    global _pool  # noqa: PLW0603  (one a process)
    with _lock:
        _pool = _pool or ThreadPoolExecutor(1, thread_name_prefix="shadow")
        return _pool


def _compare(version: ModelVersion, photo: Image, filters: ArticleFilters, answered: Sequence[int]) -> None:
    close_old_connections()
    started = time.perf_counter()
    try:
        engine = Engine(version)
        options = SearchOptions(filters=filters, limit=max(len(answered), 1))
        page = find_articles(engine, engine.embed_query(photo), options)
        results = [hit.article.pk for hit in page.matches]
        search_stats.count_shadow(
            version,
            overlap=len({*results} & {*answered}) / len(answered) if answered else float(not results),
            same_first=results[:1] == answered[:1],
            milliseconds=(time.perf_counter() - started) * 1000,
        )
    except VitrineError as error:
        logger.warning("%s cannot be compared: %s", version, error)
        search_stats.count_shadow_failure(version)
    except Exception:  # a bug in a version under comparison must not reach a shopper
        logger.exception("%s failed during shadow comparison", version)
        search_stats.count_shadow_failure(version)
    finally:
        connections.close_all()
        _waiting.release()
