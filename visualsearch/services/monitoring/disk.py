"""The state of the disk of the data folder: room, files that can be made, and whether it takes what is written."""

from __future__ import annotations

import os
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from catalogue.problems import STORAGE_ERRNOS

# A disk is low with less than this many bytes free, or this share of a small one; the share counts for file names too.
LEAST_FREE_BYTES = 1_000_000_000
LEAST_FREE_SHARE = 0.1
LEAST_FREE_FILES_SHARE = 0.01
# How long a state holds, so that health may be asked often.
STATE_HOLDS_S = 2.0
# More than what a file system keeps beside a file's name.
PROBE = b"\0" * 8192

# What health says, best first.
STATES = ("ok", "low", "full", "unwritable")


@dataclass(frozen=True, slots=True)
class Disk:
    """The state, one of STATES, with free and total bytes, and free and total file names (0 where unlimited)."""

    state: str
    free_bytes: int = 0
    total_bytes: int = 0
    free_files: int = 0
    total_files: int = 0
    reason: str = ""


_lock = threading.Lock()
_known: dict[Path, tuple[float, Disk]] = {}


def disk_state() -> Disk:
    """Return the state of the data folder's disk, at most STATE_HOLDS_S old."""
    folder = Path(settings.DATA_DIR)
    with _lock:
        known = _known.get(folder)
        if known is None or time.monotonic() - known[0] > STATE_HOLDS_S:
            known = _known[folder] = (time.monotonic(), examine(folder))
        return known[1]


def examine(folder: Path) -> Disk:
    """Write a file without a name into a folder, and count what is free. Never raises an OSError."""
    try:
        usage = os.statvfs(folder)
        sizes = (usage.f_bavail * usage.f_frsize, usage.f_blocks * usage.f_frsize, usage.f_favail, usage.f_files)
    except OSError as error:
        return Disk("unwritable", reason=str(error.strerror))
    try:
        with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
            if file.write(PROBE) < len(PROBE):
                return Disk("full", *sizes)
    except OSError as error:
        full = error.errno in STORAGE_ERRNOS["storage_full"]
        return Disk("full" if full else "unwritable", *sizes, reason=str(error.strerror))
    free, total, files, all_files = sizes
    low = free < min(LEAST_FREE_BYTES, total * LEAST_FREE_SHARE) or files < all_files * LEAST_FREE_FILES_SHARE
    return Disk("low" if low else "ok", *sizes)
