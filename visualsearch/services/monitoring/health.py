"""Health of search by photo: the state of model, index, database and broker; readiness of this process."""

from __future__ import annotations

import logging
import time
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from redis import Redis
from redis.exceptions import RedisError

from catalogue.broker import RECONCILED_BULK
from catalogue.models import Article
from visualsearch.exceptions import SearchUnavailableError
from visualsearch.inference.colour import ColourModel
from visualsearch.models import ModelVersion
from visualsearch.services import versions
from visualsearch.services.indexing import indexing
from visualsearch.services.indexing.status import counts
from visualsearch.services.monitoring.database_check import last_check
from visualsearch.services.monitoring.disk import disk_state
from visualsearch.services.monitoring.store import store_state

logger = logging.getLogger(__name__)

BROKER_TIMEOUT_S = 1.0
# The cache keys of the time of the last reconciliation, which shows whether workers run.
RECONCILED = "reconciled"
RECONCILED_BY = {"photos": RECONCILED, "bulk": RECONCILED_BULK}
# Reconciliations that may be missed before workers count as late: a worker with a long task runs them afterwards.
LATE_RECONCILIATIONS = 6
# What compaction of a large index may take.
LONGEST_TASK_S = 600.0


def health() -> dict[str, Any]:
    """Return the state of every part.

    "status" is ok, degraded (search works, but a part does not, or a fallback serves) or down.
    """
    state: dict[str, Any] = {
        "status": "down",
        "model": None,
        "index": None,
        "database": database_state(),
        "broker": broker_state(),
        "workers": workers_state(),
        "disk": disk_state().state,
        "store": store_state(),
        "version": settings.VERSION,
    }
    if state["database"] == "down":
        return state
    try:
        version = versions.serving_version()
        state["model"] = model_state(version)
        state["index"] = index_state(version)
        read_an_article()
    except SearchUnavailableError as error:
        logger.warning("search by photo is down: %s", error)
        return state
    except DatabaseError as error:
        logger.warning("search by photo is down, since the database cannot be read: %s", error)
        state |= {"model": None, "index": None, "database": "damaged" if is_damage(error) else "down"}
        return state
    parts_well = all(state[part] == "ok" for part in ("database", "broker", "workers", "disk", "store"))
    as_should_be = not state["model"]["fallback"] and state["model"]["intact"] and state["index"]["intact"]
    state["status"] = "ok" if parts_well and as_should_be else "degraded"
    return state


def is_ready() -> bool:
    """Open the model and the index of this process if they are not, and return whether a search can be answered."""
    if database_state() == "down":
        return False
    try:
        version = versions.serving_version()
        versions.get_model(version)
        indexing.fresh_index(version)
        read_an_article()
    except (SearchUnavailableError, DatabaseError) as error:
        logger.warning("not ready: %s", error)
        return False
    return True


def read_an_article() -> None:
    """Read a row of what every answer ends with. Raises DatabaseError; a count reads none of them, but their index."""
    Article.objects.published().order_by("pk").first()


def model_state(version: ModelVersion) -> dict[str, Any]:
    model = versions.get_model(version)
    return {
        "name": model.card.name,
        "version": model.card.version,
        "fallback": model.fallback,
        "predicts": not isinstance(model, ColourModel),
        "loaded": True,
        # A process that opened the files before they were damaged goes on with what it read.
        "intact": not versions.damaged_files(version),
    }


def index_state(version: ModelVersion) -> dict[str, Any]:
    index = indexing.fresh_index(version)
    # The index is read first, since other threads may refresh it: a photo that it holds must not count as pending.
    vectors, sequence = len(index), index.sequence
    counted = counts(version, since=sequence)
    return {
        "articles": Article.objects.published().count(),
        "vectors": vectors,
        "sequence": sequence,
        "snapshot_sequence": index.snapshot_sequence,
        "pending": counted.pending,
        "failed": counted.failed,
        "intact": not version.rebuild_wanted,
    }


def database_state() -> str:
    """Return "ok"; "down" if the database does not answer; "damaged" if the last check found a fault in its file."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        logger.warning("the database does not answer: %s", error)
        return "down"
    return "damaged" if last_check().fault else "ok"


def is_damage(error: DatabaseError) -> bool:
    """Return whether SQLite's error means that its file is damaged."""
    return any(said in str(error) for said in ("malformed", "is not a database"))


def broker_state() -> str:
    # Pinged directly: Celery would retry for seconds. Broker and cache are databases of one server.
    address = settings.CACHES["default"]["LOCATION"]
    try:
        with Redis.from_url(
            address, socket_timeout=BROKER_TIMEOUT_S, socket_connect_timeout=BROKER_TIMEOUT_S
        ) as broker:
            broker.ping()
    except (RedisError, OSError) as error:
        logger.warning("the broker does not answer: %s", error)
        return "down"
    return "ok"


def workers_state() -> str:
    """Return "ok", "late" if a queue's worker has reconciled nothing for too long, or "unknown" without a broker."""
    try:
        return "late" if late_queues() else "ok"
    except RedisError:
        return "unknown"


def late_queues() -> dict[str, float | None]:
    """Return the queues whose workers are late, with the seconds since they reconciled, None for never.

    Raises RedisError if the cache is down.
    """
    since = {queue: since_reconciliation_s(key) for queue, key in RECONCILED_BY.items()}
    return {queue: ago for queue, ago in since.items() if ago is None or ago > late_after_s(queue)}


def since_reconciliation_s(key: str = RECONCILED) -> float | None:
    """Return the seconds since the last reconciliation, None without one. Raises RedisError if the cache is down."""
    reconciled = cache.get(key)
    return None if reconciled is None else max(time.time() - reconciled, 0.0)


def late_after_s(queue: str) -> float:
    """Return the seconds after which a queue's worker is late: in between it may have had a long task."""
    most: float = settings.RECONCILE_INTERVAL_S * LATE_RECONCILIATIONS
    return max(most, LONGEST_TASK_S) if queue == "bulk" else most
