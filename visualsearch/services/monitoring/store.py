"""The state of the store of files, where they are not on the disk of this machine."""

from __future__ import annotations

import logging
import threading
import time
from typing import Any

from django.conf import settings
from django.core.files.storage import storages

from catalogue.exceptions import StoreUnreachableError

logger = logging.getLogger(__name__)

# How long a state holds, so that health may be asked often.
STATE_HOLDS_S = 2.0

_lock = threading.Lock()
_known: dict[str, tuple[float, str]] = {}


def is_remote() -> bool:
    """Return whether files are in a bucket."""
    return bool(settings.S3_BUCKET["name"])


def store_state() -> str:
    """Return "ok", also for files on a disk, or "down", at most STATE_HOLDS_S old."""
    if not is_remote():
        return "ok"
    bucket = str(settings.S3_BUCKET)
    with _lock:
        known = _known.get(bucket)
        if known is None or time.monotonic() - known[0] > STATE_HOLDS_S:
            known = _known[bucket] = (time.monotonic(), "down" if examine() else "ok")
        return known[1]


def examine() -> str:
    """Return why the bucket does not answer or may not be used; "" where all is well."""
    store: Any = storages["photos"]
    try:
        store.ping()
    except StoreUnreachableError as error:
        logger.warning("the store of files: %s", error)
        return str(error.strerror)
    return ""
