"""The default vector index: an immutable FAISS snapshot and a tail, its delta buffer in memory.

`builder` builds a snapshot's FAISS index, `searcher` searches it (Douze et al., The Faiss library, 2024). The snapshot
is memory-mapped and shared by all processes of a machine; each process has its own tail. A bitmap selector excludes
photos that changed or were removed since the snapshot, during the search.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from visualsearch.exceptions import SnapshotError
from visualsearch.index.base import Allowed, Changes, Hit, Rows, Space, VectorIds, VectorIndex, nearest
from visualsearch.index.builder import EXACT_UP_TO, make_index
from visualsearch.index.refilling import Former
from visualsearch.index.searcher import FaissSearcher, RowOffsets, similarities_at
from visualsearch.index.snapshot import IDS, INDEX, VECTORS, BuildResult, Snapshot, SnapshotFolder, map_array
from visualsearch.index.tail import Tail
from visualsearch.vectors import Vectors


@dataclass(frozen=True, slots=True)
class State:
    """An immutable state of the index, replaced as a whole: a running search keeps the one that it began with.

    `newest` is the name of the newest snapshot when the state was made: only a newer one is opened.
    """

    snapshot: Snapshot | None
    searcher: FaissSearcher | None
    # One bit a row of the snapshot, 1 where the photo still has that vector.
    live: NDArray[np.uint8]
    live_count: int
    tail: Tail
    sequence: int
    nonce: str
    newest: str


class FaissIndex(VectorIndex):
    """A FAISS snapshot and a tail. Nothing is opened before `reopen`.

    A snapshot of up to `exact_up_to` vectors is searched exactly; a larger one with the recall of its manifest.
    """

    def __init__(self, space: Space, *, folder: Path | str, exact_up_to: int = EXACT_UP_TO) -> None:
        self.space = space
        self._exact_up_to = exact_up_to
        self._snapshots = SnapshotFolder(Path(folder), space)
        self._lock = threading.Lock()
        self._damaged = False
        self._state = State(None, None, no_rows(), 0, Tail.empty(space.dimensions), 0, "", "")

    @property
    def sequence(self) -> int:
        return self._state.sequence

    @property
    def nonce(self) -> str:
        return self._state.nonce

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
            self._state = State(None, None, no_rows(), 0, tail, changes.sequence, changes.nonce, newest)

    def apply(self, changes: Changes) -> None:
        with self._lock:
            state = self._state
            live, live_count = state.live, state.live_count
            if state.snapshot is not None:
                touched = rows_of(state.snapshot.ids, np.concatenate([changes.ids, changes.removed]))
                live = live.copy()
                np.bitwise_and.at(live, touched // 8, ~(1 << (touched % 8)).astype(np.uint8))
                live_count = int(np.bitwise_count(live).sum())
            tail = state.tail.with_changes(changes)
            self._state = replace(
                state, live=live, live_count=live_count, tail=tail, sequence=changes.sequence, nonce=changes.nonce
            )

    def search(
        self, query: Vectors, *, limit: int, allowed_ids: VectorIds | None = None, allowed: Allowed | None = None
    ) -> list[Hit]:
        state = self._state
        tail = state.tail.restricted_to(allowed_ids, allowed)
        ids, similarities = [tail.ids], [tail.similarities(query)]
        if state.snapshot is not None:
            if allowed_ids is not None:
                rows = live_rows(state, allowed_ids)
                rows = rows if allowed is None else rows[allowed(state.snapshot.ids[rows])]
            elif allowed is not None:
                rows = nearest_allowed_rows(state, query, limit, allowed)
            else:
                rows = nearest_rows(state, query, limit)
            ids.append(state.snapshot.ids[rows])
            similarities.append(similarities_at(state.snapshot.vectors, rows, query))
        return nearest(np.concatenate(ids), np.concatenate(similarities), limit)

    def rows(self) -> Rows:
        state = self._state
        ids, vectors = state.tail.ids, state.tail.vectors
        if state.snapshot is not None:
            rows = np.flatnonzero(np.unpackbits(state.live, count=len(state.snapshot.ids), bitorder="little"))
            ids = np.concatenate([state.snapshot.ids[rows], ids])
            vectors = np.concatenate([state.snapshot.vectors[rows], vectors])
        order = np.argsort(ids, kind="stable")
        return ids[order], vectors[order]

    def reopen(self, *, head: Callable[[], int]) -> bool:
        with self._lock:
            paths = self._snapshots.newest_first()
            # Read after the listing: every snapshot built before then is at or before the head that is read now.
            head_now = head() if paths else 0
            for path in paths:
                if path.name <= self._state.newest:
                    return False
                try:
                    snapshot = self._snapshots.open(path, head=head_now)
                    searcher = FaissSearcher.open(path / INDEX, snapshot.vectors, snapshot.manifest.probes)
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
                self._state = State(snapshot, searcher, live, count, tail, manifest.sequence, manifest.nonce, path.name)
                return True
            return False

    def build(self, rows: Iterable[Rows], *, sequence: int, nonce: str = "", anew: bool = False) -> None:
        former = None if anew else former_of(self._state.snapshot)
        part = self._snapshots.begin()
        count = 0
        with (part / IDS).open("wb") as ids_file, (part / VECTORS).open("wb") as vectors_file:
            for ids, vectors in rows:
                ids_file.write(np.ascontiguousarray(ids, "<i8").data)
                vectors_file.write(np.ascontiguousarray(vectors, "<f2").data)
                count += len(ids)
        written = map_array(part / VECTORS, "<f2", (count, self.space.dimensions))
        ids = map_array(part / IDS, "<i8", (count,))
        made = make_index(part / INDEX, written, exact_up_to=self._exact_up_to, ids=ids, former=former)
        self._snapshots.finish(part, sequence=sequence, nonce=nonce, count=count, made=made)

    def prune(self) -> int:
        """Remove old snapshots. Returns the sequence up to which the change log is no longer needed."""
        return self._snapshots.prune()


def former_of(snapshot: Snapshot | None) -> Former | None:
    if snapshot is None:
        return None
    manifest = snapshot.manifest
    made = BuildResult(manifest.factory, manifest.probes, manifest.recall)
    return Former(snapshot.folder / INDEX, manifest.sha256, made, snapshot.ids, snapshot.vectors)


def no_rows() -> NDArray[np.uint8]:
    return np.empty(0, np.uint8)


def rows_of(ids: VectorIds, wanted: VectorIds) -> RowOffsets:
    """Return the positions in `ids`, which ascend, of those of `wanted` that are there."""
    if len(ids) == 0:
        return np.empty(0, np.int64)
    rows = np.minimum(np.searchsorted(ids, wanted), len(ids) - 1)
    present: RowOffsets = np.unique(rows[ids[rows] == wanted])
    return present


def nearest_rows(state: State, query: Vectors, limit: int) -> RowOffsets:
    """Return the snapshot's rows nearest to the query, at least `limit`, of photos that still have that vector."""
    if state.snapshot is None or state.searcher is None:
        return np.empty(0, np.int64)
    live = None if state.live_count == len(state.snapshot.ids) else state.live
    return state.searcher.nearest(query, limit, live=live, live_count=state.live_count)


def nearest_allowed_rows(state: State, query: Vectors, limit: int, allowed: Allowed) -> RowOffsets:
    """Return the same of those rows that are allowed."""
    if state.snapshot is None or state.searcher is None:
        return np.empty(0, np.int64)
    mask = allowed(state.snapshot.ids)
    if state.live_count < len(mask):
        mask = mask & np.unpackbits(state.live, count=len(mask), bitorder="little").view(bool)
    return state.searcher.nearest_among(query, limit, mask)


def live_rows(state: State, allowed_ids: VectorIds) -> RowOffsets:
    """Return the snapshot's rows of those of the photos that still have the vector it holds."""
    if state.snapshot is None:
        return np.empty(0, np.int64)
    rows = rows_of(state.snapshot.ids, allowed_ids)
    live: RowOffsets = rows[(state.live[rows // 8] >> (rows % 8).astype(np.uint8)) & 1 == 1]
    return live
