"""Actions of staff on a feed. Each returns whether its state allowed it."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from catalogue import imports, jobs
from catalogue.feeds.columns import columns_of
from catalogue.models import FeedFetch, ImportRun, ScheduledFeed
from catalogue.scheduled_feeds.worker import KIND, begin

State = ScheduledFeed.State


def look(feed: ScheduledFeed, *, by: Any = None) -> FeedFetch | None:
    """Fetch a feed that is not switched on, to be looked at: nothing is written before staff say so."""
    if feed.is_on:
        return None
    _drop_preview(feed)
    return begin(feed, by=by, preview=True)


def fetch_now(feed: ScheduledFeed, *, by: Any = None) -> FeedFetch | None:
    """Fetch a feed that is switched on without waiting for its time."""
    return begin(feed, by=by) if feed.is_on else None


def switch_on(feed: ScheduledFeed, *, by: Any = None) -> bool:
    """Have a feed fetched on its schedule, and at once. What was looked at is imported in place of a new fetch."""
    preview = FeedFetch.objects.open().filter(feed=feed.pk, preview=True).select_related("run").first()
    off = ScheduledFeed.objects.filter(pk=feed.pk).exclude(state=State.ON)
    if not off.update(state=State.ON, due=timezone.now(), failures=0):
        return False
    if preview is None or preview.run is None or not imports.start(preview.run):
        _drop_preview(feed)
        begin(feed, by=by)
    else:
        _keep_columns(feed, preview.run)
    return True


def pause(feed: ScheduledFeed) -> bool:
    """Fetch a feed no more until it is resumed. A fetch that is under way ends as it would."""
    return bool(ScheduledFeed.objects.filter(pk=feed.pk, state=State.ON).update(state=State.PAUSED, due=None))


def let_leave(fetch: FeedFetch) -> bool:
    """Have what has left the feed hidden, or sold out, although it is much."""
    return _answer(fetch, "leave")


def keep(fetch: FeedFetch) -> bool:
    """Leave what has left the feed as it is. It is not asked for again, unless it comes back and leaves again."""
    return _answer(fetch, "keep")


def reschedule(feed: ScheduledFeed) -> None:
    """Have a feed that is switched on fetched next as its schedule says."""
    ScheduledFeed.objects.filter(pk=feed.pk, state=State.ON).update(due=feed.next_fetch(timezone.now()))


def forget_file(feed: ScheduledFeed) -> None:
    """Have the next fetch read the whole file, although it may be the one that was read last."""
    ScheduledFeed.objects.filter(pk=feed.pk).update(sha256="", etag="", last_modified="")


def delete(*feed_ids: int) -> None:
    """Hide feeds and end what fetches them; workers remove them. Their articles and their imports stay as they are."""
    jobs.discard(ScheduledFeed, list(feed_ids))
    for fetch in FeedFetch.objects.open().filter(feed__in=feed_ids).select_related("feed"):
        jobs.cancel(KIND, fetch)


@transaction.atomic
def _answer(fetch: FeedFetch, answer: str) -> bool:
    # The feed's row is locked, against a fetch that begins meanwhile.
    ScheduledFeed.objects.select_for_update().filter(pk=fetch.feed_id).first()
    if FeedFetch.objects.open().filter(feed=fetch.feed_id).exists():
        return False
    asking = FeedFetch.objects.filter(pk=fetch.pk, state=FeedFetch.State.ASKING)
    # Counted again: some may have come back.
    values = {"state": FeedFetch.State.SETTLING, "answer": answer, "left": None, "total": None, "cursor": 0}
    return bool(asking.update(**values))


def _keep_columns(feed: ScheduledFeed, run: ImportRun) -> None:
    """Keep the columns that staff have looked at: the feed's next file may have other columns beside them."""
    columns = run.columns if run.mapped_by and not imports.are_own(columns_of(run.columns)) else {}
    kind = "csv" if columns and feed.kind not in {"", "zip"} else feed.kind
    ScheduledFeed.objects.filter(pk=feed.pk).update(columns=columns, kind=kind)


def _drop_preview(feed: ScheduledFeed) -> None:
    for preview in FeedFetch.objects.open().filter(feed=feed.pk, preview=True).select_related("feed", "run"):
        if isinstance(preview.run, ImportRun):
            if preview.run.state == ImportRun.State.IMPORTING:
                # Staff have begun to import it.
                continue
            imports.cancel(preview.run)
        jobs.cancel(KIND, preview)
