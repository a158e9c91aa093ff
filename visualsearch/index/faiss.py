"""Snapshot and tail on FAISS (Douze et al., The Faiss library, 2024): the index that a shop serves from.

The snapshot is mapped from files and shared by all processes of a machine; the tail is each process's own. Photos that
changed or went since the snapshot are kept out of its search by a bitmap selector, inside the search.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from visualsearch.exceptions import SnapshotError
from visualsearch.index.base import Changes, Hit, PhotoIds, Rows, Space, VectorIndex, nearest
from visualsearch.index.snapshot import IDS, INDEX, VECTORS, Snapshot, SnapshotFolder
from visualsearch.index.tail import Tail
from visualsearch.vectors import Vectors

# Half-precision codes, scanned one after the other: the stored vectors themselves, so nothing is lost.
FACTORY = "SQfp16"
# Candidates are ranked again on the stored vectors; this many more than asked for, so that rounding at the edge of the
# list loses none.
SPARE = 16
# Vectors that are searched for at the build, to prove that they find themselves.
PROBES = 100
# Rows compared at once by brute force, and how far apart two sums of the same products may lie.
CHUNK = 50_000
ROUNDING = 1e-3


@dataclass(frozen=True, slots=True)
class State:
    """What a search sees. Replaced as a whole, never changed, so that a search under way keeps its own.

    `newest` is the name of the newest snapshot that there was when it was made: only a newer one is opened.
    """

    snapshot: Snapshot | None
    searcher: Any
    # A bit a place of the snapshot, 1 where the photo still has that vector.
    live: NDArray[np.uint8]
    live_count: int
    tail: Tail
    sequence: int
    mark: str
    newest: str


class FaissIndex(VectorIndex):
    """A FAISS snapshot and a tail. Nothing is opened before `reopen`."""

    def __init__(self, space: Space, *, folder: Path | str) -> None:
        self.space = space
        self._snapshots = SnapshotFolder(Path(folder), space)
        self._lock = threading.Lock()
        self._damaged = False
        self._state = State(None, None, no_places(), 0, Tail.empty(space.dimensions), 0, "", "")

    @property
    def sequence(self) -> int:
        return self._state.sequence

    @property
    def mark(self) -> str:
        return self._state.mark

    @property
    def snapshot_sequence(self) -> int:
        snapshot = self._state.snapshot
        return snapshot.manifest.sequence if snapshot else 0

    @property
    def damaged(self) -> bool:
        damaged, self._damaged = self._damaged, False
        return damaged

    def __len__(self) -> int:
        state = self._state
        return state.live_count + len(state.tail.ids)

    def replace_all(self, changes: Changes) -> None:
        with self._lock:
            tail = Tail.empty(self.space.dimensions).with_changes(changes)
            newest = next((path.name for path in self._snapshots.newest_first()), "")
            self._state = State(None, None, no_places(), 0, tail, changes.sequence, changes.mark, newest)

    def apply(self, changes: Changes) -> None:
        with self._lock:
            state = self._state
            live, live_count = state.live, state.live_count
            if state.snapshot is not None:
                touched = places_of(state.snapshot.ids, np.concatenate([changes.ids, changes.removed]))
                live = live.copy()
                np.bitwise_and.at(live, touched // 8, ~(1 << (touched % 8)).astype(np.uint8))
                live_count = int(np.bitwise_count(live).sum())
            tail = state.tail.with_changes(changes)
            self._state = replace(
                state, live=live, live_count=live_count, tail=tail, sequence=changes.sequence, mark=changes.mark
            )

    def search(self, query: Vectors, *, limit: int, among: PhotoIds | None = None) -> list[Hit]:
        state = self._state
        tail = state.tail if among is None else state.tail.among(among)
        ids, similarities = [tail.ids], [tail.similarities(query)]
        if state.snapshot is not None and state.live_count:
            places = self._nearest_places(state, query, limit) if among is None else live_places(state, among)
            ids.append(state.snapshot.ids[places])
            similarities.append(state.snapshot.vectors[places].astype(np.float32) @ query)
        return nearest(np.concatenate(ids), np.concatenate(similarities), limit)

    def _nearest_places(self, state: State, query: Vectors, limit: int) -> NDArray[np.int64]:
        # The setting belongs to the calling thread. Requests are parallel already, and a fork after a search with
        # several OpenMP threads hangs (faiss issue 5206).
        faiss.omp_set_num_threads(1)
        count = min(limit + SPARE, state.live_count)
        every = state.live_count == len(state.snapshot.ids) if state.snapshot else False
        parameters = None if every else faiss.SearchParameters(sel=faiss.IDSelectorBitmap(state.live))
        _, places = state.searcher.search(query[np.newaxis], count, params=parameters)
        found: NDArray[np.int64] = places[0][places[0] >= 0]
        return found

    def rows(self) -> Rows:
        state = self._state
        ids, vectors = state.tail.ids, state.tail.vectors
        if state.snapshot is not None:
            places = np.flatnonzero(np.unpackbits(state.live, count=len(state.snapshot.ids), bitorder="little"))
            ids = np.concatenate([state.snapshot.ids[places], ids])
            vectors = np.concatenate([state.snapshot.vectors[places], vectors])
        order = np.argsort(ids, kind="stable")
        return ids[order], vectors[order]

    def reopen(self, *, head: Callable[[], int]) -> bool:
        with self._lock:
            paths = self._snapshots.newest_first()
            # Asked after the listing: whatever was built before lies behind a head that is read now.
            head_now = head() if paths else 0
            for path in paths:
                if path.name <= self._state.newest:
                    return False
                try:
                    snapshot = self._snapshots.open(path, head=head_now)
                    searcher = faiss.read_index(str(path / INDEX), faiss.IO_FLAG_MMAP_IFC | faiss.IO_FLAG_READ_ONLY)
                except (SnapshotError, RuntimeError):
                    # FAISS raises RuntimeError for a file that it cannot read or map.
                    if path.exists():
                        self._damaged = True
                        self._snapshots.set_aside(path)
                    continue
                count = len(snapshot.ids)
                live = np.packbits(np.ones(count, np.uint8), bitorder="little")
                tail = Tail.empty(self.space.dimensions)
                manifest = snapshot.manifest
                self._state = State(snapshot, searcher, live, count, tail, manifest.sequence, manifest.mark, path.name)
                return True
            return False

    def build(self, rows: Iterable[Rows], *, sequence: int, mark: str = "") -> None:
        faiss.omp_set_num_threads(1)
        part = self._snapshots.begin()
        index = faiss.index_factory(self.space.dimensions, FACTORY, faiss.METRIC_INNER_PRODUCT)
        count = 0
        with (part / IDS).open("wb") as ids_file, (part / VECTORS).open("wb") as vectors_file:
            for ids, vectors in rows:
                ids_file.write(np.ascontiguousarray(ids, "<i8").data)
                vectors_file.write(np.ascontiguousarray(vectors, "<f2").data)
                index.add(np.ascontiguousarray(vectors, np.float32))
                count += len(ids)
        faiss.write_index(index, str(part / INDEX))
        recall = self._recall(part, index, count)
        self._snapshots.finish(part, sequence=sequence, mark=mark, count=count, factory=FACTORY, recall=recall)

    def _recall(self, part: Path, index: Any, count: int) -> float:
        """Return recall@10 against brute force for some of the vectors. Raises SnapshotError if one misses itself."""
        if count == 0:
            return 1.0
        vectors = np.memmap(part / VECTORS, dtype="<f2", mode="r", shape=(count, self.space.dimensions))
        queries = vectors[np.unique(np.linspace(0, count - 1, PROBES).astype(np.int64))].astype(np.float32)
        limit = min(10, count)
        best = np.full((len(queries), limit), -np.inf, np.float32)
        for start in range(0, count, CHUNK):
            similarities = queries @ vectors[start : start + CHUNK].astype(np.float32).T
            best = np.sort(np.concatenate([best, similarities], axis=1), axis=1)[:, -limit:]
        found, _ = index.search(queries, limit)
        if (found[:, 0] < np.einsum("nd,nd->n", queries, queries) - ROUNDING).any():
            raise SnapshotError("a vector is not found by itself; the snapshot is not kept")
        # By similarity and not by place, since equal vectors are equally right.
        return float((found >= best[:, :1] - ROUNDING).mean())

    def prune(self) -> int:
        """Remove old snapshots. Returns the sequence up to which the change log is no longer needed."""
        return self._snapshots.prune()


def no_places() -> NDArray[np.uint8]:
    return np.empty(0, np.uint8)


def places_of(ids: PhotoIds, wanted: PhotoIds) -> NDArray[np.int64]:
    """Return where those of the wanted ids that there are stand in `ids`, which ascend."""
    if len(ids) == 0:
        return np.empty(0, np.int64)
    places = np.minimum(np.searchsorted(ids, wanted), len(ids) - 1)
    found: NDArray[np.int64] = np.unique(places[ids[places] == wanted])
    return found


def live_places(state: State, among: PhotoIds) -> NDArray[np.int64]:
    """Return the snapshot's places of those of the photos that still have the vector it holds."""
    if state.snapshot is None:
        return np.empty(0, np.int64)
    places = places_of(state.snapshot.ids, among)
    live: NDArray[np.int64] = places[(state.live[places // 8] >> (places % 8).astype(np.uint8)) & 1 == 1]
    return live
