"""Snapshots in a store that machines share: published once by the one that built them, fetched by the others.

    <name>-<version>/<name of the snapshot>/…    the files that the manifest names, and the manifest, which comes last

A machine compares what it fetched with the manifest's checksums, and the manifest with the snapshot's name, before the
snapshot gets that name on its disk. So a process opens whole snapshots, whatever the store has.
"""

from __future__ import annotations

import fcntl
import logging
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

from catalogue.exceptions import ImageTooLargeError
from visualsearch.exceptions import SnapshotError
from visualsearch.index.base import Space
from visualsearch.index.checksums import verify
from visualsearch.index.snapshot import (
    KEPT_SNAPSHOTS,
    LEFTOVER_AGE_S,
    MANIFEST,
    Manifest,
    SnapshotFolder,
    flush_to_disk,
    read_manifest,
)

logger = logging.getLogger(__name__)

# Sequence, time of the build in nanoseconds, digest of the manifest.
_NAME = re.compile(r"(\d{20})-(\d{20})-[0-9a-f]+")
_FILE = re.compile(r"[a-z0-9][a-z0-9._-]*")
MANIFEST_MAX_BYTES = 1_000_000
# No file of a snapshot is larger than this and eight bytes a number.
FILE_SPARE_BYTES = 100_000_000


class Store(Protocol):
    """What a store of objects does. Its errors are OSErrors; FileNotFoundError for an object that is not there."""

    def listdir(self, path: str) -> tuple[list[str], list[str]]: ...
    def upload(self, file: Path, name: str) -> None: ...
    def download(self, name: str, file: Path, *, max_bytes: int | None = None) -> None: ...
    def delete(self, name: str) -> None: ...


class PublishedSnapshots:
    """The snapshots of one space in a store, and this machine's copies in a folder."""

    def __init__(self, store: Store, folder: Path, space: Space) -> None:
        self._store, self._space = store, space
        self._local = SnapshotFolder(folder, space)
        self._prefix = self._local.folder.name
        self._lock = folder / f".fetching-{self._prefix}.lock"
        # Names of snapshots that this process does not ask for again: damaged, or of another epoch.
        self._refused: set[str] = set()

    def publish(self) -> None:
        """Put this machine's newest snapshot into the store, unless it is there. Raises OSError."""
        path = self._newest_here()
        if path is None or MANIFEST in self._store.listdir(f"{self._prefix}/{path.name}")[1]:
            return
        began = time.monotonic()
        for name in read_manifest(path).sha256:
            self._store.upload(path / name, f"{self._prefix}/{path.name}/{name}")
        self._store.upload(path / MANIFEST, f"{self._prefix}/{path.name}/{MANIFEST}")
        logger.info("snapshot %s published in %.1f s", path.name, time.monotonic() - began)

    def fetch(self, *, wait: bool = False) -> bool:
        """Fetch the newest snapshot of the space if this machine has none as new. Returns whether it did.

        One process of a machine fetches at a time; others return at once, or `wait` for it. Raises OSError if the store
        or the disk fails, SnapshotError or ImageTooLargeError if what is there is damaged and no older one is sound.
        """
        self._local.folder.mkdir(parents=True, exist_ok=True)
        with self._only_one(wait=wait) as acquired:
            if not acquired:
                return False
            newest = self._newest_here()
            damaged: SnapshotError | ImageTooLargeError | None = None
            for name in self._names():
                if newest is not None and name <= newest.name:
                    break
                if name in self._refused:
                    continue
                try:
                    if self._fetch(name):
                        return True
                except (SnapshotError, ImageTooLargeError) as error:
                    logger.error("snapshot %s is not taken from the store: %s", name, error)
                    self._refused.add(name)
                    damaged = error
            if damaged is not None:
                raise damaged
            return False

    def prune(self) -> int:
        """Remove all but the last two of the space from the store, and what is left of others after a day.

        Returns the sequence of the older one kept; 0 while there is only one. Raises OSError.
        """
        kept: list[str] = []
        for name in self._names():
            manifest = self._manifest_of(name)
            if manifest is not None and manifest.is_of(self._space) and len(kept) < KEPT_SNAPSHOTS:
                kept.append(name)
            elif (manifest is not None and manifest.is_of(self._space)) or _age_s(name) > LEFTOVER_AGE_S:
                self._remove(name)
        return _sequence(kept[-1]) if len(kept) == KEPT_SNAPSHOTS else 0

    def _newest_here(self) -> Path | None:
        for path in self._local.newest_first():
            with suppress(OSError, ValueError, TypeError):
                if read_manifest(path).is_of(self._space):
                    return path
        return None

    def _names(self) -> list[str]:
        return sorted(filter(_NAME.fullmatch, self._store.listdir(self._prefix)[0]), reverse=True)

    def _fetch(self, name: str) -> bool:
        began, part = time.monotonic(), self._local.begin()
        path = part / name
        path.mkdir()
        try:
            manifest = self._read_manifest(name, path)
            if not manifest.is_of(self._space):
                self._refused.add(name)
                return False
            most = 8 * manifest.count * manifest.dimensions + FILE_SPARE_BYTES
            for file in manifest.sha256:
                self._store.download(f"{self._prefix}/{name}/{file}", path / file, max_bytes=most)
            verify(path, manifest.sha256)
            for each in (*path.iterdir(), path):
                flush_to_disk(each)
            path.rename(self._local.folder / name)
            flush_to_disk(self._local.folder)
        except FileNotFoundError:
            # It is being published, or was removed since a newer one is there.
            return False
        finally:
            shutil.rmtree(part, ignore_errors=True)
        logger.info("snapshot %s fetched in %.1f s", name, time.monotonic() - began)
        return True

    def _read_manifest(self, name: str, path: Path) -> Manifest:
        self._store.download(f"{self._prefix}/{name}/{MANIFEST}", path / MANIFEST, max_bytes=MANIFEST_MAX_BYTES)
        try:
            manifest = read_manifest(path)
            if strange := [file for file in manifest.sha256 if not _FILE.fullmatch(file)]:
                raise ValueError(f"{strange[0]!r} is no name of a file")
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise SnapshotError("snapshot.not_read", name=name, error=str(error)) from error
        return manifest

    def _manifest_of(self, name: str) -> Manifest | None:
        """Return the manifest of a published snapshot; None if it is not complete, or damaged."""
        part = self._local.begin()
        (part / name).mkdir()
        try:
            return self._read_manifest(name, part / name)
        except (FileNotFoundError, SnapshotError):
            return None
        finally:
            shutil.rmtree(part, ignore_errors=True)

    def _remove(self, name: str) -> None:
        prefix = f"{self._prefix}/{name}"
        files = self._store.listdir(prefix)[1]
        # The manifest goes first: nobody begins to fetch what is going.
        for file in sorted(files, key=lambda file: file != MANIFEST):
            self._store.delete(f"{prefix}/{file}")

    @contextmanager
    def _only_one(self, *, wait: bool) -> Iterator[bool]:
        with self._lock.open("wb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except BlockingIOError:
                yield False
            else:
                yield True


def _sequence(name: str) -> int:
    return int(name.split("-", maxsplit=1)[0])


def _age_s(name: str) -> float:
    return time.time() - int(name.split("-")[1]) / 1e9
