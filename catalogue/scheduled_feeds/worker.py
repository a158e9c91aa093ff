"""Fetches of feeds as jobs: what is due is read from the feeds' rows, and each fetch is a row of its own."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone

from catalogue import imports, jobs
from catalogue.exceptions import NotFetchedError
from catalogue.feeds import FeedError
from catalogue.messages import Message
from catalogue.models import FeedArticle, FeedFetch, ImportRun, ScheduledFeed
from catalogue.models.jobs import JobQuerySet
from catalogue.scheduled_feeds import leaving
from catalogue.scheduled_feeds.fetching import WaitError, fetch

State = FeedFetch.State

# Fetches of a feed that are kept, with their imports.
KEPT = 50
# What may heal by itself is tried again after 5, 10, 20 … minutes; what cannot, at the next times of the schedule,
# which are further and further apart. Neither after more than a day.
FIRST_RETRY, LAST_RETRY = timedelta(minutes=5), timedelta(days=1)


class Fetches(jobs.JobKind[FeedFetch]):
    """Fetches; a unit is a download, or some of the articles that left."""

    def rows(self) -> JobQuerySet[FeedFetch]:
        return FeedFetch.objects.select_related("feed", "run")

    def due_messages(self) -> Sequence[tuple[Any, ...]]:
        """Begin the fetches that are due by the schedules, and return the keys of those that wait for a worker."""
        begin_due()
        return super().due_messages()

    def units(self, lease: jobs.Lease[FeedFetch]) -> Generator[None, None, None]:
        if lease.job.state == State.FETCHING:
            yield from _fetch(lease)
        else:
            yield from _settle(lease)

    def at_end(self, job: FeedFetch, state: str) -> None:
        conclude(job, state)

    def interrupted(self, job: FeedFetch, times: int) -> Message:
        return Message.of("feed.interrupted", times=times)

    def remove_expired(self) -> int:
        """Cancel the fetches whose import was deleted, which nothing would end; remove feeds that staff deleted."""
        orphans = FeedFetch.objects.filter(Q(run=None) | Q(run__deleting=True), state=State.IMPORTING)
        cancelled = sum(jobs.cancel(self, orphan) for orphan in orphans.select_related("feed"))
        return cancelled + jobs.remove_discarded(ScheduledFeed, FeedArticle.objects.filter(feed__deleting=True))


KIND = Fetches()


def run_slice(fetch_id: int, *, for_s: float) -> bool:
    """Work at a fetch for about `for_s` seconds, and return whether there is more. Idempotent."""
    more = jobs.run_slice(KIND, fetch_id, for_s=for_s)
    _remove_old(fetch_id)
    return more


def begin_due() -> None:
    """Begin a fetch of each feed that is due."""
    for feed in ScheduledFeed.objects.due():
        begin(feed)


def begin(feed: ScheduledFeed, *, by: Any = None, preview: bool = False) -> FeedFetch | None:
    """Begin a fetch, unless one of the feed is under way."""
    try:
        with transaction.atomic():
            return FeedFetch.objects.create(feed=feed, by=by, preview=preview)
    except IntegrityError:
        return None


def conclude(job: FeedFetch, state: str) -> None:
    """Record at the feed how a fetch ended, and when the next one is due. Call it in the transaction that ends it."""
    feed = ScheduledFeed.objects.filter(pk=job.feed_id).first()
    if feed is None:
        return
    now = timezone.now()
    values: dict[str, Any] = {"due": feed.next_fetch(now) if feed.is_on else None}
    if state == State.FAILED:
        values["failures"] = F("failures") + 1
        if feed.is_on:
            values["due"] = now + _delay(feed, job, now)
    elif state != State.CANCELLED:
        ended = FeedFetch.objects.get(pk=job.pk)
        values |= {"failures": 0, "fetched": now}
        values |= {name: getattr(ended, name) for name in ("sha256", "etag", "last_modified")}
        if not ended.unchanged:
            # What an earlier fetch asked is answered by this one, which asks again if necessary.
            older = FeedFetch.objects.filter(feed=feed.pk, state=State.ASKING, pk__lt=job.pk)
            older.update(state=State.FINISHED, ended=now)
    ScheduledFeed.objects.filter(pk=feed.pk).update(**values)


def _delay(feed: ScheduledFeed, job: FeedFetch, now: datetime) -> timedelta:
    """Return how long after a failure a feed is fetched again."""
    first = FIRST_RETRY if job.passing else feed.next_fetch(now) - now
    longest: timedelta = max(LAST_RETRY, first)
    delay: timedelta = min(first * 2 ** min(feed.failures, 10), longest)
    return max(delay, min(timedelta(seconds=job.wait_s), LAST_RETRY))


def _fetch(lease: jobs.Lease[FeedFetch]) -> Generator[None, None, None]:
    try:
        begun = fetch(lease)
    except WaitError as error:
        jobs.release(lease, delay=timedelta(seconds=error.wait_s))
        raise jobs.LeaseLostError from error
    except NotFetchedError as error:
        # For `conclude`, which has the same object.
        lease.job.passing, lease.job.wait_s = error.passing, error.wait_s or 0.0
        raise jobs.JobFailedError(_told(lease.job.feed, error)) from error
    except FeedError as error:
        raise jobs.JobFailedError(error.message) from error
    if begun:
        # The import has it now.
        raise jobs.LeaseLostError
    yield


def _told(feed: ScheduledFeed, error: NotFetchedError) -> Message:
    status = error.message.params.get("status")
    if error.message.code == "fetch.status" and status in (401, 403):
        return Message.of("feed.login_refused" if feed.user else "feed.login_needed", status=status)
    return error.message


def _settle(lease: jobs.Lease[FeedFetch]) -> Generator[None, None, None]:
    job, run = lease.job, lease.job.run
    if run is None or run.state == ImportRun.State.CANCELLED:
        jobs.end(KIND, job, State.CANCELLED, lease=lease)
        raise jobs.LeaseLostError
    if run.state == ImportRun.State.FAILED:
        raise jobs.JobFailedError(Message.from_json(run.error or {}))
    leaving.count(lease)
    if not job.answer and leaving.must_ask(job.feed, present=job.present or 0, left=job.left or 0):
        with transaction.atomic():
            if not job.held().update(state=State.ASKING, lease_token="", leased_until=None, attempts=0):
                raise jobs.LeaseLostError
            conclude(job, State.ASKING)
        raise jobs.LeaseLostError
    yield from leaving.settle(lease)


def _remove_old(fetch_id: int) -> None:
    """Delete the oldest fetches of a feed and their imports, which would be 9,000 a year."""
    feed = FeedFetch.objects.filter(pk=fetch_id).values_list("feed", flat=True).first()
    ended = FeedFetch.objects.filter(feed=feed, state__in=FeedFetch.ENDED)
    for old in ended.order_by("-pk")[KEPT:]:
        if old.run_id:
            imports.delete(old.run_id)
        old.delete()
