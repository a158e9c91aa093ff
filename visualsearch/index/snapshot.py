"""Snapshots of an index: immutable folders, written atomically, verified by checksum before use.

    <folder>/<name>-<version>/<sequence>-<time of the build>-<start of the manifest's SHA-256>/
        manifest.json   metadata, and the SHA-256 of each other file
        ids.i64         photo ids, ascending
        vectors.f16     their vectors, in the same order, as stored in the database
        index.faiss     the FAISS index of the same vectors
        checksums.json  the XXH3 of these three; missing in older snapshots
        verified-…      that a machine compared the checksums, and what the files' inodes said then

A mapped file that is overwritten kills its readers with SIGBUS (faiss issue 1540). So a snapshot is written under a
temporary name that nobody reads, flushed to disk, and renamed.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from visualsearch.exceptions import SnapshotError
from visualsearch.index.base import Space, StoredVectors, VectorIds
from visualsearch.index.checksums import note_verified, verify, write_checksums

logger = logging.getLogger(__name__)

MANIFEST, IDS, VECTORS, INDEX = "manifest.json", "ids.i64", "vectors.f16", "index.faiss"
FILES = (IDS, VECTORS, INDEX)
# Hexadecimal digits of the manifest's SHA-256 in the folder's name.
MANIFEST_DIGITS = 16
UNFINISHED, ASIDE, GOING = ".part-", ".aside-", ".going-"
# The last two stay: a process may be reading the older one, and it serves if the newer is damaged.
KEPT_SNAPSHOTS = 2
# Seconds after which unfinished folders of killed writers and quarantined snapshots are removed.
LEFTOVER_AGE_S = 86_400


@dataclass(frozen=True, slots=True)
class NprobeSetting:
    """The nprobe, as `lists`, with which recall of the nearest `depth` reaches the target."""

    depth: int
    lists: int


@dataclass(frozen=True, slots=True)
class BuildResult:
    """The FAISS index that was built: its factory string, its nprobe settings, and recall@10 with them."""

    factory: str
    probes: tuple[NprobeSetting, ...]
    recall: float


@dataclass(frozen=True, slots=True)
class Manifest:
    """A snapshot's metadata. `nonce` is that of the change log's entry at `sequence`.

    `factory`, `recall` and `probes` are those of BuildResult. Older snapshots have no `probes`: all were flat.
    """

    name: str
    version: str
    epoch: str
    sequence: int
    count: int
    dimensions: int
    factory: str
    recall: float
    sha256: dict[str, str]
    nonce: str = ""
    probes: tuple[NprobeSetting, ...] = ()

    def is_of(self, space: Space) -> bool:
        return (self.name, self.version, self.epoch, self.dimensions) == (
            space.name,
            space.version,
            space.epoch,
            space.dimensions,
        )


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An opened snapshot: its manifest and its arrays, memory-mapped, read only."""

    folder: Path
    manifest: Manifest
    ids: VectorIds
    vectors: StoredVectors


