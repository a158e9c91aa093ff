"""The catalogue's verbs: whatever takes two steps."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator, Sequence
from datetime import timedelta

from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage, storages
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from catalogue.exceptions import InvalidRequestError
from catalogue.imaging import describe_image, is_whole, read_image, render
from catalogue.messages import Message
from catalogue.models import Article, IdempotencyRecord, Photo, photo_storage
from catalogue.photos.validators import photo_limits

logger = logging.getLogger(__name__)

# Widths in pixels of what is served: a list on a phone, a list on a sharp screen, an article's page.
RENDITION_WIDTHS = (320, 640, 1280)
# The first is for browsers that know it, the last for all.
RENDITION_KINDS = ("avif", "webp")

# A file is stored before its row is committed, so a new one without a row may be about to get it.
LOST_AFTER = timedelta(days=1)
# Answers to requests with an Idempotency-Key are repeated for so long.
ANSWERS_KEPT_FOR = timedelta(days=1)
# The names that this shop gives. A store may hold what others put there, which is theirs.
_ORIGINAL = re.compile(r"[0-9a-f]{2}/[0-9a-f]{32}(\.[^/]*)?")
_RENDITION = re.compile(r"[0-9a-f]{2}/([0-9a-f]{64})-\d+\.(?:avif|webp)")


def rendition_path(digest: str, width: int, kind: str = "webp") -> str:
    """Return where the rendition of the photo of these bytes lies in its store."""
    return f"{digest[:2]}/{digest}-{width}.{kind}"


def rendition_paths(digest: str) -> list[str]:
    """Return where all renditions of the photo of these bytes lie."""
    return [rendition_path(digest, width, kind) for width in RENDITION_WIDTHS for kind in RENDITION_KINDS]


def kept_rendition(photo: Photo, *, width: int, kind: str = "webp") -> bytes | None:
    """Return a photo's rendition if it is there, and whole."""
    store, path = storages["renditions"], rendition_path(photo.sha256, width, kind)
    if not store.exists(path):
        return None
    with store.open(path) as file:
        kept = bytes(file.read())
    # Whoever drew it may have been killed half-way, or be half-way now: then it is drawn anew.
    return kept if is_whole(kept, kind) else None


def get_rendition(photo: Photo, *, width: int, kind: str = "webp") -> bytes:
    """Return a photo's rendition, drawing and keeping it if it is not there yet.

    Raises ImageError for a photo that cannot be read, FileNotFoundError for one whose file is gone.
    """
    kept = kept_rendition(photo, width=width, kind=kind)
    if kept is not None:
        return kept
    with photo.file.open("rb") as file:
        picture = read_image(io.BytesIO(file.read()), target=width)
    drawn = render(picture, width, kind)
    try:
        storages["renditions"].save(rendition_path(photo.sha256, width, kind), ContentFile(drawn))
    except OSError as error:
        # The visitor sees it all the same; the next one has it drawn again.
        logger.warning("a rendition of photo %d cannot be kept: %s", photo.pk, error)
    return drawn


def make_renditions(photo: Photo) -> None:
    """Draw what a photo's pages need, so that the first visitor does not wait for it."""
    for width in RENDITION_WIDTHS:
        for kind in reversed(RENDITION_KINDS):
            get_rendition(photo, width=width, kind=kind)


def add_photo(article: Article, file: File[bytes], *, alt: str = "", position: int | None = None) -> Photo:
    """Return a new photo of an article, the last one unless `position` says otherwise.

    Raises ImageError for a file that no page could show.
    """
    limits = photo_limits()
    describe_image(file.read(limits.max_bytes + 1), limits=limits)
    if position is None:
        last = article.photos.aggregate(last=Max("position"))["last"]
        position = 0 if last is None else last + 1
    return Photo.objects.create(article=article, file=file, alt=alt, position=position)


def reorder_photos(article: Article, photo_ids: Sequence[int]) -> None:
    """Put an article's photos into this order. Raises InvalidRequestError unless it names each of them once."""
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
    """Change what is given of a photo. Raises ImageError for a file that no page could show."""
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
    """Remove answers that are too old to be repeated, and return how many."""
    return IdempotencyRecord.objects.filter(created__lt=timezone.now() - ANSWERS_KEPT_FOR).delete()[0]


def remove_photo_files(name: str, digest: str) -> None:
    """Remove a photo's file and, unless another photo has the same bytes, its renditions."""
    photo_storage().delete(name)
    if digest and not Photo.objects.filter(sha256=digest).exists():
        for path in rendition_paths(digest):
            storages["renditions"].delete(path)


def remove_lost_files() -> int:
    """Remove originals and renditions that belong to no photo, and return how many.

    A rolled-back save, a killed import and two replacements of one photo at once leave such files.
    """
    originals = _lost_originals()
    for name in originals:
        photo_storage().delete(name)
    renditions = _lost_renditions()
    for name in renditions:
        storages["renditions"].delete(name)
    return len(originals) + len(renditions)


def _lost_originals() -> list[str]:
    found = [name for name in _files(photo_storage()) if _ORIGINAL.fullmatch(name)]
    kept = set(Photo.objects.values_list("file", flat=True))
    lost = [name for name in found if name not in kept and _is_old(photo_storage(), name)]
    if len(lost) > len(kept):
        logger.error(
            "%d files of the store of photos belong to no photo, and %d do. Nothing is removed, since this may be "
            "another shop's database. If it is the right one, remove the files by hand.",
            len(lost),
            len(kept),
        )
        return []
    return lost


def _lost_renditions() -> list[str]:
    store = storages["renditions"]
    found = [(name, known[1]) for name in _files(store) if (known := _RENDITION.fullmatch(name))]
    kept = set(Photo.objects.values_list("sha256", flat=True))
    return [name for name, digest in found if digest not in kept and _is_old(store, name)]


def _files(store: Storage) -> Iterator[str]:
    """Yield the names of the files one folder deep, where photos and renditions are kept."""
    try:
        folders, _ = store.listdir("")
    except FileNotFoundError:
        return
    for folder in folders:
        for name in store.listdir(folder)[1]:
            yield f"{folder}/{name}"


def _is_old(store: Storage, name: str) -> bool:
    try:
        return store.get_modified_time(name) < timezone.now() - LOST_AFTER
    except FileNotFoundError:
        return False
