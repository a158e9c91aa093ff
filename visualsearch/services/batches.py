"""Searching for many photos in the background.

A photo that was uploaded waits in a file until a worker has looked at it, then the file is gone. How a worker goes on
where another one stopped is in catalogue.jobs; a unit is a few photos.
"""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterable, Mapping, Sequence
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
from PIL.Image import Image

from catalogue import jobs
from catalogue.browsing.filters import parse_filters
from catalogue.exceptions import CatalogueError, InvalidRequestError
from catalogue.imaging import fetch_image, read_image
from catalogue.messages import Message
from catalogue.models import ApiClient
from catalogue.photos.validators import photo_limits
from visualsearch.exceptions import SearchUnavailableError
from visualsearch.models import BatchPhoto, PhotoBatch, PhotoBatchQuerySet, batch_upload_storage
from visualsearch.services import webhooks
from visualsearch.services.indexing.embedding import BATCH_SIZE, DECODE_SIZE
from visualsearch.services.retrieval.articles import SearchPage
from visualsearch.services.retrieval.options import SearchOptions
from visualsearch.services.retrieval.tokens import Query
from visualsearch.services.search.photo_search import search_photos

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
    """The result of a photo: a problem's type and message, or the query and its hits."""

    code: str = ""
    message: Message | None = None
    query: Query | None = None
    page: SearchPage | None = None


@dataclass(frozen=True, slots=True)
class WebhookTarget:
    """The webhook of a batch: which app, at which address; and the shop's address as the app knows it."""

    client: ApiClient
    url: str
    site: str


def begin_batch(
    owner: str,
    *,
    files: Sequence[UploadedFile[Any]] = (),
    urls: Sequence[str] = (),
    options: SearchOptions,
    webhook: WebhookTarget | None = None,
) -> PhotoBatch:
    """Return a new batch of uploaded files, or of pictures at addresses; its end is sent to `webhook`, if there is one.

    Raises InvalidRequestError where the caller has too many batches running. Nothing is left of one that fails.
    """
    refuse_too_many(owner)
    total = len(files) + len(urls)
    stored = {"limit": options.limit, "emphasis": options.emphasis, "filters": options.filters.values()}
    batch = PhotoBatch(owner=owner, options=stored, total=total, expires=timezone.now() + KEPT_FOR)
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
            if webhook is not None:
                webhooks.attach(batch, webhook.client, webhook.url, site=webhook.site)
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


class Batches(jobs.JobKind[PhotoBatch]):
    """Batches of photos, a few photos a unit. A batch, its results and its files are kept for a day."""

    PASSING = (*jobs.JobKind.PASSING, SearchUnavailableError)

    def rows(self) -> PhotoBatchQuerySet:
        return PhotoBatch.objects.all()

    def units(self, lease: jobs.Lease[PhotoBatch]) -> Generator[None, None, None]:
        # Of eight photos at which the last attempt broke off, one may be to blame: one by one, it alone is given up.
        at_once = BATCH_SIZE if lease.job.attempts == 1 else 1
        while photos := next_photos(lease.job, limit=at_once):
            write(lease, outcomes_of(lease.job, photos), cursor=photos[-1].number + 1)
            yield

    def skip_unit(self, lease: jobs.Lease[PhotoBatch]) -> bool:
        """Give up the one photo that is next; the others are no worse for it."""
        for photo in next_photos(lease.job, limit=1):
            outcome = Outcome("search_unavailable", Message.of("batch.interrupted"))
            write(lease, {photo.pk: outcome}, cursor=photo.number + 1)
            return True
        return False

    def at_end(self, job: PhotoBatch, state: str) -> None:
        """Give up the photos that wait, and remove their files: none after the last unit."""
        waiting = job.photos.filter(state=BatchPhoto.State.WAITING)
        names = [name for name in waiting.values_list("file", flat=True) if name]
        error = Message.of("batch.cancelled").as_json()
        waiting.update(state=BatchPhoto.State.FAILED, code="cancelled", error=error, file="")
        progress = progress_of(job)
        webhooks.announce(job, state, photos=progress.photos, done=progress.done, failed=progress.failed)
        transaction.on_commit(lambda: remove_files(names), robust=True)

    def remove_expired(self) -> int:
        expired = list(PhotoBatch.objects.filter(expires__lt=timezone.now()))
        for batch in expired:
            forget(batch)
        return len(expired)

    def remove_lost_files(self) -> int:
        """Remove files of no batch, which a process killed while receiving leaves, and empty folders."""
        return remove_lost_files()


