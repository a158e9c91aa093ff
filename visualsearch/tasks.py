"""Celery tasks of search by photo: they take ids, call a service, and decide about retries."""

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

from catalogue import jobs
from catalogue.broker import begin, enqueue, enqueue_unique
from catalogue.tasks import run_job
from visualsearch.exceptions import SearchUnavailableError
from visualsearch.models import ModelVersion
from visualsearch.services import batches, duplicates, model_files, piles, versions, webhooks
from visualsearch.services.indexing import embedding, indexing, status
from visualsearch.services.monitoring import database_check, health
from visualsearch.services.rollout import feedback, lifecycle
from visualsearch.services.search import links
from visualsearch.services.statistics import search_stats

logger = logging.getLogger(__name__)

# Locks of tasks expire after this many seconds, in case their holder was killed. Two tasks at once are harmless.
EMBEDDING_LOCK_S = 30
BUILDING_LOCK_S = 600
# Photos of one bulk task, which then queues itself again, so that other tasks come between.
PHOTOS_A_TASK = 32
# What SQLite raises where others hold the write lock too long, and PostgreSQL where it was restarted: it is retried.
PASSING = jobs.JobKind.PASSING
# Share of the worker's time that embedding for a version in state BUILDING may take.
BUILDING_SHARE = 0.5


@worker_process_init.connect
def warm_up(**kwargs: Any) -> None:
    """Open model and index in a worker's new process, so that the first photo does not wait for them."""
    if not health.is_ready():
        logger.warning("the model is not ready; each task tries again")


@worker_ready.connect
def reconcile_first(**kwargs: Any) -> None:
    """Queue a reconciliation at the worker's start, for work that became due while no worker ran."""
    enqueue(reconcile, queue="photos")
    enqueue(check_database, queue="bulk")


@contextmanager
def only_one(name: str, *, expiry_s: int) -> Iterator[bool]:
    """Yield whether this task got the lock of the name, which expires after `expiry_s`."""
    key = f"only-one:{name}"
    acquired = cache.add(key, 1, expiry_s)
    try:
        yield acquired
    finally:
        if acquired:
            cache.delete(key)


@shared_task(autoretry_for=PASSING, retry_backoff=True, max_retries=5)
def embed_photo(photo_id: int) -> None:
    """Embed one photo. Idempotent; a photo deleted meanwhile is no error."""
    if embedding.embed_photos([photo_id]) == 0:
        logger.info("photo %d is gone or embedded already; nothing to do", photo_id)


@shared_task(autoretry_for=PASSING, retry_backoff=True, max_retries=5)
def embed_waiting() -> None:
    """Embed up to PHOTOS_A_TASK pending photos, newest first, and queue itself again while there are more."""
    begin(embed_waiting)
    with only_one("embed-waiting", expiry_s=EMBEDDING_LOCK_S) as acquired:
        photo_ids = embedding.waiting_ids(limit=PHOTOS_A_TASK) if acquired else []
        settled = embedding.embed_photos(photo_ids) if photo_ids else 0
    if settled:
        enqueue_unique(embed_waiting, queue="bulk")


@shared_task(autoretry_for=PASSING, retry_backoff=True, max_retries=5)
def embed_building(version_id: int) -> None:
    """Embed photos for a version in state BUILDING, for BUILDING_SHARE of the time between two reconciliations."""
    begin(embed_building, version_id)
    version = ModelVersion.objects.filter(pk=version_id, state=ModelVersion.State.BUILDING).first()
    if version is None:
        return
    until = time.monotonic() + BUILDING_SHARE * settings.RECONCILE_INTERVAL_S
    with only_one(f"embed-building:{version_id}", expiry_s=EMBEDDING_LOCK_S) as acquired:
        while acquired and time.monotonic() < until:
            photo_ids = embedding.waiting_ids_of(version, limit=embedding.BATCH_SIZE)
            if not photo_ids or not embedding.embed_photos(photo_ids):
                break


