"""Imports and photos from addresses, as jobs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models import Count
from pytest_django import DjangoCaptureOnCommitCallbacks

from catalogue import imports, sources, tasks
from catalogue.feeds import importing
from catalogue.feeds.batch import Batch
from catalogue.imaging import Fetched, HttpValidators
from catalogue.imports import worker
from catalogue.messages.rendering import render_stored
from catalogue.models import Article, ImportRun, Photo, PhotoSource, photo_storage
from catalogue.models.jobs import LeasedQuerySet
from catalogue.sources import apply_fetch, fetching
from tests.catalogue.feeds.rows import bring_in, row
from tests.catalogue.imports.handed_in import checked, table
from tests.catalogue.jobs.contract import UNITS, Case, FileContract, Files, JobContract
from tests.factories import PhotoFactory, drawn_picture

pytestmark = [pytest.mark.django_db, pytest.mark.database]


class ImportCase(Case):
    """An import of three rows, a row a unit."""

    kind, task = imports.KIND, tasks.run_import

    def begin(self) -> None:
        import_articles, self.prepare, self.write = importing.import_articles, Batch.prepare, Batch.write
        self.monkeypatch.setattr(
            worker, "import_articles", lambda *args, **options: import_articles(*args, batch_size=1, **options)
        )
        assert imports.start(checked(table(UNITS)))

    def rows(self) -> LeasedQuerySet[Any]:
        return ImportRun.objects.all()

    def slice_(self) -> bool:
        return any(imports.run_slice(run.pk, for_s=60) for run in self.rows())

    def in_unit(self, happens: Callable[[], object]) -> None:
        self.monkeypatch.setattr(Batch, "prepare", lambda batch: (happens(), self.prepare(batch)))

    def before_advance(self, happens: Callable[[], object]) -> None:
        self.monkeypatch.setattr(Batch, "write", lambda batch, terms: (self.write(batch, terms), happens()))

    def written(self) -> int:
        return Article.objects.count()

    def cancel(self) -> None:
        assert imports.cancel(ImportRun.objects.get())

    def state(self) -> str:
        run = ImportRun.objects.get()
        return {"finished": "done", "importing": "waiting"}.get(run.state, f"{run.state}: {render_stored(run.error)}")


class ImportFiles(Files):
    """The file of an import."""

    folder = "files"

    def named(self) -> list[Path]:
        return [Path(run.file.path) for run in ImportRun.objects.exclude(file="")]

    def leave(self) -> Path:
        return self.root() / default_storage.save(f"imports/{uuid4().hex}.csv", ContentFile(b"sku"))


class SourceCase(Case):
    """Three pictures of an article that has a photo already; each is a row and a unit."""

    kind, task, independent = sources.KIND, tasks.fetch_photos, True

    def begin(self) -> None:
        self.settle, self.settled = apply_fetch.settle_fetched, apply_fetch._settled
        pictures = {f"http://a.example/{n}.png": drawn_picture(f"#{n}{n}8040") for n in range(UNITS)}
        self.monkeypatch.setattr(fetching, "_AT_ONCE", 1)
        self.monkeypatch.setattr(
            fetching, "fetch_picture", lambda url, **options: Fetched(pictures[url], HttpValidators())
        )
        PhotoFactory.create()
        assert bring_in(row("D-1", photo_urls=tuple(pictures))).awaited == UNITS

    def rows(self) -> LeasedQuerySet[Any]:
        return PhotoSource.objects.order_by("pk")

    def slice_(self) -> bool:
        sources.fetch_waiting(for_s=20)
        return False

    def in_unit(self, happens: Callable[[], object]) -> None:
        self.monkeypatch.setattr(
            fetching, "settle_fetched", lambda source, fetched: (happens(), self.settle(source, fetched))[1]
        )

    def before_advance(self, happens: Callable[[], object]) -> None:
        self.monkeypatch.setattr(apply_fetch, "_settled", lambda known: (happens(), self.settled(known))[1])

    def written(self) -> int:
        fetched = Photo.objects.filter(article__sku="D-1")
        assert not fetched.values("sha256").annotate(n=Count("pk")).filter(n__gt=1).exists()
        return fetched.count()

    def noted(self) -> int:
        return PhotoSource.objects.fetched().count()

    def cancel(self) -> None:
        PhotoSource.objects.filter(photo=None).delete()

    def state(self) -> str:
        if failed := PhotoSource.objects.failed().first():
            return f"failed: {render_stored(failed.error)}"
        return "waiting" if PhotoSource.objects.waiting().exists() else "done"


class SourceFiles(Files):
    """The files of photos."""

    folder = "photos"

    def named(self) -> list[Path]:
        return sorted(Path(photo.file.path) for photo in Photo.objects.all())

    def leave(self) -> Path:
        name = uuid4().hex
        return self.root() / photo_storage().save(f"{name[:2]}/{name}.png", ContentFile(b"picture"))


@pytest.fixture(params=[(ImportCase, ImportFiles), (SourceCase, SourceFiles)], ids=["import", "source"])
def kinds(request: pytest.FixtureRequest, settings: Any) -> tuple[type[Case], type[Files]]:
    settings.FETCH_PAUSE_S = 0.0
    # Where the slots of hosts are.
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    kinds: tuple[type[Case], type[Files]] = request.param
    return kinds


@pytest.fixture
def case(
    kinds: tuple[type[Case], type[Files]],
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> Case:
    return kinds[0](monkeypatch, django_capture_on_commit_callbacks)


@pytest.fixture
def files(kinds: tuple[type[Case], type[Files]]) -> Files:
    return kinds[1]()


class TestJobs(JobContract):
    """Imports and photos from addresses keep the contract of jobs."""


class TestFiles(FileContract):
    """Imports and photos from addresses keep the contract of jobs with files."""


def test_an_import_that_is_paused_stops_at_once_and_goes_on_where_it_was(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    case = ImportCase(monkeypatch, django_capture_on_commit_callbacks)
    case.begin()
    case.at_unit(2, lambda: imports.pause(ImportRun.objects.get()))

    case.work_to_the_end()

    paused = ImportRun.objects.get()
    assert (case.written(), paused.done, paused.lease_token, paused.attempts) == (1, 1, "", 0)
    assert (imports.KIND.due_messages(), case.work()) == ([], False)
    assert imports.resume(paused)
    case.work_to_the_end()
    assert (case.written(), case.noted(), case.state()) == (UNITS, UNITS, "done")
