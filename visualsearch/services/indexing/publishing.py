"""Snapshots of a shop of several machines: published by the one that built them, fetched by each of the others.

Where files are in the data folder there is nothing to publish: none of this does anything.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import storages
from django.core.signals import setting_changed

from catalogue.exceptions import ImageTooLargeError
from visualsearch.exceptions import SearchUnavailableError, SnapshotError
from visualsearch.index.base import Space, VectorIndex
from visualsearch.index.published import PublishedSnapshots

logger = logging.getLogger(__name__)

# What a store, a disk, or a snapshot that is damaged or too large may do to a fetch.
FAILURES = (OSError, SnapshotError, ImageTooLargeError)

_beside: dict[Space, threading.Thread] = {}


@cache
def published(space: Space) -> PublishedSnapshots | None:
    """Return the snapshots of a space that machines share; None in a shop of one disk, or with an index of its own."""
    folder: Any = settings.VECTOR_INDEX.get("OPTIONS", {}).get("folder")
    if folder is None or "snapshots" not in settings.STORAGES:
        return None
    store: Any = storages["snapshots"]
    return PublishedSnapshots(store, Path(folder), space)


def fetch(space: Space) -> bool:
    """Fetch the newest snapshot, waiting for another process of this machine that does. Returns whether it did.

    What fails is logged: the process goes on with what it has.
    """
    snapshots = published(space)
    return snapshots is not None and _attempt(snapshots, space, wait=True)


def fetch_beside(space: Space, *, then: Callable[[], None]) -> None:
    """Fetch the newest snapshot in a thread, one at a time, and call `then` in it if there was a newer one."""
    snapshots = published(space)
    if snapshots is not None:
        # A daemon: what it fetched so far is removed after a day.
        _run_beside(space, lambda: _attempt(snapshots, space, wait=False), then)


def look_beside(index: VectorIndex, *, then: Callable[[], None]) -> None:
    """Look for a newer shared snapshot in a thread, one at a time. Call `then` in it if there was one, or no answer."""

    def look() -> bool:
        try:
            return index.look()
        except SearchUnavailableError:
            # Whoever searches next, or asks for the shop's health, asks the server as well, and says so.
            return True

    _run_beside(index.space, look, then)


def _run_beside(space: Space, attempt: Callable[[], bool], then: Callable[[], None]) -> None:
    if (thread := _beside.get(space)) and thread.is_alive():
        return

    def run() -> None:
        if attempt():
            then()

    _beside[space] = threading.Thread(target=run, name="snapshot", daemon=True)
    _beside[space].start()


def publish(space: Space, *, kept_from: int) -> int:
    """Publish this machine's newest snapshot and remove old ones. Returns from where the change log is needed.

    That is `kept_from`, which this machine needs, or what the published ones need. Raises OSError.
    """
    snapshots = published(space)
    if snapshots is None:
        return kept_from
    snapshots.publish()
    return min(kept_from, snapshots.prune())


def _attempt(snapshots: PublishedSnapshots, space: Space, *, wait: bool) -> bool:
    try:
        return snapshots.fetch(wait=wait)
    except FAILURES as error:
        logger.warning("%s %s: the newest snapshot cannot be fetched: %s", space.name, space.version, error)
        return False


def _forget_on_change(setting: str, **kwargs: Any) -> None:
    if setting in {"VECTOR_INDEX", "STORAGES"}:
        published.cache_clear()


setting_changed.connect(_forget_on_change)
