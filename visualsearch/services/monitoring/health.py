"""Health of search by photo: the state of model, index, database and broker; readiness of this process."""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from redis import Redis
from redis.exceptions import RedisError

from catalogue.models import Article
from visualsearch.exceptions import SearchUnavailableError
from visualsearch.inference.colour import ColourModel
from visualsearch.models import ModelVersion
from visualsearch.services import versions
from visualsearch.services.indexing import indexing
from visualsearch.services.indexing.status import counts

logger = logging.getLogger(__name__)

BROKER_TIMEOUT_S = 1.0


def health() -> dict[str, Any]:
    """Return the state of every part. "status" is ok, degraded (search works, but a fallback serves) or down."""
    state: dict[str, Any] = {
        "status": "down",
        "model": None,
        "index": None,
        "database": database_state(),
        "broker": broker_state(),
        "version": settings.VERSION,
    }
    if state["database"] != "ok":
        return state
    try:
        version = versions.serving_version()
        state["model"] = model_state(version)
        state["index"] = index_state(version)
    except SearchUnavailableError as error:
        logger.warning("search by photo is down: %s", error)
        return state
    whole = state["broker"] == "ok" and not state["model"]["fallback"]
    state["status"] = "ok" if whole else "degraded"
    return state


def is_ready() -> bool:
    """Open the model and the index of this process if they are not, and return whether they are."""
    if database_state() != "ok":
        return False
    try:
        version = versions.serving_version()
        versions.get_model(version)
        indexing.fresh_index(version)
    except SearchUnavailableError as error:
        logger.warning("not ready: %s", error)
        return False
    return True


def model_state(version: ModelVersion) -> dict[str, Any]:
    model = versions.get_model(version)
    return {
        "name": model.card.name,
        "version": model.card.version,
        "fallback": model.fallback,
        "predicts": not isinstance(model, ColourModel),
        "loaded": True,
    }


def index_state(version: ModelVersion) -> dict[str, int]:
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
    }


def database_state() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        logger.warning("the database does not answer: %s", error)
        return "down"
    return "ok"


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
