"""Drafts go after a day, with their files, and files without a row too."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from catalogue import tasks
from catalogue.models import PhotoDraft, draft_storage
from catalogue.photos import drafts
from tests.factories import drawn_picture

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def kept(user: User, colour: str = "#c0392b", form: str = "") -> PhotoDraft:
    return drafts.keep(ContentFile(drawn_picture(colour), name="front.png"), user=user, form=form or uuid4().hex)


def test_drafts_that_nobody_saves_go_after_a_day_with_their_files(
    admin_user: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    old, new = kept(admin_user), kept(admin_user)
    PhotoDraft.objects.filter(pk=old.pk).update(created=timezone.now() - timedelta(hours=25))

    with django_capture_on_commit_callbacks(execute=True):
        tasks.remove_old_drafts()

    assert PhotoDraft.objects.get() == new
    assert draft_storage().listdir("")[1] == [new.file.name]


def test_a_file_without_a_row_goes_once_no_save_can_be_under_way(admin_user: User) -> None:
    draft = kept(admin_user)
    lost, fresh = (draft_storage().save(name, ContentFile(b"x")) for name in ("lost", "fresh"))
    then = time.time() - 90_000
    for name in (lost, str(draft.file.name)):
        os.utime(draft_storage().path(name), (then, then))

    drafts.remove_old()

    assert sorted(draft_storage().listdir("")[1]) == sorted([fresh, str(draft.file.name)])


def test_a_draft_whose_file_is_lost_is_kept_anew(admin_user: User) -> None:
    form = uuid4().hex
    draft_storage().delete(str(kept(admin_user, form=form).file.name))

    again = kept(admin_user, form=form)

    assert drafts.is_whole(again)
    assert PhotoDraft.objects.get() == again


def test_one_user_has_a_limited_number_of_bytes(admin_user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafts, "BYTES_AT_MOST", kept(admin_user).size + 10)

    with pytest.raises(drafts.DraftNotKeptError, match="unsaved photos already take up 0 MB"):
        kept(admin_user)

    assert PhotoDraft.objects.count() == 1


def test_the_drafts_of_a_user_go_with_the_user(
    admin_user: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    kept(admin_user)

    with django_capture_on_commit_callbacks(execute=True):
        admin_user.delete()

    assert draft_storage().listdir("")[1] == []