class SnapshotFolder:
    """The snapshots of one space."""

    def __init__(self, folder: Path, space: Space) -> None:
        self.space = space
        self.folder = folder / f"{space.name}-{space.version}"

    def newest_first(self) -> list[Path]:
        """Return the folders of finished snapshots, newest first; empty if none was ever built."""
        if not self.folder.is_dir():
            return []
        return sorted((path for path in self.folder.iterdir() if not path.name.startswith(".")), reverse=True)

    def begin(self) -> Path:
        """Return a new folder to write a snapshot into."""
        path = self.folder / f"{UNFINISHED}{uuid4().hex}"
        path.mkdir(parents=True)
        return path

    def finish(self, part: Path, *, sequence: int, nonce: str, count: int, made: BuildResult) -> Path:
        """Write the manifest, flush everything to disk, and give the folder its name. Returns the folder."""
        digests = write_checksums(part, FILES)
        space = self.space
        manifest = Manifest(
            name=space.name,
            version=space.version,
            epoch=space.epoch,
            sequence=sequence,
            count=count,
            dimensions=space.dimensions,
            factory=made.factory,
            recall=made.recall,
            sha256=digests,
            nonce=nonce,
            probes=made.probes,
        )
        content = json.dumps(asdict(manifest), indent=1).encode()
        (part / MANIFEST).write_bytes(content)
        for path in (*part.iterdir(), part):
            flush_to_disk(path)
        # Of two at the same sequence the one built later sorts first in `newest_first`, and so is the one that serves.
        target = self.folder / f"{sequence:020d}-{time.time_ns():020d}-{digest_of(content)}"
        part.rename(target)
        flush_to_disk(self.folder)
        note_verified(target, digests)
        return target

    def open(self, path: Path, *, head: int) -> Snapshot:
        """Open a snapshot after verifying its checksums. Raises SnapshotError if it is damaged, foreign or too new."""
        try:
            manifest = read_manifest(path)
            if not manifest.is_of(self.space):
                raise SnapshotError("snapshot.of_another", name=path.name)
            if manifest.sequence > head:
                raise SnapshotError("snapshot.ahead", name=path.name, head=head)
            if missing := set(FILES) - manifest.sha256.keys():
                raise ValueError(f"{MANIFEST} has no checksum of {', '.join(sorted(missing))}")
            verify(path, manifest.sha256)
            shape = (manifest.count, manifest.dimensions)
            return Snapshot(
                path, manifest, map_array(path / IDS, "<i8", shape[:1]), map_array(path / VECTORS, "<f2", shape)
            )
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise SnapshotError("snapshot.not_read", name=path.name, error=str(error)) from error

    def set_aside(self, path: Path) -> None:
        """Quarantine a snapshot: it is not opened again, and its files stay for inspection."""
        logger.warning("snapshot %s is set aside", path)
        try:
            path.rename(path.with_name(f"{ASIDE}{path.name}-{uuid4().hex[:8]}"))
        except FileNotFoundError:
            logger.info("snapshot %s was set aside by another process", path)

    def prune(self) -> int:
        """Remove all but the last two snapshots of the space, and old leftovers, among them those of other epochs.

        Returns the sequence of the older one kept; 0 while there is only one.
        """
        finished = self.newest_first()
        own = [path for path in finished if self._is_own(path)]
        leftovers = [path for path in (*finished, *self.folder.glob(".*")) if path not in own]
        for path in (*own[KEPT_SNAPSHOTS:], *filter(is_old, leftovers)):
            # Renamed before it is deleted: a process that is opening it must not take it for a damaged one.
            going = path.with_name(f"{GOING}{uuid4().hex}")
            # Another process may prune at the same time.
            with suppress(FileNotFoundError):
                path.rename(going)
                shutil.rmtree(going, ignore_errors=True)
        return int(own[KEPT_SNAPSHOTS - 1].name.split("-")[0]) if len(own) >= KEPT_SNAPSHOTS else 0

    def _is_own(self, path: Path) -> bool:
        try:
            return read_manifest(path).is_of(self.space)
        except (OSError, ValueError, TypeError):
            return False


def read_manifest(path: Path) -> Manifest:
    """Return a snapshot's manifest. Raises OSError, ValueError or TypeError if it is not the one that was written."""
    content = (path / MANIFEST).read_bytes()
    written = path.name.rsplit("-", 1)[-1]
    # Names of older snapshots end in a shorter random number: their manifests are not verified.
    if len(written) == MANIFEST_DIGITS and digest_of(content) != written:
        raise ValueError(f"{MANIFEST} is not the one that the folder is named after")
    values = json.loads(content)
    # Older manifests call it "mark".
    values.setdefault("nonce", values.pop("mark", ""))
    values["probes"] = tuple(NprobeSetting(**each) for each in values.get("probes", ()))
    return Manifest(**values)


def digest_of(manifest: bytes) -> str:
    """Return the digest that ends a snapshot's name, by which its manifest is verified."""
    return hashlib.sha256(manifest).hexdigest()[:MANIFEST_DIGITS]


def is_old(path: Path) -> bool:
    """Whether a leftover is so old that nobody can be writing or reading it."""
    try:
        return time.time() - path.stat().st_mtime > LEFTOVER_AGE_S
    except FileNotFoundError:
        return False


def map_array(path: Path, dtype: str, shape: tuple[int, ...]) -> NDArray[Any]:
    """Memory-map a file of numbers, read only. An empty file cannot be mapped and gives an empty array."""
    if 0 in shape:
        return np.empty(shape, dtype)
    return np.memmap(path, dtype=dtype, mode="r", shape=shape)


def flush_to_disk(path: Path) -> None:
    """Flush a file's bytes, or a folder's entries, to disk (fsync), so that they survive a power failure."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
