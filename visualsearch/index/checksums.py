"""The checksums of a snapshot's files, compared once a machine: all its processes open the same unchanged files.

Each file has two. The manifest has the SHA-256 of all, and one of the files, checksums.json, the XXH3 of the others.
XXH3 (128 bits) is no protection from forgery, which SHA-256 is not either where the manifest may be written; it finds
damage as surely, and reads seven times as many bytes a second. Snapshots of before have SHA-256 alone, and releases of
before compare it.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import xxhash

from visualsearch.exceptions import SnapshotError

CHECKSUMS = "checksums.json"
# Linux gives each start of a machine an id.
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
# Seconds that a file must be older than its verification: several ticks of the clock that stamps inodes.
RACY_S = 0.05


def verify(folder: Path, sha256: Mapping[str, str]) -> None:
    """Compare the files with the checksums of a manifest, unless this machine did and they are as they were then.

    Raises as `compare` does.
    """
    states, marker = states_of(folder, sha256), marker_of(folder)
    with suppress(OSError):
        if marker is not None and marker.read_text() == states:
            return
    compare(folder, sha256, sha256)
    note_verified(folder, sha256, states)


def compare(folder: Path, names: Iterable[str], sha256: Mapping[str, str]) -> None:
    """Compare the files named with their checksums, given the SHA-256 of all files of their manifest.

    Raises SnapshotError for one that differs, OSError for one that cannot be read, ValueError or KeyError for one that
    has no checksum.
    """
    xxh3: Mapping[str, str] = {}
    if CHECKSUMS in sha256:
        content = (folder / CHECKSUMS).read_bytes()
        if hashlib.sha256(content).hexdigest() != sha256[CHECKSUMS]:
            raise different(folder, CHECKSUMS)
        xxh3 = json.loads(content)["xxh3_128"]
    for name in names:
        if name == CHECKSUMS:
            continue
        path = folder / name
        same = file_xxh3(path) == xxh3[name] if name in xxh3 else file_sha256(path) == sha256[name]
        if not same:
            raise different(folder, name)


def write_checksums(folder: Path, names: Iterable[str]) -> dict[str, str]:
    """Write the file of XXH3 checksums of the files named. Returns the SHA-256 of these and of that file."""
    names = list(names)
    content = json.dumps({"xxh3_128": {name: file_xxh3(folder / name) for name in names}}, indent=1)
    (folder / CHECKSUMS).write_text(content, encoding="utf-8")
    return {name: file_sha256(folder / name) for name in (*names, CHECKSUMS)}


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


def different(folder: Path, name: str) -> SnapshotError:
    return SnapshotError("snapshot.checksum", file=f"{folder.name}/{name}")


def file_xxh3(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, xxhash.xxh3_128).hexdigest()


def file_sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