KIND = Batches()


def run_slice(batch_id: UUID | str, *, for_s: float) -> bool:
    """Look at photos of a batch for about so many seconds; return whether there are more. Safe to repeat and to race.

    Raises SearchUnavailableError where nothing can look: the photos go on waiting.
    """
    return jobs.run_slice(KIND, batch_id, for_s=for_s)


def next_photos(batch: PhotoBatch, *, limit: int) -> list[BatchPhoto]:
    waiting = batch.photos.filter(state=BatchPhoto.State.WAITING, number__gte=batch.cursor)
    return list(waiting.order_by("number")[:limit])


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
    try:
        options = options_of(batch)
    except InvalidRequestError as error:
        # What a filter names is gone since the batch was begun.
        return outcomes | {key: Outcome(error.code, told_of(error)) for key in pictures}
    for key, (query, page) in zip(pictures, search_photos(list(pictures.values()), options), strict=True):
        outcomes[key] = Outcome(query=query, page=page)
    return outcomes


def options_of(batch: PhotoBatch) -> SearchOptions:
    """Return what is searched for with each photo. Raises InvalidRequestError for a filter that makes no sense now."""
    return SearchOptions(
        filters=parse_filters(batch.options.get("filters", {})),
        limit=batch.options["limit"],
        emphasis=batch.options["emphasis"],
    )


def told_of(error: CatalogueError) -> Message:
    """Return the message of an error; of an invalid request, that of its first field."""
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
    return read_image(content, limits=photo_limits(), target=DECODE_SIZE)


@transaction.atomic
def write(lease: jobs.Lease[PhotoBatch], outcomes: Mapping[int, Outcome], *, cursor: int) -> None:
    """Note what became of photos, and remove their files. Raises LeaseLostError, and nothing is written then."""
    # First: who changes a batch's photos holds its row.
    jobs.advance(lease, cursor=cursor)
    photos = list(lease.job.photos.filter(pk__in=outcomes))
    names = [str(photo.file.name) for photo in photos if photo.file.name]
    for photo in photos:
        outcome = outcomes[photo.pk]
        photo.file, photo.code = "", outcome.code
        photo.error = outcome.message.as_json() if outcome.message else None
        photo.state = BatchPhoto.State.FAILED if outcome.code else BatchPhoto.State.DONE
        if outcome.query is not None and outcome.page is not None:
            photo.token, photo.match = outcome.query.token, outcome.page.match
            photo.hits = [[hit.article.pk, round(hit.similarity, 4)] for hit in outcome.page.matches]
    BatchPhoto.objects.bulk_update(photos, ["file", "code", "error", "state", "token", "match", "hits"])
    transaction.on_commit(lambda: remove_files(names), robust=True)


def cancel(batch: PhotoBatch) -> bool:
    """Stop a batch: what was found stays, what waits is given up and its files removed. Returns whether it ran."""
    return jobs.cancel(KIND, batch)


def forget(batch: PhotoBatch) -> None:
    """Remove a batch with its results and its files."""
    with transaction.atomic():
        names = [name for name in batch.photos.values_list("file", flat=True) if name]
        batch.delete()
        transaction.on_commit(lambda: remove_files(names), robust=True)


def remove_files(names: Iterable[str]) -> None:
    for name in names:
        batch_upload_storage().delete(name)


def remove_lost_files() -> int:
    store = batch_upload_storage()
    removed = 0
    try:
        folders, _ = store.listdir("")
    except FileNotFoundError:
        return 0
    for folder in folders:
        named = BatchPhoto.objects.filter(file__startswith=f"{folder}/").values_list("file", flat=True)
        removed += jobs.remove_unknown_files(store, folder, named.all, older_than=LOST_AFTER)
        if not store.listdir(folder)[1]:
            # An empty folder; where the store has none, this is nothing.
            store.delete(folder)
    return removed
