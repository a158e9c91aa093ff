"""What workers do for the catalogue."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from typing import Any

from celery import shared_task
from celery.signals import worker_ready
from django.core.cache import cache
from django.core.management import call_command

from catalogue import history, imports, jobs, scheduled_feeds, sitemaps, sources
from catalogue.broker import RECONCILED_BULK, begin, enqueue, enqueue_unique
from catalogue.exceptions import ImageError, StoreUnreachableError
from catalogue.models import FeedFetch, Photo, PhotoSource
from catalogue.models.recording import recording
from catalogue.photos import drafts, services

logger = logging.getLogger(__name__)

# Photos that one task draws before it lets others have the worker: 2 s of photos of 12 megapixels.
PHOTOS_A_TASK = 8
# After so many seconds of a job others have the worker; a unit that has begun takes a second, a fetch 10 s at the most.
SLICE_S = 10.0


@shared_task
def make_renditions(photo_id: int) -> None:
    """Draw one photo's renditions. Safe to repeat; a photo that is gone or cannot be read is no error."""
    photo = Photo.objects.filter(pk=photo_id).first()
    if photo is None:
        logger.info("photo %d is gone; nothing to draw", photo_id)
        return
    try:
        services.make_renditions(photo)
    except (ImageError, FileNotFoundError, StoreUnreachableError) as error:
        logger.info("photo %d has no renditions: %s", photo_id, error)


@shared_task
def make_imported_renditions(photo_ids: Sequence[int]) -> None:
    """Draw the renditions of a few imported photos. Safe to repeat; what a lost task did not draw, a visit does."""
    for photo_id in photo_ids:
        make_renditions(photo_id)


@shared_task
def load_demo() -> None:
    """Add what is missing of the demo. Safe to repeat."""
    begin(load_demo)
    call_command("load_demo", verbosity=0)


@shared_task
def remove_lost_files() -> None:
    """Remove files that belong to no photo, and to no job, and answers nobody repeats. Safe to repeat."""
    services.forget_answers()
    removed = services.remove_lost_files() + sum(one.kind.remove_lost_files() for one in jobs.registered())
    if removed:
        logger.info("%d files belonged to no photo or job and were removed", removed)


@shared_task
def remove_old_drafts() -> None:
    """Remove photos of forms that nobody saved, after a day. Safe to repeat."""
    removed = drafts.remove_old()
    if removed:
        logger.info("%d photos of forms that nobody saved were removed", removed)


@shared_task
def fetch_photos() -> None:
    """Fetch some of the pictures that wait at addresses, and queue itself again while there is more. Safe to repeat."""
    begin(fetch_photos)
    with recording("worker"):
        counts = sources.fetch_waiting(for_s=SLICE_S)
    if counts.asked and PhotoSource.objects.due().exists():
        enqueue_unique(fetch_photos, queue="bulk")


@shared_task
def run_import(run_id: int) -> None:
    """Deal with some rows of an import, and queue itself again while there are more. Safe to repeat."""
    run_job(run_import, imports.KIND, run_id)
    for fetch_id in FeedFetch.objects.filter(run=run_id, state="settling").values_list("pk", flat=True):
        enqueue_unique(fetch_feed, fetch_id, queue="bulk")


@shared_task
def fetch_feed(fetch_id: int) -> None:
    """Fetch a feed, or deal with what has left it, and queue itself again while there is more. Safe to repeat."""
    begin(fetch_feed, fetch_id)
    if scheduled_feeds.run_slice(fetch_id, for_s=SLICE_S):
        enqueue_unique(fetch_feed, fetch_id, queue="bulk")
    elif run := FeedFetch.objects.filter(pk=fetch_id, state="importing").values_list("run", flat=True).first():
        enqueue_unique(run_import, run, queue="bulk")


@shared_task
def run_change(change_id: str) -> None:
    """Do some of a bulk change or an undo, and queue itself again while there is more. Safe to repeat."""
    try:
        run_job(run_change, history.KIND, change_id)
    except history.NotNowError as error:
        logger.warning("a bulk change waits: %s", error)


@shared_task
def sweep_history() -> None:
    """Empty the bin and forget changes, as old as the settings say. Safe to repeat."""
    begin(sweep_history)
    if history.sweep(for_s=SLICE_S):
        enqueue_unique(sweep_history, queue="bulk")


@shared_task
def refresh_sitemaps() -> None:
    """Make old sitemaps anew, and queue itself again while there are more. Safe to repeat."""
    begin(refresh_sitemaps)
    if sitemaps.refresh(for_s=SLICE_S):
        enqueue_unique(refresh_sitemaps, queue="bulk")


def run_job(task: Any, kind: jobs.JobKind[Any], key: int | str) -> None:
    """Do some units of a job in its task, and queue the task again while there are more."""
    begin(task, key)
    if jobs.run_slice(kind, key, for_s=SLICE_S):
        enqueue_unique(task, key, queue="bulk")


@shared_task
def reconcile_jobs() -> None:
    """Queue the jobs that are due and no worker is at, whatever became of their messages; remove those that expired."""
    cache.set(RECONCILED_BULK, time.time(), None)
    for one in jobs.registered():
        one.kind.remove_expired()
        for arguments in one.kind.due_messages():
            enqueue_unique(one.task, *arguments, queue="bulk")


@worker_ready.connect
def reconcile_first(**kwargs: Any) -> None:
    """Look for what waited while no worker ran."""
    enqueue(reconcile_jobs, queue="bulk")


jobs.register(imports.KIND, run_import)
jobs.register(history.KIND, run_change)
jobs.register(sources.KIND, fetch_photos)
jobs.register(scheduled_feeds.KIND, fetch_feed)
