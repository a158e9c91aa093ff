"""The checksums of a snapshot's files, compared once a machine: all its processes open the same unchanged files."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from visualsearch.exceptions import SnapshotError

# Linux gives each start of a machine an id.
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
# Seconds that a file must be older than its verification: several ticks of the clock that stamps inodes.
RACY_S = 0.05


def verify(folder: Path, sha256: Mapping[str, str]) -> None:
    """Compare the checksums of the files named, unless this machine did and they are as they were then.

    Raises SnapshotError for one that differs, OSError for one that cannot be read.
    """
    states, marker = states_of(folder, sha256), marker_of(folder)
    with suppress(OSError):
        if marker is not None and marker.read_text() == states:
            return
    for name, wanted in sha256.items():
        if file_sha256(folder / name) != wanted:
            raise SnapshotError("snapshot.checksum", file=f"{folder.name}/{name}")
    note_verified(folder, sha256, states)


def note_verified(folder: Path, names: Iterable[str], states: str = "") -> None:
    """Note that the files are right in these states, or as they are now. Where it cannot be, each process verifies."""
    names, marker = list(names), marker_of(folder)
    changed_s = max((folder / name).stat().st_ctime_ns for name in names) / 1e9
    # A change within the same clock tick would leave the state as it is.
    if marker is None or time.time() - changed_s < RACY_S:
        return
    part = folder / f".{uuid4().hex}"
    with suppress(OSError):
        part.write_text(states or states_of(folder, names))
        part.replace(marker)


def states_of(folder: Path, names: Iterable[str]) -> str:
    """Return what changes with any write to the files: inode, size, and the times of content and of inode."""
    found = ((folder / name).stat() for name in names)
    return json.dumps([[each.st_ino, each.st_size, each.st_mtime_ns, each.st_ctime_ns] for each in found])


def marker_of(folder: Path) -> Path | None:
    """Return the file in which this machine notes, until it is started anew, that it verified a snapshot."""
    try:
        return folder / f"verified-{BOOT_ID.read_text().strip()}"
    except OSError:
        return None


def file_sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
