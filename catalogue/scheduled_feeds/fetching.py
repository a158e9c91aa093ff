"""Downloads a feed's file and hands it to an import."""

from __future__ import annotations

import tempfile
import time
from pathlib import PurePosixPath
from typing import IO
from urllib.parse import urlsplit

from django.conf import settings
from django.core.files.base import File

from catalogue import imports, jobs
from catalogue.exceptions import NotFetchedError
from catalogue.imaging import Credentials, Downloaded, FetchPolicy, HttpValidators, Request, download, plain_address
from catalogue.models import FeedFetch, ImportRun, ScheduledFeed
from catalogue.sources import NotNow, acquire_slot, agent, back_off, release_slot, was_answered

# How often a download shows that its worker lives.
_HEARTBEAT_S = 5.0


class WaitError(Exception):
    """The host is to be left alone for `wait_s` seconds."""

    def __init__(self, wait_s: float) -> None:
        self.wait_s = wait_s
        super().__init__(wait_s)


def fetch_policy() -> FetchPolicy:
    """Return what feeds may be fetched from: public servers, as pictures are."""
    return FetchPolicy(timeout_s=settings.FEED_TIMEOUT_S)


def fetch(lease: jobs.Lease[FeedFetch]) -> bool:
    """Download the feed's file and begin its import. Returns False if it is the one that was imported last.

    Raises NotFetchedError, FeedError for a file that cannot be imported, and WaitError.
    """
    feed = lease.job.feed
    with tempfile.NamedTemporaryFile() as target:
        downloaded = _download(lease, feed, target)
        same = downloaded.not_modified or downloaded.sha256 == feed.sha256
        validators = downloaded.validators
        if downloaded.not_modified and validators == HttpValidators():
            validators = HttpValidators(feed.etag, feed.last_modified)
        found = {
            "sha256": feed.sha256 if same else downloaded.sha256,
            "etag": validators.etag,
            "last_modified": validators.last_modified,
        }
        if same and not lease.job.preview:
            if not lease.job.held().update(unchanged=True, **found):
                raise jobs.LeaseLostError
            return False
        target.seek(0)
        _begin_import(lease, File(target, name=_name(feed)), found)
    return True


def _download(lease: jobs.Lease[FeedFetch], feed: ScheduledFeed, target: IO[bytes]) -> Downloaded:
    _, host = plain_address(feed.url)
    slot = acquire_slot(host)
    if isinstance(slot, NotNow):
        raise WaitError(slot.wait_s)
    shown = time.monotonic()

    def heartbeat() -> None:
        nonlocal shown
        if time.monotonic() - shown >= _HEARTBEAT_S:
            jobs.renew(lease)
            shown = time.monotonic()

    request = Request(
        feed.url,
        fetch_policy(),
        agent("feeds"),
        # A look is at the whole file.
        None if lease.job.preview else HttpValidators(feed.etag, feed.last_modified),
        Credentials(feed.user, feed.password) if feed.user else None,
    )
    try:
        downloaded = download(request, target, max_bytes=settings.IMPORT_MAX_BYTES, heartbeat=heartbeat)
    except NotFetchedError as error:
        if error.busy:
            error.wait_s = back_off(host, error.wait_s)
        raise
    finally:
        release_slot(slot)
    was_answered(host)
    jobs.renew(lease)
    return downloaded


def _begin_import(lease: jobs.Lease[FeedFetch], file: File[bytes], found: dict[str, str]) -> None:
    fetch, feed = lease.job, lease.job.feed
    checked = fetch.preview
    run = ImportRun(
        kind=feed.kind,
        encoding=feed.encoding,
        columns=feed.columns,
        published=feed.published,
        by=fetch.by,
        state=ImportRun.State.CHECKING if checked else ImportRun.State.IMPORTING,
    )

    def hand_over() -> None:
        # From here on the import has the file; its end brings the fetch to its next state.
        if not fetch.held().update(state=FeedFetch.State.IMPORTING, run=run, unchanged=False, **found):
            raise jobs.LeaseLostError

    imports.store(run, file, record=hand_over)


def _name(feed: ScheduledFeed) -> str:
    """Return the name of the feed's file, as its import shows it."""
    suffix = PurePosixPath(urlsplit(feed.url).path.removesuffix(".gz")).suffix
    return feed.name.replace("/", "-") + (suffix if suffix.isascii() and len(suffix) <= 5 else "")
