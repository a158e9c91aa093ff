"""Searching for many photos in the background.

A photo that was uploaded waits in a file until a worker has looked at it, then the file is gone. What is to be done is
in the rows: whatever is killed, another worker goes on with the photos that still wait.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Count, Model, Q
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from PIL.Image import Image

from catalogue.exceptions import CatalogueError, InvalidRequestError, VitrineError
from catalogue.imaging import fetch_image, read_image
from catalogue.messages import Message
from catalogue.models import ApiClient
from catalogue.photos.validators import photo_limits
from visualsearch.exceptions import SearchUnavailableError
from visualsearch.models import BatchPhoto, PhotoBatch, batch_upload_storage
from visualsearch.services.indexing.embedding import BATCH_SIZE, LOOK_SIZE
from visualsearch.services.search import search
from visualsearch.services.search.tokens import Query

logger = logging.getLogger(__name__)

MOST_PHOTOS = 1_000
KEPT_FOR = timedelta(days=1)
# Of one caller at a time.
MOST_RUNNING = 5
# A file is kept before its row is, so a new one without a row may be about to get it.
LOST_AFTER = timedelta(hours=1)
# Addresses asked at once: most of that time is waiting.
FETCHED_AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Progress:
    """How many photos a batch has, and of how many the result is known; `failed` of those could not be looked at."""

    photos: int
    done: int
    failed: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a photo: a problem's type and what is told of it, or the query and its hits."""

    code: str = ""
    message: Message | None = None
    query: Query | None = None
    found: search.Found | None = None


def begin_batch(
    owner: str, *, files: Sequence[UploadedFile[Any]] = (), urls: Sequence[str] = (), options: Mapping[str, Any]
) -> PhotoBatch:
    """Return a new batch of uploaded files, or of pictures at addresses.

    Raises InvalidRequestError where the caller has too many batches running. Nothing is left of one that fails.
    """
    refuse_too_many(owner)
    batch = PhotoBatch(owner=owner, options=dict(options), expires=timezone.now() + KEPT_FOR)
    named: list[tuple[str, str]] = []
    kept = False
    try:
        for file in files:
            kept_as = batch_upload_storage().save(f"{batch.pk}/{uuid4().hex}", file)
            # One by one, so that those before one that fails are known.
            named.append((file.name or "", kept_as))
        named += [(url, "") for url in urls]
        with transaction.atomic():
            lock_owner(owner)
            # Others may have begun theirs meanwhile.
            refuse_too_many(owner)
            batch.save(force_insert=True)
            BatchPhoto.objects.bulk_create(
                BatchPhoto(batch=batch, number=number, name=name[:2_000], file=file)
                for number, (name, file) in enumerate(named)
            )
        kept = True
    finally:
        if not kept:
            remove_files(name for _, name in named if name)
    return batch


def refuse_too_many(owner: str) -> None:
    running = PhotoBatch.objects.filter(owner=owner, state=PhotoBatch.State.RUNNING).count()
    if running >= MOST_RUNNING:
        raise InvalidRequestError({"photos": [Message.of("batch.too_many_running", running=running)]})


def lock_owner(owner: str) -> None:
    """Hold up other batches of the same caller ("partner 3", "user 5") until this one is committed."""
    kind, _space, key = owner.partition(" ")
    model: type[Model] = ApiClient if kind == "partner" else get_user_model()
    model._default_manager.select_for_update(no_key=True).filter(pk=int(key)).first()


def progress_of(batch: PhotoBatch) -> Progress:
    failed = Count("pk", filter=Q(state=BatchPhoto.State.FAILED))
    done = Count("pk", filter=~Q(state=BatchPhoto.State.WAITING))
    return Progress(**batch.photos.aggregate(photos=Count("pk"), done=done, failed=failed))


def run_slice(batch_id: UUID, *, for_s: float) -> bool:
    """Look at photos of a batch for about so many seconds; return whether there are more. Safe to repeat and to race.

    Raises SearchUnavailableError where nothing can look: the photos go on waiting.
    """
    until = time.monotonic() + for_s
    while time.monotonic() < until:
        batch = PhotoBatch.objects.filter(pk=batch_id, state=PhotoBatch.State.RUNNING).first()
        if batch is None:
            return False
        photos = list(batch.photos.filter(state=BatchPhoto.State.WAITING).order_by("number")[:BATCH_SIZE])
        if not photos:
            PhotoBatch.objects.filter(pk=batch_id, state=PhotoBatch.State.RUNNING).update(
                state=PhotoBatch.State.FINISHED
            )
            return False
        write(batch, outcomes_of(batch, photos))
    return True


