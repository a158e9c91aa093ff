"""What a feed's page says: its state, what is under way, and what came of its fetches, in the reader's language."""

from __future__ import annotations

from typing import Any

from django.utils.formats import time_format
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext

from catalogue import scheduled_feeds
from catalogue.admin.import_words import said as said_import
from catalogue.messages.rendering import render_stored
from catalogue.models import ChangeSet, FeedArticle, FeedFetch, ImportRun, ScheduledFeed
from catalogue.scheduled_feeds.worker import KEPT

State = FeedFetch.State

COUNTS = ("created", "changed", "unchanged", "refused")


def said_state(feed: ScheduledFeed) -> str:
    """Return what a feed does, and whether it fails or asks."""
    if feed.fetches.filter(state=State.ASKING).exists():
        return gettext("Waiting for your answer")
    if feed.is_on and feed.failures:
        return ngettext("Failed once", "Failed %(n)d times", feed.failures) % {"n": feed.failures}
    return capfirst(str(ScheduledFeed.State(feed.state).label))


def said_schedule(feed: ScheduledFeed) -> str:
    if feed.schedule == ScheduledFeed.Schedule.DAILY:
        return gettext("every day at %(time)s") % {"time": time_format(feed.daily_at, "H:i")}
    return str(ScheduledFeed.Schedule(feed.schedule).label)


def waits_for_staff(fetch: FeedFetch) -> bool:
    return fetch.run is not None and fetch.run.state in {ImportRun.State.MAPPING, ImportRun.State.CHECKED}


def waits_for_columns(fetch: FeedFetch) -> bool:
    return fetch.run is not None and fetch.run.state == ImportRun.State.MAPPING


def said(feed: ScheduledFeed) -> dict[str, Any]:
    """Return what is under way, for the page and its polling script; "revision" changes when the page does."""
    fetch = feed.fetches.select_related("run").first()
    open_ = fetch if fetch is not None and fetch.is_open else None
    run = open_.run if open_ else None
    text, percent, numbers = said_state(feed), 0, dict.fromkeys(COUNTS, 0)
    if open_ is not None:
        text = capfirst(str(State(open_.state).label))
        if open_.state == State.FETCHING and not open_.lease_token:
            text = gettext("Waiting to start")
        elif open_.state == State.IMPORTING and run is not None:
            importing = said_import(run)
            text, percent, numbers = importing["text"], importing["percent"], importing["numbers"]
            if waits_for_columns(open_):
                text = gettext("We could not tell which column is the SKU: choose the columns")
            elif waits_for_staff(open_):
                text = gettext("Checked: see the preview, then switch the feed on")
    return {
        "revision": "-".join(
            [feed.state, str(fetch.pk if fetch else 0), fetch.state if fetch else "", run.state if run else ""]
        ),
        "working": open_ is not None and not waits_for_staff(open_),
        "text": text,
        "percent": percent,
        "numbers": {name: numbers[name] for name in COUNTS},
    }


def context(feed: ScheduledFeed) -> dict[str, Any]:
    """Return what the template of a feed's page needs."""
    fetches = list(feed.fetches.select_related("run", "by")[: KEPT + 1])
    latest = fetches[0] if fetches else None
    failed = next((fetch for fetch in fetches if fetch.state == State.FAILED), None) if feed.failures else None
    keys = {fetch.pk: scheduled_feeds.change_key(fetch) for fetch in fetches}
    changes = set(ChangeSet.objects.filter(pk__in=keys.values()).values_list("pk", flat=True))
    articles = FeedArticle.objects.filter(feed=feed.pk, article__deleted=None)
    return {
        "feed": feed,
        "said": said(feed),
        "schedule": said_schedule(feed),
        "under_way": latest if latest is not None and latest.is_open else None,
        "columns_of": latest if latest is not None and latest.is_open and waits_for_columns(latest) else None,
        "looked_at": latest if latest is not None and latest.is_open and waits_for_staff(latest) else None,
        "failed": failed,
        "reason": render_stored(failed.error) if failed else "",
        "shared": scheduled_feeds.also_in(feed),
        "present": articles.present().count(),
        "gone": articles.exclude(left=None).count(),
        "hidden": articles.changed_by_feed().count(),
        "results": [
            {
                "fetch": fetch,
                "run": fetch.run,
                "lines": result(fetch),
                "took": took(fetch),
                "change": keys[fetch.pk] if keys[fetch.pk] in changes else None,
            }
            for fetch in fetches
        ],
    }


def took(fetch: FeedFetch) -> str:
    """Return how long a fetch took, from the request to its end."""
    if fetch.ended is None:
        return ""
    seconds = max(round((fetch.ended - fetch.begun).total_seconds()), 1)
    if seconds < 60:
        return gettext("%(n)d s") % {"n": seconds}
    return gettext("%(n)d min") % {"n": round(seconds / 60)}


def result(fetch: FeedFetch) -> list[str]:
    """Return what came of a fetch, in sentences."""
    if fetch.state == State.FAILED:
        return [gettext("Failed: %(reason)s") % {"reason": render_stored(fetch.error)}]
    if waits_for_staff(fetch) and fetch.is_open:
        return [gettext("Preview only; nothing was changed.")]
    if fetch.is_open or fetch.state == State.CANCELLED:
        return [capfirst(str(State(fetch.state).label))]
    if fetch.unchanged:
        return [gettext("Unchanged since the last fetch.")]
    lines = [gettext("Imported.")]
    if fetch.returned:
        lines.append(
            ngettext("%(n)d product is back.", "%(n)d products are back.", fetch.returned) % {"n": fetch.returned}
        )
    if fetch.unidentified:
        lines.append(
            ngettext(
                "%(n)d row with errors has no SKU, so no product was treated as removed.",
                "%(n)d rows with errors have no SKU, so no product was treated as removed.",
                fetch.unidentified,
            )
            % {"n": fetch.unidentified}
        )
    if fetch.left:
        lines.append(_said_left(fetch) % {"n": fetch.left})
    return lines


def _said_left(fetch: FeedFetch) -> str:
    n = fetch.left or 0
    if fetch.state == State.ASKING:
        return ngettext(
            "%(n)d product is no longer in the feed: your answer is needed.",
            "%(n)d products are no longer in the feed: your answer is needed.",
            n,
        )
    if fetch.answer == "keep":
        return ngettext(
            "%(n)d product is no longer in the feed; you kept it.",
            "%(n)d products are no longer in the feed; you kept them.",
            n,
        )
    return ngettext("%(n)d product is no longer in the feed.", "%(n)d products are no longer in the feed.", n)
