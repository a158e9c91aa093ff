"""The catalogue's verbs: whatever takes two steps."""

from __future__ import annotations

import io
import logging

from django.core.files.base import ContentFile, File
from django.core.files.storage import storages
from django.db.models import Max

from catalogue.imaging import describe_image, read_image, render
from catalogue.models import Article, Photo, photo_storage
from catalogue.validators import photo_limits

logger = logging.getLogger(__name__)

# Widths in pixels of what is served: a list on a phone, a list on a sharp screen, an article's page.
RENDITION_WIDTHS = (320, 640, 1280)


def rendition_path(digest: str, width: int) -> str:
    """Return where the rendition of the photo of these bytes lies in its store."""
    return f"{digest[:2]}/{digest}-{width}.webp"


def get_rendition(photo: Photo, *, width: int) -> bytes:
    """Return a photo's rendition as WebP, drawing and keeping it if it is not there yet.

    Raises ImageError for a photo that cannot be read, FileNotFoundError for one whose file is gone.
    """
    store, path = storages["renditions"], rendition_path(photo.sha256, width)
    if store.exists(path):
        with store.open(path) as file:
            kept = bytes(file.read())
        # Whoever drew it may have been killed half-way, or be half-way now: then it is drawn anew.
        if is_whole_webp(kept):
            return kept
    with photo.file.open("rb") as file:
        picture = read_image(io.BytesIO(file.read()), target=width)
    drawn = render(picture, width)
    store.save(path, ContentFile(drawn))
    return drawn


def is_whole_webp(content: bytes) -> bool:
    """Whether a file is as long as its RIFF header says."""
    return len(content) >= 12 and len(content) == 8 + int.from_bytes(content[4:8], "little")


def make_renditions(photo: Photo) -> None:
    """Draw what a photo's pages need, so that the first visitor does not wait for it."""
    for width in RENDITION_WIDTHS:
        get_rendition(photo, width=width)


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


def remove_photo_files(name: str, digest: str) -> None:
    """Remove a photo's file and, unless another photo has the same bytes, its renditions."""
    photo_storage().delete(name)
    if digest and not Photo.objects.filter(sha256=digest).exists():
        for width in RENDITION_WIDTHS:
            storages["renditions"].delete(rendition_path(digest, width))
