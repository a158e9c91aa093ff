"""Services for photos: adding, replacing and ordering them, renditions, and removal of orphaned files."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import lru_cache
from typing import Any

from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage, storages
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from catalogue.exceptions import ImageError, InvalidRequestError, UnreadableImageError
from catalogue.imaging import describe_image, is_whole, measure_image, read_image, render, rendition_size
from catalogue.messages import Message
from catalogue.models import Article, IdempotencyRecord, Photo, photo_storage
from catalogue.photos.validators import photo_limits

logger = logging.getLogger(__name__)

# Widths in pixels: a list on a phone, a list on a high-density screen, an article's page.
RENDITION_WIDTHS = (320, 640, 1280)
# In order of preference: the first is for browsers that accept it, the last for all.
RENDITION_KINDS = ("avif", "webp")

# A photo is measured by its beginning where that suffices: of a store a whole one would have to be fetched.
HEADER_BYTES = 131_072
# A file is stored before its row is committed, so only older files without a row are orphans.
LOST_AFTER = timedelta(days=1)
# How long the response to a request with an Idempotency-Key is stored.
ANSWERS_KEPT_FOR = timedelta(days=1)
# The names of files that this shop writes. Other files in the storage are never deleted.
_ORIGINAL = re.compile(r"[0-9a-f]{2}/[0-9a-f]{32}(\.[^/]*)?")
_RENDITION = re.compile(r"[0-9a-f]{2}/([0-9a-f]{64})-\d+\.(?:avif|webp)")


def rendition_path(digest: str, width: int, kind: str = "webp") -> str:
    """Return the storage path of a rendition of the photo with this SHA-256."""
    return f"{digest[:2]}/{digest}-{width}.{kind}"


def rendition_paths(digest: str) -> list[str]:
    """Return the storage paths of all renditions of the photo with this SHA-256."""
    return [rendition_path(digest, width, kind) for width in RENDITION_WIDTHS for kind in RENDITION_KINDS]


def kept_rendition(photo: Photo, *, width: int, kind: str = "webp") -> bytes | None:
    """Return a photo's stored rendition; None if it is missing or incomplete."""
    store, path = storages["renditions"], rendition_path(photo.sha256, width, kind)
    try:
        with store.open(path) as file:
            stored = bytes(file.read())
    except FileNotFoundError:
        return None
    # Its writer may have been killed, or be writing now: an incomplete one is rendered again.
    return stored if is_whole(stored, kind) else None


def get_rendition(photo: Photo, *, width: int, kind: str = "webp") -> bytes:
    """Return a photo's rendition, rendering and storing it if it is missing.

    Raises ImageError for a photo that cannot be decoded, FileNotFoundError for one whose file is gone.
    """
    stored = kept_rendition(photo, width=width, kind=kind)
    if stored is not None:
        return stored
    with photo.file.open("rb") as file:
        picture = read_image(io.BytesIO(file.read()), target=width)
    rendered = render(picture, width, kind)
    try:
        storages["renditions"].save(rendition_path(photo.sha256, width, kind), ContentFile(rendered))
    except OSError as error:
        # The visitor still gets it; it is rendered again for the next one.
        logger.warning("a rendition of photo %d cannot be kept: %s", photo.pk, error)
    return rendered


def sizes_of_renditions(photo: Photo, widths: Sequence[int]) -> list[tuple[int, int] | None]:
    """Return width and height in pixels of each of a photo's renditions; None where its file cannot be read.

    Of a HEIC only renditions that were made are measured: decoding it would take half a second.
    """
    try:
        size = _upright_size(photo.sha256, str(photo.file.name))
        if size is not None:
            return [rendition_size(size, width) for width in widths]
        kept = [kept_rendition(photo, width=width) for width in widths]
        return [measure_image(rendition) if rendition else None for rendition in kept]
    except (ImageError, OSError, ValueError) as error:
        logger.info("photo %d cannot be measured: %s", photo.pk, error)
        return [None] * len(widths)


# Bytes have one size for good, so a process measures a photo once: 1 ms each. 20,000 take 5 MB.
@lru_cache(maxsize=20_000)
def _upright_size(digest: str, name: str) -> tuple[int, int] | None:
    store: Any = photo_storage()
    try:
        return measure_image(store.read_start(name, HEADER_BYTES), limits=photo_limits())
    except UnreadableImageError:
        # The header is longer, or the format is one that is read whole.
        with store.open(name, "rb") as file:
            return measure_image(file.read(), limits=photo_limits())


