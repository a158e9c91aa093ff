"""Batches and reports that the version before left half done go on after the upgrade."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from tests.catalogue.jobs.test_upgrade import migrated, upgrade
from visualsearch.models import DuplicateReport, PhotoBatch, batch_upload_storage
from visualsearch.services import batches, duplicates

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def before() -> Iterator[Any]:
    yield migrated(("visualsearch", "0007_standard_names"))
    upgrade()


def test_a_half_done_batch_goes_on_after_the_upgrade(before: Any) -> None:
    batch = before.get_model("visualsearch", "PhotoBatch").objects.create(
        owner="user 1", options={"limit": 1, "emphasis": "both"}, expires=timezone.now() + timedelta(hours=1)
    )
    name = batch_upload_storage().save(f"{batch.pk}/a", ContentFile(b"no picture"))
    photos = before.get_model("visualsearch", "BatchPhoto").objects
    photos.create(batch=batch, number=0, name="0.jpg", state="done", token="t")
    photos.create(batch=batch, number=1, name="1.jpg", file=name)
    upgrade()

    carried_over = PhotoBatch.objects.get()
    while batches.run_slice(batch.pk, for_s=60):
        pass

    after = PhotoBatch.objects.get()
    assert (carried_over.cursor, carried_over.total, carried_over.begun) == (1, 2, batch.created)
    assert (after.state, after.cursor, after.ended is not None) == ("finished", 2, True)
    assert list(after.photos.order_by("number").values_list("state", "token")) == [("done", "t"), ("failed", "")]


def test_reports_keep_how_far_they_are(before: Any) -> None:
    reports = before.get_model("visualsearch", "DuplicateReport").objects
    finished = reports.create(finished=timezone.now(), looked_at=9, total=9, after=12)
    half_done = reports.create(looked_at=4, total=9, after=5)
    upgrade()

    rows = {report.pk: report for report in DuplicateReport.objects.all()}
    going_on = duplicates.begin()

    assert (rows[finished.pk].state, rows[finished.pk].ended) == ("finished", finished.finished)
    assert (rows[half_done.pk].state, rows[half_done.pk].cursor, rows[half_done.pk].done) == ("running", 5, 4)
    assert going_on.pk == half_done.pk
