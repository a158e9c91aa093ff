"""Embedding of photos: pending photos, their vectors, and failures.

Pending photos are computed from rows, never stored. So lost, repeated or reordered tasks do not change the result.
"""

from __future__ import annotations

import hashlib
import io
import logging
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import SuspiciousFileOperation
from django.db import transaction
from PIL.Image import Image

from catalogue.exceptions import ImageError
from catalogue.imaging import read_image
from catalogue.messages import Json, Message, english
from catalogue.models import Photo
from catalogue.photos.validators import photo_limits
from visualsearch.exceptions import SearchUnavailableError
from visualsearch.inference.colour import ColourModel
from visualsearch.inference.regions import describe
from visualsearch.models import EmbeddingFailure, ModelVersion, PhotoEmbedding
from visualsearch.services import versions
from visualsearch.services.indexing import indexing
from visualsearch.services.statistics import instruments
from visualsearch.vectors import quantise

logger = logging.getLogger(__name__)

# Batches of 8 embed twice as many photos a second (int8) as single ones; larger ones gain little and need more memory.
BATCH_SIZE = 8
# Of queries and of the catalogue alike: pictures keep twice as many pixels on their shorter side, 256, of which the
# network sees 224 on the longer one. More is decoded and scaled for nothing.
DECODE_SIZE = 128


@dataclass(frozen=True, slots=True)
class PhotoState:
    """Whether a photo is indexed: "found", "waiting" and since when, or "failed" with the stored error.

    `since` is None for a photo whose file was replaced: the time of the replacement is not stored.
    """

    state: str
    error: Json | None = None
    since: datetime | None = None


def embed_photos(photo_ids: Sequence[int]) -> int:
    """Embed those of the photos that are pending, for every active version; write each version's in one transaction.

    Returns how many are pending no longer: a vector or a failure was stored. Raises SearchUnavailableError while a
    version has no network to embed with.
    """
    settled = 0
    for version in versions.fed_versions():
        waiting = list(version.waiting().filter(pk__in=photo_ids).order_by("pk"))
        settled += _embed(version, waiting) if waiting else 0
    return settled


def waiting_after(photo_id: int, *, limit: int) -> list[int]:
    """Return the next photos after an id that are pending for any version, in id order."""
    photo_ids: set[int] = set()
    for version in versions.fed_versions():
        photo_ids.update(version.waiting().filter(pk__gt=photo_id).order_by("pk").values_list("pk", flat=True)[:limit])
    return sorted(photo_ids)[:limit]


def waiting_ids(*, limit: int) -> list[int]:
    """Return photos that are pending for a complete version, newest first: what was saved last is searched first."""
    photo_ids: list[int] = []
    for version in versions.fed_versions():
        if version.state == ModelVersion.State.BUILDING:
            # All photos are pending for it; tasks.embed_building embeds them at a limited rate.
            continue
        photo_ids += version.waiting().order_by("-pk").values_list("pk", flat=True)[:limit]
    return list(dict.fromkeys(photo_ids))[:limit]


def waiting_ids_of(version: ModelVersion, *, limit: int) -> list[int]:
    """Return photos that are pending for a version, newest first."""
    return list(version.waiting().order_by("-pk").values_list("pk", flat=True)[:limit])


def try_again(photo_ids: Iterable[int]) -> int:
    """Delete the photos' failures, so that they are pending again. Returns how many were deleted."""
    return EmbeddingFailure.objects.filter(photo_id__in=list(photo_ids)).delete()[0]


@transaction.atomic
def embed_again(photo_ids: Iterable[int]) -> int:
    """Make photos pending again, failed or not. Until embedded they are not found. Returns how many became pending."""
    photo_ids = list(photo_ids)
    # Versions are locked before photos, as deletion does: one lock order prevents deadlocks.
    list(ModelVersion.objects.select_for_update(no_key=True).active().order_by("pk"))
    # A vector whose digest is not the photo's counts as missing.
    outdated = PhotoEmbedding.objects.filter(photo_id__in=photo_ids, model_version__in=versions.fed_versions())
    again = set(outdated.values_list("photo_id", flat=True))
    again |= set(EmbeddingFailure.objects.filter(photo_id__in=photo_ids).values_list("photo_id", flat=True))
    outdated.update(photo_sha256="")
    try_again(photo_ids)
    return len(again)


def photo_states(photos: Iterable[Photo]) -> dict[int, PhotoState]:
    """Return each photo's state with the serving version, by photo id, in two queries."""
    photos = list(photos)
    digests = {photo.pk: photo.sha256 for photo in photos}
    version = versions.serving_version()
    embedded = list(version.embeddings.filter(photo_id__in=digests).values_list("photo_id", "photo_sha256"))
    failed = list(version.failures.filter(photo_id__in=digests).values_list("photo_id", "photo_sha256", "error"))
    processed = {row[0] for row in (*embedded, *failed)}
    states = {
        photo.pk: PhotoState("waiting", since=None if photo.pk in processed else photo.created) for photo in photos
    }
    states |= {pk: PhotoState("failed", error) for pk, digest, error in failed if digests[pk] == digest}
    states |= {pk: PhotoState("found") for pk, digest in embedded if digests[pk] == digest}
    return states


