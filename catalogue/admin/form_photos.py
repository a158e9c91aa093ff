"""The photos of one request to an article's form: received, kept as drafts, and handed to the rows of the form."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import UUID, uuid4

from django.contrib.auth.models import User
from django.http import HttpRequest, QueryDict
from django.utils.datastructures import MultiValueDict

from catalogue.exceptions import ImageError
from catalogue.messages import Message
from catalogue.messages.rendering import render
from catalogue.models import Article, PhotoDraft
from catalogue.photos import drafts
from catalogue.photos.drafts import DraftFile, DraftNotKeptError
from catalogue.photos.uploads import RefusedFile

PREFIX = "photos"
# Photos that were chosen together, in a field of their own.
PILE = "pile"
_ROW = re.compile(rf"{PREFIX}-(\d{{1,4}})-(?:file|draft)")


@dataclass
class FormPhotos:
    """What a request brings of photos. `data` and `files` are what the form is to be read from."""

    form: str
    data: QueryDict
    files: MultiValueDict[str, Any]
    # The drafts that the page shows, by row.
    shown: dict[int, PhotoDraft] = field(default_factory=dict)
    # The names of photos that could not be kept, and why: they are lost if the form is not saved now.
    unkept: list[tuple[str, str]] = field(default_factory=list)
    # Drafts of another form, which this one goes on with.
    resumed: list[PhotoDraft] = field(default_factory=list)

    @property
    def may_lack_photos(self) -> bool:
        """Whether staff confirmed that the article is to be published without a photo."""
        return self.data.get("_without_photo") == "publish"

    def rows(self) -> list[int]:
        """Return the numbers of the rows that have a file or a draft."""
        names = [*self.data, *self.files]
        return sorted({int(match[1]) for name in names if (match := _ROW.fullmatch(str(name)))})

    def hand_over(self, user: User, article: Article) -> None:
        """Give each row with a draft its file, as if it was uploaded now. In the transaction that saves the form."""
        chosen = dict(self._ids())
        found = drafts.locked(user, [pk for pk in chosen.values() if pk])
        for row, pk in chosen.items():
            key, draft = f"{PREFIX}-{row}-file", found.get(pk) if pk else None
            photo = draft.photo if draft and draft.saved else None
            if draft and photo and not photo.deleted and photo.article_id == article.pk:
                # The form was sent twice.
                self.empty(row)
            elif draft and photo and not photo.deleted:
                message = Message.of("draft.saved_elsewhere", article=str(photo.article))
                self.refuse(row, RefusedFile(draft.name, message))
            elif draft is None or draft.saved or not drafts.is_whole(draft):
                self.refuse(row, RefusedFile(draft.name if draft else None, Message.of("draft.gone")))
            else:
                self.shown[row] = draft
                # A file that is refused in its place is what the row has to say.
                self.files.setdefault(key, DraftFile(draft))

    def _ids(self) -> Iterator[tuple[int, UUID | None]]:
        for row in self.rows():
            if text := self.data.get(f"{PREFIX}-{row}-draft"):
                yield row, as_uuid(text)

    def refuse(self, row: int, file: RefusedFile) -> None:
        self.data[f"{PREFIX}-{row}-draft"] = ""
        self.files.setdefault(f"{PREFIX}-{row}-file", file)

    def empty(self, row: int) -> None:
        """Make a row what it was before anything was entered, but for a photo that it stands for."""
        self.data[f"{PREFIX}-{row}-draft"] = ""
        self.files.pop(f"{PREFIX}-{row}-file", None)
        if not self.data.get(f"{PREFIX}-{row}-id"):
            self.data[f"{PREFIX}-{row}-alt"] = ""
            self.data[f"{PREFIX}-{row}-position"] = "0"


def read_photos(request: HttpRequest, article: Article | None) -> FormPhotos:
    """Keep the photos that a form was sent with as drafts, before anything else of it can fail."""
    user = cast(User, request.user)
    data, files = request.POST.copy(), request.FILES.copy()
    form = data.get("photo_form", "")
    received = FormPhotos(form if drafts.is_form(form) else uuid4().hex, data, files)
    if data.get("_without_photo") == "hide":
        data.pop("published", None)
    if data.get("_pressed") in {"_continue", "_addanother"} and "_without_photo" in data:
        data[str(data["_pressed"])] = "1"
    spread_pile(data, files)
    for row in received.rows():
        if f"{PREFIX}-{row}-undraft" in data:
            if pk := as_uuid(data.get(f"{PREFIX}-{row}-draft", "")):
                drafts.discard(drafts.waiting(user).filter(pk=pk))
            received.empty(row)
            continue
        file = files.get(f"{PREFIX}-{row}-file")
        if file is None or isinstance(file, RefusedFile) or f"{PREFIX}-{row}-DELETE" in data:
            continue
        try:
            draft = drafts.keep(file, user=user, form=received.form, article=article)
        except ImageError:
            # The form's own validation says so, beside the photo's name.
            continue
        except DraftNotKeptError as error:
            received.unkept.append((str(file.name), render(error.message)))
            continue
        data[f"{PREFIX}-{row}-draft"] = str(draft.pk)
        del files[f"{PREFIX}-{row}-file"]
    return received


def spread_pile(data: QueryDict, files: MultiValueDict[str, Any]) -> None:
    """Give each photo of those that were chosen together a row of its own."""
    total = data.get(f"{PREFIX}-TOTAL_FORMS", "")
    pile = files.getlist(PILE)
    files.pop(PILE, None)
    if not (total.isascii() and total.isdigit() and len(total) < 5):
        return
    for row, file in enumerate(pile, int(total)):
        files[f"{PREFIX}-{row}-file"] = file
        data[f"{PREFIX}-{row}-position"] = "0"
    data[f"{PREFIX}-TOTAL_FORMS"] = str(int(total) + len(pile))


def resume(request: HttpRequest, article: Article | None) -> FormPhotos:
    """Return a form that was opened now: an empty one, or one with the photos of the form that ?drafts= names."""
    form = request.GET.get("drafts", "")
    opened = FormPhotos(uuid4().hex, QueryDict(mutable=True), MultiValueDict())
    if drafts.is_form(form):
        waiting = drafts.waiting(cast(User, request.user)).filter(form=form, article=article)
        opened.resumed = [draft for draft in waiting if drafts.is_whole(draft)]
        if opened.resumed:
            opened.form = form
    return opened


def as_uuid(text: str) -> UUID | None:
    try:
        return UUID(hex=text)
    except ValueError:
        return None
