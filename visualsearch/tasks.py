"""What workers do for search by photo. Thin: ids in, a service called, and whether to do it again."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from celery import shared_task
from celery.signals import worker_process_init, worker_ready
from django.conf import settings
from django.core.cache import cache
from django.db import OperationalError

from catalogue import jobs
from catalogue.broker import begin, enqueue, enqueue_unique
from catalogue.tasks import run_job
from visualsearch.exceptions import SearchUnavailableError
from visualsearch.models import ModelVersion
from visualsearch.services import batches, duplicates, versions
from visualsearch.services.indexing import embedding, indexing, status
from visualsearch.services.monitoring import diagnosis, health
from visualsearch.services.rollout import feedback, lifecycle
from visualsearch.services.statistics import search_stats

logger = logging.getLogger(__name__)

# A task that holds its lock longer than this has died, and another may begin. Two at once do no harm.
EMBEDDING_LOCK_S = 30
BUILDING_LOCK_S = 600
# Photos that one bulk task takes before it lets others have the worker.
PHOTOS_A_TASK = 32
# Of the worker's time, what embedding for a version that is being built may take.
BUILDING_SHARE = 0.5


@worker_process_init.connect
def warm_up(**kwargs: Any) -> None:
    """Open the model in a worker's new process, so that the first photo does not wait for it."""
    if not health.is_ready():
        logger.warning("the model is not ready; each task tries again")


@worker_ready.connect
def sweep_first(**kwargs: Any) -> None:
    """Look for what waited while no worker ran."""
    enqueue(reconcile, queue="photos")


@contextmanager
def only_one(name: str, *, expiry_s: int) -> Iterator[bool]:
    """Yield whether this is the only task of the name now."""
    key = f"only-one:{name}"
    mine = cache.add(key, 1, expiry_s)
    try:
        yield mine
    finally:
        if mine:
            cache.delete(key)


# SQLite reports a database that others kept locked for too long; a later attempt heals it.
@shared_task(autoretry_for=(OperationalError,), retry_backoff=True, max_retries=5)
def embed_photo(photo_id: int) -> None:
    """Embed one photo. Safe to repeat; a photo that is gone meanwhile is no error."""
    if embedding.embed_photos([photo_id]) == 0:
        logger.info("photo %d is gone or embedded already; nothing to do", photo_id)


@shared_task(autoretry_for=(OperationalError,), retry_backoff=True, max_retries=5)
def embed_waiting() -> None:
    """Embed some of what is waiting, newest first, and queue itself again while there is more."""
    begin(embed_waiting)
    with only_one("embed-waiting", expiry_s=EMBEDDING_LOCK_S) as mine:
        photo_ids = embedding.waiting_ids(limit=PHOTOS_A_TASK) if mine else []
        settled = embedding.embed_photos(photo_ids) if photo_ids else 0
    if settled:
        enqueue_unique(embed_waiting, queue="bulk")


@shared_task(autoretry_for=(OperationalError,), retry_backoff=True, max_retries=5)
def embed_building(version_id: int) -> None:
    """Embed for a version that is being built, for a share of the time between two sweeps: others serve meanwhile."""
    begin(embed_building, version_id)
    version = ModelVersion.objects.filter(pk=version_id, state=ModelVersion.State.BUILDING).first()
    if version is None:
        return
    until = time.monotonic() + BUILDING_SHARE * settings.RECONCILE_INTERVAL_S
    with only_one(f"embed-building:{version_id}", expiry_s=EMBEDDING_LOCK_S) as mine:
        while mine and time.monotonic() < until:
            photo_ids = embedding.waiting_ids_of(version, limit=embedding.BATCH_SIZE)
            if not photo_ids or not embedding.embed_photos(photo_ids):
                break


@shared_task
def build_snapshot(version_id: int) -> None:
    """Fold a version's tail into a new snapshot. Two at once are harmless; one at a time is enough."""
    begin(build_snapshot, version_id)
    version = ModelVersion.objects.filter(pk=version_id).first()
    if version is None:
        return
    with only_one(f"build-snapshot:{version_id}", expiry_s=BUILDING_LOCK_S) as mine:
        if mine:
            indexing.build_snapshot(version)


@shared_task
def look_for_duplicates(report_id: int) -> None:
    """Compare some photos with all others, and queue itself again while there are more. Safe to repeat."""
    try:
        run_job(look_for_duplicates, duplicates.KIND, report_id)
    except SearchUnavailableError as error:
        logger.warning("a report waits until photos can be compared again: %s", error)


@shared_task
def look_at_batch(batch_id: str) -> None:
    """Search for some photos of a batch, and queue itself again while there are more. Safe to repeat."""
    try:
        run_job(look_at_batch, batches.KIND, batch_id)
    except SearchUnavailableError as error:
        logger.warning("a batch waits until photos can be looked at again: %s", error)


@shared_task
def keep_search_counts() -> None:
    """Add what was counted of searches, and noted of the model's failures, to the rows."""
    search_stats.keep_counts()
    feedback.keep_unsure()
    feedback.forget_old()


@shared_task
def reconcile() -> None:
    """Find what is to do from the rows, whatever became of the messages, and queue it."""
    cache.set(diagnosis.SWEPT, time.time(), None)
    try:
        versions.register_shipped()
    except SearchUnavailableError as error:
        logger.error("what is registered already is looked after without it: %s", error)
    if any(status.count(version).pending for version in ModelVersion.objects.complete()):
        enqueue_unique(embed_waiting, queue="bulk")
    lifecycle.finish_built()
    for version in ModelVersion.objects.filter(state=ModelVersion.State.BUILDING):
        enqueue_unique(embed_building, version.pk, queue="bulk")
    lifecycle.remove_retired()
    for version in ModelVersion.objects.active():
        try:
            folding = indexing.needs_compaction(version)
        except SearchUnavailableError as error:
            logger.error("%s is folded later: %s", version, error)
            continue
        if folding:
            enqueue_unique(build_snapshot, version.pk, queue="bulk")


jobs.register(batches.KIND, look_at_batch)
jobs.register(duplicates.KIND, look_for_duplicates)