def log_removals(photo_ids: Sequence[int]) -> None:
    """Append the removal of the photos' vectors to the change log of every active version.

    Call it in the transaction that removes them, before it does: the versions' rows are locked before the photos'.
    """
    # In id order, as all code that locks several versions: one lock order prevents deadlocks.
    for version in ModelVersion.objects.active().order_by("pk"):
        indexing.log_changes(version, photo_ids)


def remove_vectors(photo_ids: Sequence[int]) -> None:
    """Remove the photos' vectors and failures, and log that. Call it in the transaction that hides the photos.

    They are pending again once they are back.
    """
    log_removals(photo_ids)
    PhotoEmbedding.objects.filter(photo_id__in=photo_ids).delete()
    EmbeddingFailure.objects.filter(photo_id__in=photo_ids).delete()


def _embed(version: ModelVersion, photos: Sequence[Photo]) -> int:
    model = versions.get_model(version)
    if isinstance(model, ColourModel):
        raise SearchUnavailableError("search.no_network", version=str(version))
    digested: dict[int, tuple[str, bytes]] = {}
    failed = 0
    for start in range(0, len(photos), BATCH_SIZE):
        # A batch is embedded before the next is read, so that memory does not grow with the photos of a call.
        pictures: list[Image] = []
        readable: list[Photo] = []
        for photo, picture in _read(photos[start : start + BATCH_SIZE]):
            if isinstance(picture, Message):
                _note_failure(version, photo, picture)
                failed += 1
            else:
                pictures.append(picture)
                readable.append(photo)
        started = time.perf_counter()
        vectors = [quantise(of_photo).tobytes() for of_photo in describe(model, pictures)]
        instruments.observe_batch(len(pictures), time.perf_counter() - started)
        digested |= {photo.pk: (photo.sha256, stored) for photo, stored in zip(readable, vectors, strict=True)}
    return failed + (_write(version, digested) if digested else 0)


def _read(photos: Sequence[Photo]) -> Iterator[tuple[Photo, Image | Message]]:
    """Yield each photo with its decoded picture, or with the reason why there is none."""
    for photo in photos:
        try:
            with photo.file.open("rb") as file:
                data = file.read()
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError, ValueError, SuspiciousFileOperation):
            # Gone, or a row with an invalid path: empty, or outside the storage.
            yield photo, Message.of("photo.file_gone")
            continue
        except ImageError as error:
            yield photo, error.message
            continue
        digest = hashlib.sha256(data).hexdigest()
        if not photo.sha256:
            # The row was written by bulk_create or SQL, which compute no digest.
            Photo.objects.filter(pk=photo.pk, sha256="").update(sha256=digest)
            photo.sha256 = digest
        if photo.sha256 != digest:
            yield photo, Message.of("photo.file_changed")
            continue
        try:
            yield photo, read_image(io.BytesIO(data), limits=photo_limits(), target=DECODE_SIZE)
        except ImageError as error:
            yield photo, error.message


@transaction.atomic
def _note_failure(version: ModelVersion, photo: Photo, message: Message) -> None:
    """Store why a photo cannot be embedded, unless it was deleted or replaced meanwhile: that is the reason then."""
    same = Photo.objects.select_for_update(skip_locked=True).filter(
        pk=photo.pk, sha256=photo.sha256, file=photo.file.name
    )
    if same.first() is None:
        return
    logger.warning("photo %d cannot be embedded: %s", photo.pk, english(message))
    EmbeddingFailure.objects.update_or_create(
        photo=photo, model_version=version, defaults={"photo_sha256": photo.sha256, "error": message.as_json()}
    )


@transaction.atomic
def _write(version: ModelVersion, vectors: dict[int, tuple[str, bytes]]) -> int:
    """Write vectors and log entries in one transaction, for photos whose bytes are still the ones embedded."""
    # The version's row is locked first, then the photos, as deletion does. Locked photos are skipped, not waited for:
    # their holder may wait for the version's row. A skipped photo is still pending, and reconciliation queues it again.
    locked = ModelVersion.objects.select_for_update(no_key=True).active().filter(pk=version.pk).first()
    if locked is None:
        return 0
    photos = Photo.objects.select_for_update(skip_locked=True).filter(pk__in=vectors).order_by("pk")
    unchanged = [pk for pk, digest in photos.values_list("pk", "sha256") if digest == vectors[pk][0]]
    PhotoEmbedding.objects.bulk_create(
        [
            PhotoEmbedding(model_version=version, photo_id=pk, photo_sha256=vectors[pk][0], vector=vectors[pk][1])
            for pk in unchanged
        ],
        update_conflicts=True,
        unique_fields=["model_version", "photo"],
        update_fields=["photo_sha256", "vector", "created"],
    )
    EmbeddingFailure.objects.filter(model_version=version, photo_id__in=unchanged).delete()
    indexing.log_changes(locked, unchanged)
    return len(unchanged)