def outcomes_of(batch: PhotoBatch, photos: Sequence[BatchPhoto]) -> dict[int, Outcome]:
    """Return what became of each photo, by its row's id."""
    outcomes: dict[int, Outcome] = {}
    pictures: dict[int, Image] = {}
    with ThreadPoolExecutor(FETCHED_AT_ONCE) as beside:
        read = [(photo.pk, beside.submit(read_photo, photo)) for photo in photos]
    for key, reading in read:
        try:
            pictures[key] = reading.result()
        except CatalogueError as error:
            outcomes[key] = Outcome(error.code, told_of(error))
        except FileNotFoundError:
            outcomes[key] = Outcome("unreadable_image", Message.of("batch.file_gone"))
    chosen: MultiValueDict[str, str] = MultiValueDict(batch.options.get("filters", {}))
    for key, query in zip(pictures, search.look_at_all(list(pictures.values())), strict=True):
        try:
            found = search.find_articles(
                query, chosen=chosen, limit=batch.options["limit"], emphasis=batch.options["emphasis"]
            )
        except SearchUnavailableError:
            raise
        except VitrineError as error:
            outcomes[key] = Outcome(error.code, told_of(error))
        else:
            outcomes[key] = Outcome(query=query, found=found)
    return outcomes


def told_of(error: VitrineError) -> Message:
    """Return what is told of an error; of an invalid request, what is wrong with its first field."""
    if isinstance(error, InvalidRequestError):
        field, messages = next(iter(error.errors.items()))
        first = messages[0]
        reason = first if isinstance(first, Message) else Message.of("text", text=first)
        return Message.of("cell.in_column", column=field, reason=reason)
    return error.message


def read_photo(photo: BatchPhoto) -> Image:
    """Return the picture. It asks nothing of the database, whose connections are a thread's own."""
    if photo.file.name:
        with photo.file.open("rb") as file:
            content = bytes(file.read())
    else:
        content = fetch_image(photo.name, limits=photo_limits())
    return read_image(content, limits=photo_limits(), target=LOOK_SIZE)


@transaction.atomic
def write(batch: PhotoBatch, outcomes: Mapping[int, Outcome]) -> None:
    """Note what became of photos, and remove their files, unless the batch was cancelled or somebody was faster."""
    PhotoBatch.objects.select_for_update().filter(pk=batch.pk).first()
    running = batch.photos.filter(batch__state=PhotoBatch.State.RUNNING, state=BatchPhoto.State.WAITING)
    photos = list(running.filter(pk__in=outcomes))
    names = [str(photo.file.name) for photo in photos if photo.file.name]
    for photo in photos:
        outcome = outcomes[photo.pk]
        photo.file, photo.code = "", outcome.code
        photo.error = outcome.message.as_json() if outcome.message else None
        photo.state = BatchPhoto.State.FAILED if outcome.code else BatchPhoto.State.DONE
        if outcome.query is not None and outcome.found is not None:
            photo.token, photo.match = outcome.query.token, outcome.found.match
            photo.hits = [[hit.article.pk, round(hit.similarity, 4)] for hit in outcome.found.matches]
    BatchPhoto.objects.bulk_update(photos, ["file", "code", "error", "state", "token", "match", "hits"])
    transaction.on_commit(lambda: remove_files(names), robust=True)


def cancel(batch: PhotoBatch) -> bool:
    """Stop a batch: what was found stays, what waits is given up and its files removed. Returns whether it ran."""
    with transaction.atomic():
        stopped = PhotoBatch.objects.filter(pk=batch.pk, state=PhotoBatch.State.RUNNING).update(
            state=PhotoBatch.State.CANCELLED
        )
        waiting = batch.photos.filter(state=BatchPhoto.State.WAITING)
        names = [name for name in waiting.values_list("file", flat=True) if name]
        error = Message.of("batch.cancelled").as_json()
        waiting.update(state=BatchPhoto.State.FAILED, code="cancelled", error=error, file="")
        transaction.on_commit(lambda: remove_files(names), robust=True)
    return bool(stopped)


def forget(batch: PhotoBatch) -> None:
    """Remove a batch with its results and its files."""
    with transaction.atomic():
        names = [name for name in batch.photos.values_list("file", flat=True) if name]
        batch.delete()
        transaction.on_commit(lambda: remove_files(names), robust=True)


def forget_expired() -> int:
    """Remove batches whose time is over. Returns how many."""
    expired = list(PhotoBatch.objects.filter(expires__lt=timezone.now()))
    for batch in expired:
        forget(batch)
    return len(expired)


def running_ids() -> list[UUID]:
    """Return the batches that have something to do, the oldest first."""
    running = PhotoBatch.objects.filter(state=PhotoBatch.State.RUNNING, expires__gt=timezone.now())
    return list(running.order_by("created").values_list("pk", flat=True))


def remove_files(names: Iterable[str]) -> None:
    for name in names:
        batch_upload_storage().delete(name)


def remove_lost_files() -> int:
    """Remove files of no batch, which a process killed while receiving leaves, and empty folders. Returns how many."""
    store = batch_upload_storage()
    removed = 0
    try:
        folders, _ = store.listdir("")
    except FileNotFoundError:
        return 0
    for folder in folders:
        kept = set(BatchPhoto.objects.filter(file__startswith=f"{folder}/").values_list("file", flat=True))
        names = [f"{folder}/{name}" for name in store.listdir(folder)[1]]
        for name in names:
            if name not in kept and store.get_modified_time(name) < timezone.now() - LOST_AFTER:
                store.delete(name)
                removed += 1
        if not names:
            # An empty folder; where the store has none, this is nothing.
            store.delete(folder)
    return removed
