"""Piles as jobs: received, looked at a few photos at a time, grouped at the end, and forgotten some weeks later."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Generator, Iterable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path, PurePath
from typing import Any
from uuid import uuid4

import numpy as np
from django.core.files.base import ContentFile, File
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.db import transaction
from django.utils import timezone
from PIL.Image import Image

from catalogue import jobs
from catalogue.exceptions import ImageError
from catalogue.feeds import FeedError
from catalogue.feeds.archives import MAGICS, Archive
from catalogue.imaging import describe_image, read_image, render
from catalogue.messages import Message
from catalogue.models import Colour
from catalogue.photos.validators import photo_limits
from visualsearch.exceptions import SearchUnavailableError
from visualsearch.models import Pile, PileGroup, PilePhoto, PileQuerySet, pile_photo_storage
from visualsearch.services.indexing.embedding import BATCH_SIZE, DECODE_SIZE
from visualsearch.services.piles import looking, proposals
from visualsearch.services.piles.grouping import View, group

logger = logging.getLogger(__name__)

MOST_PHOTOS = 1_000
KEPT_FOR = timedelta(days=14)
# A file is kept before its row is, so a new one without a row may be about to get it.
LOST_AFTER = timedelta(hours=1)
THUMBNAIL_WIDTH = 320
_DIGITS = re.compile(r"(\d+)")


def receive(files: Sequence[File[bytes]], *, by: Any = None) -> Pile:
    """Store photos, and those in ZIP files, and return their pile. Raises FeedError, and then stores nothing."""
    stored: list[tuple[str, str]] = []
    notes: list[Message] = []
    kept = False
    folder = uuid4().hex
    try:
        for name, content in _photos_of(files, notes):
            if len(stored) == MOST_PHOTOS:
                raise FeedError("pile.too_many", limit=MOST_PHOTOS)
            try:
                stored.append((name, pile_photo_storage().save(f"{folder}/{uuid4().hex}", content)))
            except OSError as error:
                raise FeedError("feed.not_kept", file=name, error=str(error.strerror or error)) from error
        if not stored:
            raise FeedError("pile.empty")
        stored.sort(key=lambda pair: _natural(pair[0]))
        with transaction.atomic():
            pile = Pile.objects.create(by=by, total=len(stored) + 1, notes=[note.as_json() for note in notes])
            PilePhoto.objects.bulk_create(
                PilePhoto(pile=pile, number=number, name=name[-1_000:], file=file)
                for number, (name, file) in enumerate(stored)
            )
        kept = True
    finally:
        if not kept:
            _remove_files(file for _, file in stored)
    return pile


def _photos_of(files: Sequence[File[bytes]], notes: list[Message]) -> Iterator[tuple[str, File[bytes]]]:
    """Yield the name and the content of each photo. Raises FeedError for a ZIP that will not do."""
    for file in files:
        name = PurePath((file.name or "?").replace("\\", "/")).name
        file.seek(0)
        is_zip = file.read(4) in MAGICS
        file.seek(0)
        if not is_zip:
            yield name, file
        elif isinstance(file, TemporaryUploadedFile):
            archive = Archive(Path(file.temporary_file_path()), name=name)
            if archive.left_out:
                names = archive.left_out
                notes.append(Message.of("feed.archive_left_out", number=len(names), names=names[:20]))
            for path, member in archive.files.items():
                try:
                    with member.open() as content:
                        data = content.read(photo_limits().max_bytes + 1)
                except OSError:
                    # An empty file: reported beside the photo, as one that is no picture.
                    data = b""
                yield str(path), ContentFile(data)


def _natural(name: str) -> list[tuple[int, int, str]]:
    """Return what names are sorted by, so that IMG_9 comes before IMG_10."""
    return [(0, int(part[:18]), "") if part.isdecimal() else (1, 0, part.casefold()) for part in _DIGITS.split(name)]


class Piles(jobs.JobKind[Pile]):
    """Piles of photos, a few photos a unit, and the grouping as the last."""

    PASSING = (*jobs.JobKind.PASSING, SearchUnavailableError)

    def rows(self) -> PileQuerySet:
        return Pile.objects.all()

    def units(self, lease: jobs.Lease[Pile]) -> Generator[None, None, None]:
        pile = lease.job
        photos = pile.photos.order_by("number")
        # Of eight photos at which the last attempt broke off, one may be to blame.
        at_once = BATCH_SIZE if pile.attempts == 1 else 1
        while some := list(photos.filter(number__gte=pile.cursor)[:at_once]):
            look_at(some)
            with transaction.atomic():
                jobs.advance(lease, cursor=some[-1].number + 1)
                fields = ["thumbnail", "vector", "predictions", "colours", "failed", "error"]
                PilePhoto.objects.bulk_update(some, fields)
            yield
        if pile.cursor < (pile.total or 0):
            with transaction.atomic():
                jobs.advance(lease, cursor=pile.total or 0)
                propose_groups(pile)
            yield

    def skip_unit(self, lease: jobs.Lease[Pile]) -> bool:
        """Give up the one photo that is next; the others are no worse for it."""
        error = Message.of("batch.interrupted").as_json()
        with transaction.atomic():
            if not lease.job.photos.filter(number=lease.job.cursor).update(failed=True, error=error):
                return False
            jobs.advance(lease, cursor=lease.job.cursor + 1)
        return True

    def remove_expired(self) -> int:
        expired = list(Pile.objects.filter(touched__lt=timezone.now() - KEPT_FOR))
        for pile in expired:
            forget(pile)
        return len(expired)

    def remove_lost_files(self) -> int:
        store, removed = pile_photo_storage(), 0
        try:
            folders, _ = store.listdir("")
        except FileNotFoundError:
            return 0
        for folder in folders:
            named = PilePhoto.objects.filter(file__startswith=f"{folder}/").values_list("file", flat=True)
            removed += jobs.remove_unknown_files(store, folder, named.all, older_than=LOST_AFTER)
            if not store.listdir(folder)[1]:
                store.delete(folder)
        return removed


KIND = Piles()


def look_at(photos: Sequence[PilePhoto]) -> None:
    """Set what the model sees in photos, or why one is none. Raises SearchUnavailableError while no model can look."""
    pictures: list[tuple[PilePhoto, Image]] = []
    limits = photo_limits()
    for photo in photos:
        try:
            with photo.file.open("rb") as file:
                content = file.read(limits.max_bytes + 1)
            describe_image(content, limits=limits)
            picture = read_image(io.BytesIO(content), limits=limits, target=DECODE_SIZE)
        except ImageError as error:
            photo.failed, photo.error = True, error.message.as_json()
        except FileNotFoundError:
            photo.failed, photo.error = True, Message.of("photo.file_gone").as_json()
        else:
            photo.thumbnail = render(picture, THUMBNAIL_WIDTH)
            pictures.append((photo, picture))
    if not pictures:
        return
    palette = list(Colour.objects.all())
    for (photo, _), seen in zip(pictures, looking.look([picture for _, picture in pictures], palette), strict=True):
        photo.vector, photo.predictions, photo.colours = seen.vector, seen.predictions, seen.colours


def propose_groups(pile: Pile) -> None:
    """Group the photos of a pile again, with suggestions for each article. Call it within a transaction."""
    pile.groups.all().delete()
    photos = list(pile.photos.filter(failed=False).order_by("number"))
    views = [View(one.name, np.frombuffer(bytes(one.vector), "<f4") if one.vector else None) for one in photos]
    palette, taken = list(Colour.objects.all()), proposals.taken_skus()
    for number, members in enumerate(group(views), start=1):
        of_it = [photos[index] for index in members]
        found = PileGroup(pile=pile, number=number)
        colours = proposals.propose(found, of_it, palette, taken)
        found.save()
        found.colours.set(colours)
        for position, photo in enumerate(of_it):
            photo.group, photo.position = found, position
    PilePhoto.objects.bulk_update(photos, ["group", "position"], batch_size=500)


def cancel(pile: Pile) -> bool:
    """Stop looking at a pile. Its photos stay until it is deleted."""
    return jobs.cancel(KIND, pile)


def forget(pile: Pile) -> None:
    """Remove a pile with its photos; articles that it became stay."""
    with transaction.atomic():
        names = [name for name in pile.photos.values_list("file", flat=True) if name]
        pile.delete()
        transaction.on_commit(lambda: _remove_files(names), robust=True)


def _remove_files(names: Iterable[str]) -> None:
    for name in names:
        pile_photo_storage().delete(name)


def run_slice(pile_id: int, *, for_s: float) -> bool:
    """Look at photos of a pile for about so many seconds; return whether there is more to do. Safe to repeat."""
    return jobs.run_slice(KIND, pile_id, for_s=for_s)
