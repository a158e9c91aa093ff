"""Comparing a version silently: it looks at the same photo after the answer is on its way, and nobody waits for it."""

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

# Of the nearest articles of both, so many are compared.
COMPARED = 10
# Searches that wait to be compared: a photo each, in memory. Where there are more, they are not compared.
WAITING_AT_MOST = 4

_pool: ThreadPoolExecutor | None = None
_waiting = threading.BoundedSemaphore(WAITING_AT_MOST)
_lock = threading.Lock()


def compare(
    versions: Sequence[ModelVersion], photo: Image, filters: ArticleFilters, page: SearchPage
) -> list[Future[None]]:
    """Have versions look at a photo in a thread of its own, and count how far they agree with what was found."""
    answered = [match.article.pk for match in page.matches[:COMPARED]]
    return [
        _threads().submit(_compare, version, photo, filters, answered)
        for version in versions
        if _waiting.acquire(blocking=False)
    ]


def _threads() -> ThreadPoolExecutor:
    """Return the one thread, made after the process forked."""
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
        mine = [hit.article.pk for hit in page.matches]
        search_stats.count_silent(
            version,
            overlap=len({*mine} & {*answered}) / len(answered) if answered else float(not mine),
            same_first=mine[:1] == answered[:1],
            milliseconds=(time.perf_counter() - started) * 1000,
        )
    except VitrineError as error:
        logger.warning("%s cannot be compared: %s", version, error)
        search_stats.count_silent_failure(version)
    except Exception:  # whatever it is, it is no shopper's
        logger.exception("%s broke while it was compared", version)
        search_stats.count_silent_failure(version)
    finally:
        connections.close_all()
        _waiting.release()
