"""What workers do for the catalogue."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from celery import shared_task

from catalogue import imports, sources
from catalogue.broker import begin, enqueue_unique
from catalogue.exceptions import ImageError
from catalogue.models import Photo, PhotoSource
from catalogue.photos import services

logger = logging.getLogger(__name__)

# Photos that one task draws before it lets others have the worker: 2 s of photos of 12 megapixels.
PHOTOS_A_TASK = 8
# After so many seconds of fetching others have the worker; a fetch that has begun takes 10 s at the most.
FETCHING_S = 10.0
# The same of importing; a batch that has begun takes a second.
IMPORTING_S = 10.0


@shared_task
def make_renditions(photo_id: int) -> None:
    """Draw one photo's renditions. Safe to repeat; a photo that is gone or cannot be read is no error."""
    photo = Photo.objects.filter(pk=photo_id).first()
    if photo is None:
        logger.info("photo %d is gone; nothing to draw", photo_id)
        return
    try:
        services.make_renditions(photo)
    except (ImageError, FileNotFoundError) as error:
        logger.info("photo %d has no renditions: %s", photo_id, error)


@shared_task
def make_imported_renditions(photo_ids: Sequence[int]) -> None:
    """Draw the renditions of a few imported photos. Safe to repeat; what a lost task did not draw, a visit does."""
    for photo_id in photo_ids:
        make_renditions(photo_id)


@shared_task
def remove_lost_files() -> None:
    """Remove files that belong to no photo, and to no import, and answers nobody repeats. Safe to repeat."""
    services.forget_answers()
    removed = services.remove_lost_files() + imports.remove_lost_files()
    if removed:
        logger.info("%d files belonged to no photo or import and were removed", removed)


@shared_task
def fetch_photos() -> None:
    """Fetch some of the pictures that wait at addresses, and queue itself again while there is more. Safe to repeat."""
    begin(fetch_photos)
    counts = sources.fetch_waiting(for_s=FETCHING_S)
    if counts.asked and PhotoSource.objects.due().exists():
        enqueue_unique(fetch_photos, queue="bulk")


@shared_task
def run_import(run_id: int) -> None:
    """Deal with some rows of an import, and queue itself again while there are more. Safe to repeat."""
    begin(run_import, run_id)
    if imports.run_slice(run_id, for_s=IMPORTING_S):
        enqueue_unique(run_import, run_id, queue="bulk")


@shared_task
def continue_imports() -> None:
    """Find the imports that no worker is at, whatever became of the messages, and queue them."""
    for run_id in imports.waiting_ids():
        enqueue_unique(run_import, run_id, queue="bulk")
