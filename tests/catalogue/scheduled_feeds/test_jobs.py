"""Fetches of feeds as jobs: what becomes of articles that left is done once, however workers end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks

from catalogue import jobs, scheduled_feeds, tasks
from catalogue.messages.rendering import render_stored
from catalogue.models import Article, FeedArticle, FeedFetch, ImportRun, ScheduledFeed
from catalogue.models.jobs import LeasedQuerySet
from catalogue.scheduled_feeds import leaving
from tests.catalogue.jobs.contract import UNITS, Case, JobContract
from tests.factories import ArticleFactory

pytestmark = [pytest.mark.django_db, pytest.mark.database]


class FeedCase(Case):
    """A fetch whose import has ended, and three articles that have left; each is a unit."""

    kind, task = scheduled_feeds.KIND, tasks.fetch_feed

    def begin(self) -> None:
        self.next, self.leave = leaving._next, leaving._leave
        self.monkeypatch.setattr(leaving, "AT_ONCE", 1)
        run = ImportRun.objects.create(name="feed.csv", size=1, state=ImportRun.State.FINISHED)
        feed = ScheduledFeed.objects.create(name="Supplier", url="https://supplier.example/", leaving_percent=100)
        articles = ArticleFactory.create_batch(UNITS)
        FeedArticle.objects.bulk_create(FeedArticle(feed=feed, article=article, seen=0) for article in articles)
        FeedFetch.objects.create(feed=feed, run=run, state=FeedFetch.State.SETTLING)

    def rows(self) -> LeasedQuerySet[Any]:
        return FeedFetch.objects.select_related("feed", "run")

    def slice_(self) -> bool:
        return any(scheduled_feeds.run_slice(fetch.pk, for_s=60) for fetch in self.rows())

    def in_unit(self, happens: Callable[[], object]) -> None:
        self.monkeypatch.setattr(leaving, "_next", lambda fetch: (happens(), self.next(fetch))[1])

    def before_advance(self, happens: Callable[[], object]) -> None:
        self.monkeypatch.setattr(leaving, "_leave", lambda *args, **options: (self.leave(*args, **options), happens()))

    def written(self) -> int:
        left = FeedArticle.objects.exclude(left=None).count()
        assert Article.objects.filter(published=False).count() == left
        return left

    def cancel(self) -> None:
        assert jobs.cancel(scheduled_feeds.KIND, FeedFetch.objects.get())

    def state(self) -> str:
        fetch = FeedFetch.objects.get()
        return {"finished": "done", "settling": "waiting"}.get(
            fetch.state, f"{fetch.state}: {render_stored(fetch.error)}"
        )


@pytest.fixture
def case(
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    settings: Any,
) -> Case:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    return FeedCase(monkeypatch, django_capture_on_commit_callbacks)


class TestJobs(JobContract):
    """Fetches keep the contract of jobs."""
