"""Drafts: photos that staff sent with a form, kept in private files until the form is saved, or for a day."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import PurePath
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.core.files.base import File
from django.db import IntegrityError, transaction
from django.db.models import Count, QuerySet, Sum
from django.utils import timezone

from catalogue.exceptions import CatalogueError
from catalogue.imaging import describe_image, read_image, render
from catalogue.messages.message import shorten
from catalogue.models import Article, Photo, PhotoDraft, digest_of, draft_storage
from catalogue.photos.services import is_old
from catalogue.photos.validators import photo_limits

# A form that is left open over lunch is saved the same day.
KEPT_FOR = timedelta(days=1)
# The most that wait for one user: forty articles of five photos each, or fifty of the largest photos.
DRAFTS_AT_MOST = 200
BYTES_AT_MOST = 1_000_000_000
# The width of the picture that a form shows.
PREVIEW_WIDTH = 320

_FORM = re.compile(r"[0-9a-f]{32}")


class DraftNotKeptError(CatalogueError):
    """A photo that cannot be kept as a draft, for want of room."""

    code = "storage_full"


class DraftFile(File):  # type: ignore[type-arg]  # no [] at run time
    """The file of a draft, as if it was uploaded with this request. Opened when it is read."""

    def __init__(self, draft: PhotoDraft) -> None:
        self.draft = draft
        self._opened: Any = None
        super().__init__(None, name=draft.name)

    @property
    def file(self) -> Any:
        if self._opened is None:
            self._opened = draft_storage().open(str(self.draft.file.name))
        return self._opened

    @file.setter
    def file(self, value: Any) -> None:
        """Ignore what the constructor sets."""

    @property
    def size(self) -> int:
        return self.draft.size

    def close(self) -> None:
        if self._opened is not None:
            self._opened.close()


def is_form(token: str) -> bool:
    """Return whether a text can be the name of a form."""
    return bool(_FORM.fullmatch(token))


def keep(file: File[bytes], *, user: User, form: str, article: Article | None = None) -> PhotoDraft:
    """Keep a photo of a form as a draft. Sent again by the same form, it is the draft that it was.

    Raises ImageError for a file that is no photo, DraftNotKeptError when the user has too many or the disk is full.
    """
    limits = photo_limits()
    file.seek(0)
    describe_image(file.read(limits.max_bytes + 1), limits=limits)
    digest = digest_of(file)
    same = PhotoDraft.objects.filter(user=user, form=form, sha256=digest)
    if known := same.select_related("photo").first():
        if known.photo and not known.photo.deleted if known.saved else is_whole(known):
            return known
        # Its file is lost, or the photo that it became is deleted: it is a new one.
        known.delete()
    size = int(file.size or 0)
    check_room(user, size)
    name = shorten(PurePath((file.name or "").replace("\\", "/")).name)[-200:].strip(".") or "?"
    draft = PhotoDraft(user=user, form=form, article=article, name=name, size=size, sha256=digest)
    try:
        draft.file.save(name, file, save=False)
    except OSError as error:
        raise DraftNotKeptError("draft.not_kept") from error
    finally:
        file.seek(0)
    try:
        with transaction.atomic():
            draft.save(force_insert=True)
    except IntegrityError:
        # The same request, sent twice, was quicker.
        draft_storage().delete(str(draft.file.name))
        return same.get()
    return draft


def check_room(user: User, size: int) -> None:
    """Raise DraftNotKeptError if another draft of so many bytes is too much for a user."""
    kept = waiting(user).aggregate(count=Count("pk"), size=Sum("size"))
    if kept["count"] >= DRAFTS_AT_MOST:
        raise DraftNotKeptError("draft.too_many", count=kept["count"])
    if (kept["size"] or 0) + size > BYTES_AT_MOST:
        raise DraftNotKeptError("draft.too_many_bytes", size=round((kept["size"] or 0) / 1e6))


def waiting(user: User) -> QuerySet[PhotoDraft]:
    """Return a user's drafts that are not saved yet, in the order in which they came."""
    return PhotoDraft.objects.filter(user=user, saved=None)


def locked(user: User, ids: Iterable[UUID]) -> Mapping[UUID, PhotoDraft]:
    """Return those of a user's drafts, saved or not, and lock them until the transaction ends.

    A form that is sent twice at once then finds in its second request what the first has saved.
    """
    found = PhotoDraft.objects.filter(user=user, pk__in=list(ids)).order_by("pk").select_for_update()
    return {draft.pk: draft for draft in found}


def is_whole(draft: PhotoDraft) -> bool:
    """Return whether a draft can still be saved: not after a backup was restored, which has no drafts."""
    return bool(draft.file.name) and draft_storage().exists(str(draft.file.name))


def preview(draft: PhotoDraft) -> bytes:
    """Return a draft's picture as WebP without metadata. Raises ImageError or FileNotFoundError."""
    with draft_storage().open(str(draft.file.name)) as file:
        picture = read_image(io.BytesIO(file.read()), target=PREVIEW_WIDTH)
    return render(picture, PREVIEW_WIDTH)


def mark_saved(draft: PhotoDraft, photo: Photo) -> None:
    """Note what a draft was saved as, in the transaction that saves it; its file goes after the commit."""
    name = str(draft.file.name)
    draft.photo, draft.saved, draft.file = photo, timezone.now(), ""
    draft.save(update_fields=["photo", "saved", "file"])
    transaction.on_commit(lambda: draft_storage().delete(name), robust=True)


def discard(drafts: QuerySet[PhotoDraft]) -> int:
    """Delete drafts with their files, and return how many."""
    return drafts.delete()[0]


def remove_old() -> int:
    """Delete drafts that nobody saved in time, and files without a row, and return how many."""
    removed = discard(PhotoDraft.objects.filter(created__lt=timezone.now() - KEPT_FOR))
    store = draft_storage()
    # The files are listed before the rows are read, so that a row committed between the two protects its file.
    try:
        names = store.listdir("")[1]
    except FileNotFoundError:
        names = []
    known = set(PhotoDraft.objects.exclude(file="").values_list("file", flat=True))
    lost = [name for name in names if name not in known and is_old(store, name)]
    for name in lost:
        store.delete(name)
    return removed + len(lost)