def make_renditions(photo: Photo) -> None:
    """Render and store all of a photo's renditions, so that the first visitor does not wait for them."""
    for width in RENDITION_WIDTHS:
        for kind in reversed(RENDITION_KINDS):
            get_rendition(photo, width=width, kind=kind)


def add_photo(article: Article, file: File[bytes], *, alt: str = "", position: int | None = None) -> Photo:
    """Create a photo of an article, by default at the last position.

    Raises ImageError for a file that is too large or cannot be decoded.
    """
    limits = photo_limits()
    describe_image(file.read(limits.max_bytes + 1), limits=limits)
    if position is None:
        last = article.photos.aggregate(last=Max("position"))["last"]
        position = 0 if last is None else last + 1
    return Photo.objects.create(article=article, file=file, alt=alt, position=position)


def reorder_photos(article: Article, photo_ids: Sequence[int]) -> None:
    """Set the order of an article's photos. Raises InvalidRequestError unless `photo_ids` has each of them once."""
    with transaction.atomic():
        photos = {photo.pk: photo for photo in article.photos.select_for_update().order_by("pk")}
        if sorted(photo_ids) != sorted(photos):
            raise InvalidRequestError({"photos": [Message.of("request.photo_order")]})
        for position, photo_id in enumerate(photo_ids):
            photos[photo_id].position = position
        Photo.objects.bulk_update(photos.values(), ["position"])


def change_photo(
    photo: Photo, *, file: File[bytes] | None = None, alt: str | None = None, position: int | None = None
) -> Photo:
    """Update those fields of a photo that are not None. Raises ImageError as `add_photo` does."""
    if file is not None:
        limits = photo_limits()
        describe_image(file.read(limits.max_bytes + 1), limits=limits)
        photo.file = file
    if alt is not None:
        photo.alt = alt
    if position is not None:
        photo.position = position
    photo.save()
    return photo


def forget_answers() -> int:
    """Delete expired idempotency records, and return how many."""
    return IdempotencyRecord.objects.filter(created__lt=timezone.now() - ANSWERS_KEPT_FOR).delete()[0]


def remove_photo_files(name: str, digest: str) -> None:
    """Delete a photo's file and, unless another photo has the same bytes, its renditions."""
    photo_storage().delete(name)
    if digest and not Photo.all_objects.filter(sha256=digest).exists():
        for path in rendition_paths(digest):
            storages["renditions"].delete(path)


def remove_lost_files() -> int:
    """Delete orphaned originals and renditions, which belong to no photo, and return how many.

    Orphans are left by a save that was rolled back, a killed import, and concurrent replacements of one photo.
    """
    originals = _lost_originals()
    for name in originals:
        photo_storage().delete(name)
    renditions = _lost_renditions()
    for name in renditions:
        storages["renditions"].delete(name)
    return len(originals) + len(renditions)


def _lost_originals() -> list[str]:
    # The files are listed before the rows are read, so that a row committed between the two protects its file.
    names = [name for name in _files(photo_storage()) if _ORIGINAL.fullmatch(name)]
    referenced = set(Photo.all_objects.values_list("file", flat=True))
    lost = [name for name in names if name not in referenced and is_old(photo_storage(), name)]
    if len(lost) > len(referenced):
        logger.error(
            "%d files of the store of photos belong to no photo, and %d do. Nothing is removed, since this may be "
            "another shop's database. If it is the right one, remove the files by hand.",
            len(lost),
            len(referenced),
        )
        return []
    return lost


def _lost_renditions() -> list[str]:
    store = storages["renditions"]
    names = [(name, match[1]) for name in _files(store) if (match := _RENDITION.fullmatch(name))]
    referenced = set(Photo.all_objects.values_list("sha256", flat=True))
    return [name for name, digest in names if digest not in referenced and is_old(store, name)]


def _files(store: Storage) -> Iterator[str]:
    """Yield the names of the files in first-level folders, where photos and renditions are stored."""
    try:
        folders, _ = store.listdir("")
    except FileNotFoundError:
        return
    for folder in folders:
        for name in store.listdir(folder)[1]:
            yield f"{folder}/{name}"


def is_old(store: Storage, name: str) -> bool:
    """Return whether a file is older than any save that is under way."""
    try:
        return store.get_modified_time(name) < timezone.now() - LOST_AFTER
    except FileNotFoundError:
        return False
