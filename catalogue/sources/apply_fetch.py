"""Applies the result of a fetch: a picture becomes an article's photo; a failure is recorded with its reason.

Concurrent changes of the row win: the result is written only while the fetcher holds the lease, and only if `due` is as
it was when the fetch began.
"""

from __future__ import annotations

import hashlib
import logging
from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Min
from django.utils import timezone

from catalogue.exceptions import ImageError, NotFetchedError
from catalogue.feeds.photo_files import PhotoFile, check_photo_bytes, store_photo_file
from catalogue.imaging import Fetched, HttpValidators
from catalogue.jobs.leases import LeaseLostError, freed
from catalogue.messages import Message
from catalogue.models import Article, Photo, PhotoSource, photo_storage
from catalogue.photos.validators import photo_limits

logger = logging.getLogger(__name__)

# Transient failures are retried after 1, 2, 4 … minutes.
FIRST_DELAY_S = 60


def settle_failure(source: PhotoSource, message: Message, *, passing: bool, wait_s: float = 0.0) -> None:
    """Record why a fetch failed; if it is transient (`passing`), schedule a retry after at least `wait_s` seconds."""
    delay = max(wait_s, FIRST_DELAY_S * 2.0 ** (source.attempts - 1))
    again = passing and source.attempts < source.ATTEMPTS
    now = timezone.now()
    due = now + timedelta(seconds=delay) if again else None
    source.held().update(**freed(due=due, tried=now, error=message.as_json()))


def settle_interrupted(source: PhotoSource) -> None:
    """Give up on a picture for which every attempt ended in a dead worker: probably it crashes them."""
    settle_failure(source, Message.of("fetch.interrupted"), passing=False)


def settle_fetched(source: PhotoSource, fetched: Fetched) -> int | None:
    """Make the picture the article's photo. Returns the id of the photo with new bytes, None if there is none.

    Raises NotFetchedError if it is not a complete picture, or cannot be stored.
    """
    if fetched.content is None:
        known = (
            fetched.validators
            if fetched.validators != HttpValidators()
            else HttpValidators(source.etag, source.last_modified)
        )
        source.held().update(**_settled(known))
        return None
    file = PhotoFile(source.url, fetched.content, hashlib.sha256(fetched.content).hexdigest())
    stored = "" if _has(source.article_id, file.sha256) else _store(file)
    settling = _Settling(source, file, stored)
    used: int | None = None
    try:
        with suppress(LeaseLostError):
            with transaction.atomic():
                settling.write(fetched.validators)
            used = settling.used
    finally:
        # Whatever rolled the transaction back.
        if stored and not used:
            photo_storage().delete(stored)
    return used


def _has(article_id: int, sha256: str) -> bool:
    return Photo.objects.filter(article=article_id, sha256=sha256).exists()


def _store(file: PhotoFile) -> str:
    try:
        return store_photo_file(file, check_photo_bytes(file.content, limits=photo_limits()))
    except ImageError as error:
        raise NotFetchedError(error.message) from error
    except OSError as error:
        raise NotFetchedError("fetch.not_kept", passing=True) from error


def _settled(validators: HttpValidators) -> dict[str, Any]:
    return freed(
        etag=validators.etag,
        last_modified=validators.last_modified,
        tried=timezone.now(),
        due=None,
        attempts=0,
        error=None,
    )


class _Settling:
    """Writes one fetched picture, within a transaction."""

    def __init__(self, source: PhotoSource, file: PhotoFile, stored: str) -> None:
        self._source, self._file, self._stored = source, file, stored
        # The id of the photo that uses the stored file.
        self.used: int | None = None

    def write(self, validators: HttpValidators) -> None:
        # The row lock that imports take too, so that changes to an article's photos are serialised.
        held = Article.objects.select_for_update().filter(pk=self._source.article_id).first()
        source = self._source.held().select_related("photo").first()
        if held is None or source is None:
            return
        shown = source.photo
        photo = self._same(held, shown) or self._take_file(source, shown)
        if photo is None:
            # The photo with the same bytes was deleted during the fetch. The source stays due.
            return
        if photo != shown and shown is not None:
            # Before any photo is locked, against deadlocks: a deletion takes locks that others take before photos.
            PhotoSource.objects.filter(pk=source.pk).update(photo=None)
            _let_go(shown, photo)
        values = _settled(validators) | {"photo": photo, "sha256": self._file.sha256}
        if not self._source.held().update(**values):
            raise LeaseLostError
        if photo != shown:
            _place(photo)

    def _same(self, article: Article, shown: Photo | None) -> Photo | None:
        """Return the article's photo with these bytes, preferably the one that the source shows, or None."""
        same = [photo for photo in article.photos.all() if photo.sha256 == self._file.sha256]
        return shown if shown in same else next(iter(same), None)

    def _take_file(self, source: PhotoSource, shown: Photo | None) -> Photo | None:
        if not self._stored:
            return None
        photo = shown
        if photo is None or photo.sources.exclude(pk=source.pk).exists():
            photo = Photo(article_id=source.article_id, position=source.position)
        else:
            Photo.objects.filter(pk=photo.pk).bin_files()
        photo.file, photo.sha256 = self._stored, self._file.sha256
        photo.alt = source.alt or photo.alt
        # Neither sends post_save, which would queue the photo with the priority of interactive work.
        if photo.pk:
            Photo.objects.bulk_update([photo], ["file", "sha256", "alt"])
        else:
            Photo.objects.bulk_create([photo])
        self.used = photo.pk
        return photo


def _place(photo: Photo) -> None:
    """Set a photo's position to that of its first source."""
    first = photo.sources.aggregate(first=Min("position"))["first"]
    Photo.objects.filter(pk=photo.pk).exclude(position=first).update(position=first)


def _let_go(shown: Photo, instead: Photo) -> None:
    """Keep a photo that a source has left if another source has it or, not yet fetched, can show it; else delete it."""
    if shown.sources.exists():
        _place(shown)
        return
    waiting = instead.sources.exclude(sha256=instead.sha256).first()
    if waiting is None:
        shown.delete()
    else:
        PhotoSource.objects.filter(pk=waiting.pk).update(photo=shown)
        _place(shown)
