"""Lists the scheduled feeds and their state; or fetches one of them now, in this process."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from catalogue import imports, scheduled_feeds
from catalogue.management.printing import printable
from catalogue.messages.rendering import render_stored
from catalogue.models import FeedFetch, ScheduledFeed

# Seconds of a slice: other processes may take the job between two.
ROUND_S = 5.0


class Command(BaseCommand):
    """List the scheduled feeds and their state, or fetch one now, in this process. Safe while workers run."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--fetch", metavar="FEED", help="fetch the feed of this number or name, and import it")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["fetch"]:
            self._fetch(_feed(options["fetch"]))
            return
        for feed in ScheduledFeed.objects.order_by("pk"):
            self.stdout.write(printable(f"{feed.pk}  {feed.name}: {_said(feed)}"))
        if not ScheduledFeed.objects.exists():
            self.stdout.write("There are no feeds. Add one in the admin.")

    def _fetch(self, feed: ScheduledFeed) -> None:
        if not feed.is_on:
            raise CommandError(f"{printable(feed.name)} is not switched on. Switch it on in the admin.")
        fetch = scheduled_feeds.fetch_now(feed)
        if fetch is None:
            raise CommandError("This feed is already being fetched.")
        while fetch.is_open:
            more = scheduled_feeds.run_slice(fetch.pk, for_s=ROUND_S)
            fetch = FeedFetch.objects.select_related("run").get(pk=fetch.pk)
            if fetch.state == FeedFetch.State.IMPORTING and fetch.run:
                more = imports.run_slice(fetch.run.pk, for_s=ROUND_S)
                fetch.refresh_from_db()
            if fetch.is_open and not more and not FeedFetch.objects.due().filter(pk=fetch.pk).exists():
                raise CommandError("It cannot continue now: its server asked for a pause, or a worker is busy with it.")
        self.stdout.write(printable(_result(fetch)))
        if fetch.state == FeedFetch.State.FAILED:
            raise CommandError("The feed was not imported.")


def _feed(wanted: str) -> ScheduledFeed:
    feeds = list(ScheduledFeed.objects.filter(name=wanted))
    if not feeds and wanted.isascii() and wanted.isdecimal():
        feeds = list(ScheduledFeed.objects.filter(pk=int(wanted[:18])))
    if len(feeds) != 1:
        raise CommandError(f"{len(feeds)} feeds have this name. Use the number of one; manage.py feeds lists them.")
    return feeds[0]


def _said(feed: ScheduledFeed) -> str:
    parts = [ScheduledFeed.State(feed.state).value]
    if feed.due:
        parts.append(f"next fetch {timezone.localtime(feed.due):%Y-%m-%d %H:%M}")
    last = feed.fetches.exclude(state__in=FeedFetch.OPEN).select_related("run").first()
    if last:
        parts.append(f"{timezone.localtime(last.begun):%Y-%m-%d %H:%M} {_result(last)}")
    return "; ".join(parts)


def _result(fetch: FeedFetch) -> str:
    if fetch.state == FeedFetch.State.FAILED:
        return f"failed: {render_stored(fetch.error)}"
    if fetch.unchanged:
        return "unchanged"
    run = fetch.run
    counted = (
        f"{run.created} created, {run.changed} changed, {run.unchanged} unchanged, {run.refused} refused, "
        if run
        else ""
    )
    asks = " (answer in the admin)" if fetch.state == FeedFetch.State.ASKING else ""
    return f"{fetch.state}: {counted}{fetch.left or 0} no longer in the feed{asks}"