@shared_task
def build_snapshot(version_id: int) -> None:
    """Compact a version's tail into a new snapshot. Two at once are harmless, but one is enough."""
    begin(build_snapshot, version_id)
    version = ModelVersion.objects.filter(pk=version_id).first()
    if version is None:
        return
    with only_one(f"build-snapshot:{version_id}", expiry_s=BUILDING_LOCK_S) as acquired:
        if not acquired:
            return
        try:
            indexing.build_snapshot(version)
        except SearchUnavailableError as error:
            # The next reconciliation queues it again.
            logger.error("%s is compacted later: %s", version, error)


@shared_task
def look_for_duplicates(report_id: int) -> None:
    """Run a time slice of a near-duplicate report, and queue itself again while photos are left. Idempotent."""
    try:
        run_job(look_for_duplicates, duplicates.KIND, report_id)
    except SearchUnavailableError as error:
        logger.warning("a report waits until photos can be compared again: %s", error)


@shared_task
def look_at_batch(batch_id: str) -> None:
    """Run a time slice of a batch of searches, and queue itself again while photos are left. Idempotent."""
    try:
        run_job(look_at_batch, batches.KIND, batch_id)
    except SearchUnavailableError as error:
        logger.warning("a batch waits until search by photo is available again: %s", error)
    if webhooks.is_due():
        enqueue_unique(deliver_webhooks, queue="bulk")


@shared_task
def deliver_webhooks() -> None:
    """Make the attempts at webhooks that are due, and queue itself again while there are more. Safe to repeat."""
    begin(deliver_webhooks)
    if webhooks.deliver_due() and webhooks.is_due():
        enqueue_unique(deliver_webhooks, queue="bulk")


@shared_task
def sort_pile(pile_id: int) -> None:
    """Run a time slice of a pile of photos, and queue itself again while there is more to do. Idempotent."""
    try:
        run_job(sort_pile, piles.KIND, pile_id)
    except SearchUnavailableError as error:
        logger.warning("a pile waits until photos can be looked at again: %s", error)


@shared_task
def keep_search_counts() -> None:
    """Move search counts and recorded model failures from the cache to the database, and delete expired ones."""
    search_stats.keep_counts()
    feedback.keep_unsure()
    feedback.forget_old()


@shared_task
def remove_expired_links() -> None:
    """Delete the links to searches whose time is over. Safe to repeat."""
    removed = links.remove_expired()
    if removed:
        logger.info("%d links to searches had expired and were removed", removed)


@shared_task
def reconcile() -> None:
    """Reconcile the queue with the database: derive pending work from the rows and queue it, whatever was queued."""
    cache.set(health.RECONCILED, time.time(), None)
    try:
        versions.register_shipped()
    except SearchUnavailableError as error:
        logger.error("the shipped model cannot be registered; the other versions are reconciled: %s", error)
    model_files.publish_all()
    if any(status.count(version).pending for version in ModelVersion.objects.complete()):
        enqueue_unique(embed_waiting, queue="bulk")
    lifecycle.finish_built()
    for version in ModelVersion.objects.filter(state=ModelVersion.State.BUILDING):
        enqueue_unique(embed_building, version.pk, queue="bulk")
    lifecycle.remove_retired()
    for version in ModelVersion.objects.active():
        try:
            due = indexing.needs_compaction(version)
        except SearchUnavailableError as error:
            logger.error("%s is compacted later: %s", version, error)
            continue
        if due:
            enqueue_unique(build_snapshot, version.pk, queue="bulk")


@shared_task
def check_database() -> None:
    """Look for damage in the database's file, for some seconds. Safe to repeat."""
    database_check.run_check()


jobs.register(batches.KIND, look_at_batch)
jobs.register(duplicates.KIND, look_for_duplicates)
jobs.register(piles.KIND, sort_pile)
jobs.register(webhooks.KIND, deliver_webhooks)
