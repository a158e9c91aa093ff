"""Batches that are cancelled, deleted or expire, and what is left of those that fail: nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from tests.visualsearch.api.handing_in import hand_in, waiting_files
from tests.visualsearch.api.sending import assert_problem
from tests.visualsearch.catalogue import shopper_photo
from visualsearch.models import BatchPhoto, PhotoBatch
from visualsearch.services import batches

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_throttle"), pytest.mark.database]


def test_a_cancelled_batch_keeps_what_was_found_and_gives_up_the_rest(
    partner: Client, django_capture_on_commit_callbacks: Any
) -> None:
    begun = hand_in(partner, [shopper_photo("#b00020")] * 10)
    batches.run_slice(UUID(begun.json()["id"]), for_s=0.0001)

    with django_capture_on_commit_callbacks(execute=True):
        cancelled = partner.post(f"{begun.headers['Location']}/cancel").json()
        going_on = batches.run_slice(UUID(begun.json()["id"]), for_s=60)

    assert (cancelled["state"], cancelled["done"], cancelled["failed"]) == ("cancelled", 10, 2)
    assert not going_on
    codes = [row.code for row in BatchPhoto.objects.order_by("number")]
    assert codes == [""] * 8 + ["cancelled"] * 2


def test_a_deleted_batch_is_gone_with_its_files(partner: Client, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        begun = hand_in(partner, [shopper_photo("#b00020")])
        deleted = partner.delete(begun.headers["Location"])

    assert deleted.status_code == 204
    assert_problem(partner.get(begun.headers["Location"]), 404, "not_found")
    assert waiting_files() == []
    assert not BatchPhoto.objects.exists()


def test_a_batch_expires(partner: Client, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        begun = hand_in(partner, [shopper_photo("#b00020")])
        PhotoBatch.objects.update(expires=timezone.now() - timedelta(seconds=1))
        batches.KIND.remove_expired()

    assert partner.get(begun.headers["Location"]).status_code == 404
    assert waiting_files() == []


def test_a_batch_that_cannot_be_kept_whole_leaves_nothing(partner: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BatchPhoto.objects, "bulk_create", lambda rows: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        hand_in(partner, [shopper_photo("#b00020")])

    assert waiting_files() == []
    assert not PhotoBatch.objects.exists()
