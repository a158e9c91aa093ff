"""Batches of photos and reports of duplicates, as jobs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from pytest_django import DjangoCaptureOnCommitCallbacks

from catalogue import jobs
from catalogue.messages.rendering import render_stored
from catalogue.models.jobs import LeasedQuerySet
from tests.catalogue.jobs.contract import UNITS, Case, FileContract, Files, JobContract
from tests.factories import PhotoFactory
from tests.visualsearch.api.handing_in import photo_file
from visualsearch import tasks
from visualsearch.models import (
    BatchPhoto,
    DuplicateReport,
    NearDuplicate,
    PhotoBatch,
    PhotoEmbedding,
    batch_upload_storage,
)
from visualsearch.services import batches, duplicates, versions
from visualsearch.services.retrieval.options import SearchOptions

pytestmark = [pytest.mark.django_db, pytest.mark.database]


class BatchCase(Case):
    """A batch of three files that are no pictures, one a unit."""

    kind, task = batches.KIND, tasks.look_at_batch

    def begin(self) -> None:
        self.outcomes_of, self.write = batches.outcomes_of, BatchPhoto.objects.bulk_update
        self.monkeypatch.setattr(batches, "BATCH_SIZE", 1)
        owner = User.objects.create_user("owner")
        sent = [photo_file(b"no picture", f"{number}.jpg") for number in range(UNITS)]
        batches.begin_batch(f"user {owner.pk}", files=sent, options=SearchOptions(limit=1))

    def rows(self) -> LeasedQuerySet[Any]:
        return PhotoBatch.objects.all()

    def slice_(self) -> bool:
        return any(batches.run_slice(batch.pk, for_s=60) for batch in self.rows())

    def in_unit(self, happens: Callable[[], object]) -> None:
        self.monkeypatch.setattr(
            batches, "outcomes_of", lambda batch, photos: (happens(), self.outcomes_of(batch, photos))[1]
        )

    def before_advance(self, happens: Callable[[], object]) -> None:
        # The row is written first here: it is the lock of its photos.
        self.monkeypatch.setattr(
            BatchPhoto.objects, "bulk_update", lambda photos, names: (self.write(photos, names), happens())
        )

    def written(self) -> int:
        return BatchPhoto.objects.filter(code="unreadable_image").count()

    def cancel(self) -> None:
        assert batches.cancel(PhotoBatch.objects.get())

    def state(self) -> str:
        if given_up := BatchPhoto.objects.filter(code="search_unavailable").first():
            return f"failed: {render_stored(given_up.error)}"
        state = PhotoBatch.objects.get().state
        return {"finished": "done", "running": "waiting"}.get(state, state)


class BatchFiles(Files):
    """The files of a batch that wait."""

    folder = "waiting"

    def named(self) -> list[Path]:
        return sorted(Path(photo.file.path) for photo in BatchPhoto.objects.exclude(file=""))

    def leave(self) -> Path:
        return self.root() / batch_upload_storage().save(f"{uuid4()}/{uuid4().hex}", ContentFile(b"picture"))


class ReportCase(Case):
    """A report of three pairs of articles, a pair a unit."""

    kind, task = duplicates.KIND, tasks.look_for_duplicates
    happens: Callable[[], object] = staticmethod(lambda: None)

    def begin(self) -> None:
        self.write_pairs = duplicates.write_pairs
        self.monkeypatch.setattr(duplicates, "PHOTOS_AT_ONCE", 1)
        self.monkeypatch.setattr(duplicates, "pairs_of", self.pairs_of)
        version = versions.serving_version()
        for _ in range(UNITS):
            photo = PhotoFactory.create()
            vector = np.ones(8, "<f2").tobytes()
            PhotoEmbedding.objects.create(photo=photo, model_version=version, vector=vector, photo_sha256=photo.sha256)
        duplicates.begin()

    def pairs_of(self, version: Any, photos: Any, *, found: Any) -> list[NearDuplicate]:
        """Return a pair of the photo's article and another one, new each time that it is asked for."""
        self.happens()
        ((photo_id, article_id, _vector),) = photos
        other = PhotoFactory.create()
        return [
            NearDuplicate(
                first_id=article_id, second=other.article, first_photo_id=photo_id, second_photo=other,
                similarity=0.95, found=found,
            )
        ]  # fmt: skip

    def rows(self) -> LeasedQuerySet[Any]:
        return DuplicateReport.objects.all()

    def slice_(self) -> bool:
        return any(duplicates.run_slice(report.pk, for_s=60) for report in self.rows())

    def in_unit(self, happens: Callable[[], object]) -> None:
        self.happens = happens

    def before_advance(self, happens: Callable[[], object]) -> None:
        self.monkeypatch.setattr(duplicates, "write_pairs", lambda pairs: (self.write_pairs(pairs), happens()))

    def written(self) -> int:
        return NearDuplicate.objects.count()

    def cancel(self) -> None:
        assert jobs.cancel(duplicates.KIND, DuplicateReport.objects.get())

    def state(self) -> str:
        report = DuplicateReport.objects.get()
        return {"finished": "done", "running": "waiting"}.get(report.state, f"{report.state}: {report.error}")


class TestBatches(JobContract, FileContract):
    """Batches of photos keep the contract of jobs with files."""

    @pytest.fixture
    def case(
        self, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
    ) -> Case:
        return BatchCase(monkeypatch, django_capture_on_commit_callbacks)

    @pytest.fixture
    def files(self) -> Files:
        return BatchFiles()


class TestReports(JobContract):
    """Reports of duplicates keep the contract of jobs."""

    @pytest.fixture
    def case(
        self, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
    ) -> Case:
        return ReportCase(monkeypatch, django_capture_on_commit_callbacks)
