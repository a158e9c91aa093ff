"""Feeds that the shop fetches by itself: when, how a file comes from an address, and what becomes of what has left.

Each fetch is a job. It downloads the file and hands it to an import, as if staff had; once that has ended, the articles
that the feed does not have any more are dealt with.
"""

from __future__ import annotations

from catalogue.scheduled_feeds.actions import (
    delete,
    fetch_now,
    forget_file,
    keep,
    let_leave,
    look,
    pause,
    reschedule,
    switch_on,
)
from catalogue.scheduled_feeds.leaving import also_in, change_key, listed, missing
from catalogue.scheduled_feeds.releasing import release
from catalogue.scheduled_feeds.worker import KIND, begin_due, run_slice

__all__ = [
    "KIND",
    "also_in",
    "begin_due",
    "change_key",
    "delete",
    "fetch_now",
    "forget_file",
    "keep",
    "let_leave",
    "listed",
    "look",
    "missing",
    "pause",
    "release",
    "reschedule",
    "run_slice",
    "switch_on",
]
