"""A vector index for several machines: a Milvus collection as shared snapshot, and a tail in each process.

Milvus: Wang et al., Milvus: A purpose-built vector data management system, 2021. A space's alias points to its
collection. Workers compact the change log into the collection, or build another one and move the alias; searches write
nothing.

Milvus has no transactions, and a suspended worker may go on writing hours later. So nothing is overwritten: each
compaction writes entities of its own, then a commit that lists the valid compactions (multiversion concurrency
control). Entities of any other compaction are invisible: one that is unfinished, one that another overtook, or an older
change that arrives after a newer one.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from visualsearch.index.base import Allowed, Changes, Hit, Rows, Space, VectorIds, VectorIndex, nearest
from visualsearch.index.milvus_collections import IDS_AT_ONCE, MOST_HITS, Collections, Page, any_of, none_of
from visualsearch.index.milvus_commit import Commit, begun
from visualsearch.index.tail import Tail
from visualsearch.vectors import Vectors

# Hits fetched beyond the limit, so that ties at its edge are broken by id and not by Milvus.
SPARE = 16
# What `look` found is opened within this time, or is looked for again: its collection might be gone by then.
LOOKED_FOR_S = 300.0
# Once a collection has served this long, no process searches its predecessor. A newer one that no alias points to after
# a day was never finished.
RELIEVED_AFTER_S, ABANDONED_AFTER_S = 600, 86_400


@dataclass(frozen=True, slots=True)
class State:
    """An immutable state of the index, replaced as a whole.

    `touched` are the photos changed or removed since the commit; the tail holds the vectors of those that have one.
    `seen` is the newest commit when the state was made: it is not opened again. `guarantee` is a time by Milvus' clock
    at which all that the commit names was written.
    """

    commit: Commit | None
    tail: Tail
    touched: VectorIds
    sequence: int
    nonce: str
    seen: tuple[str, int] | None
    guarantee: int


@dataclass(frozen=True, slots=True)
class Found:
    """A commit that is not open yet, with the guarantee to open it with, and when it was found (monotonic)."""

    commit: Commit
    guarantee: int
    at: float


class MilvusIndex(VectorIndex):
    """A Milvus collection and a tail. Nothing is requested of the server before `reopen`.

    Methods that use the server raise SearchUnavailableError if it does not answer in `timeout_s`.
    """

    shared = True

    def __init__(self, space: Space, *, uri: str, token: str = "", timeout_s: float = 5.0) -> None:
        self.space = space
        self._collections = Collections(uri, token=token, timeout_s=timeout_s)
        # Shops that share a server differ in the epoch, which is random.
        named = f"vitrine_{space.name}_{space.version}_{space.epoch}"
        self._alias = "".join(sign if sign.isalnum() else "_" for sign in named)
        self._lock = threading.Lock()
        self._damaged = False
        self._found: Found | None = None
        self._counted: tuple[State | None, int] = (None, 0)
        self._state = State(None, Tail.empty(space.dimensions), no_ids(), 0, "", None, 0)

    @property
    def sequence(self) -> int:
        return self._state.sequence

    @property
    def nonce(self) -> str:
        return self._state.nonce

    @property
    def snapshot_sequence(self) -> int:
        commit = self._state.commit
        return commit.sequence if commit else 0

    @property
    def damaged(self) -> bool:
        damaged, self._damaged = self._damaged, False
        return damaged

    def __len__(self) -> int:
        state = self._state
        counted_for, count = self._counted
        if counted_for is not state:
            count = len(state.tail.ids)
            if state.commit:
                # Counted without them, not subtracted: a running compaction may have deleted some of them already.
                which = state.commit.valid(without=state.touched)
                count += self._collections.count(state.commit.collection, which, guarantee=state.guarantee)
            self._counted = (state, count)
        return count

    def apply(self, changes: Changes) -> None:
        with self._lock:
            state = self._state
            self._state = replace(
                state,
                tail=state.tail.with_changes(changes),
                touched=np.unique(np.concatenate([state.touched, changes.ids, changes.removed])),
                sequence=changes.sequence,
                nonce=changes.nonce,
            )

    def replace_all(self, changes: Changes) -> None:
        with self._lock:
            tail = Tail.empty(self.space.dimensions).with_changes(changes)
            self._state = replace(
                self._state, commit=None, tail=tail, touched=no_ids(), sequence=changes.sequence, nonce=changes.nonce
            )

    def search(
        self, query: Vectors, *, limit: int, allowed_ids: VectorIds | None = None, allowed: Allowed | None = None
    ) -> list[Hit]:
        if allowed is not None:
            raise NotImplementedError("The ids of a shared index are not in memory: give those that may be found.")
        state = self._state
        tail = state.tail.restricted_to(allowed_ids, None)
        ids, similarities = [tail.ids], [tail.similarities(query)]
        if commit := state.commit:

            def ask(which: str, most: int) -> Page:
                return self._collections.search(commit.collection, query, which, limit=most, guarantee=state.guarantee)

            pages = nearest_pages(ask, commit, state.touched, limit)
            if allowed_ids is not None:
                pages = pages_among(ask, commit, np.setdiff1d(allowed_ids, state.touched))
            for page_ids, page_similarities in pages:
                ids.append(page_ids)
                similarities.append(page_similarities)
        return nearest(np.concatenate(ids), np.concatenate(similarities), limit)

    def rows(self) -> Rows:
        state = self._state
        ids, vectors = [state.tail.ids], [state.tail.vectors]
        if state.commit:
            which = state.commit.valid(without=state.touched)
            for some_ids, some_vectors in self._collections.rows(state.commit.collection, self.space.dimensions, which):
                ids.append(some_ids)
                vectors.append(some_vectors)
        all_ids = np.concatenate(ids)
        order = np.argsort(all_ids, kind="stable")
        return all_ids[order], np.concatenate(vectors)[order]

    def reopen(self, *, head: Callable[[], int]) -> bool:
        found, self._found = self._found, None
        if found is None or time.monotonic() - found.at > LOOKED_FOR_S:
            found = self._find()
        if found is None:
            return False
        with self._lock:
            commit, seen = found.commit, found.commit.name
            if seen == self._state.seen:
                # Another thread was faster, and may have applied changes since.
                return False
            # Read after the commit: whatever was compacted before then is at or before the head that is read now.
            if self.snapshot_sequence <= commit.sequence <= head():
                tail = Tail.empty(self.space.dimensions)
                self._state = State(commit, tail, no_ids(), commit.sequence, commit.nonce, seen, found.guarantee)
                return True
            self._state = replace(self._state, seen=seen)
            self._damaged = True
            return False

    def look(self) -> bool:
        self._found = self._find()
        return self._found is not None

    def _find(self) -> Found | None:
        """Return the newest commit; None if there is none, or if it is the one that was seen."""
        collection = self._collections.behind(self._alias)
        commit = self._newest(collection) if collection else None
        if commit is None or commit.name == self._state.seen:
            return None
        # Read after the commit, so that it is later than what the commit names.
        return Found(commit, self._collections.timestamp(), time.monotonic())

    def _newest(self, collection: str) -> Commit | None:
        commits = self._commits(collection)
        return commits[-1] if commits else None

    def _commits(self, collection: str) -> list[Commit]:
        """Return the commits of a collection, oldest first."""
        commits = [Commit.read(collection, entity) for entity in self._collections.notes(collection)]
        return sorted(commits, key=lambda commit: (commit.sequence, commit.compaction))

    def build(self, rows: Iterable[Rows], *, sequence: int, nonce: str = "", anew: bool = False) -> None:
        """Write a new collection from all rows, and point the alias to it."""
        collection, compaction = f"{self._alias}_{time.time_ns():020d}", new_compaction()
        self._collections.create(collection, self.space.dimensions)
        for ids, vectors in rows:
            self._collections.write(collection, ids, vectors, sequence=sequence, compaction=compaction)
        self._write(Commit(collection, sequence, nonce, 0, ((sequence, compaction),), time.time()))
        self._collections.point(self._alias, collection)

    def compact(self, changes: Iterable[Changes], *, sequence: int, nonce: str) -> None:
        collection = self._collections.behind(self._alias)
        base = self._newest(collection) if collection else None
        if base is None or not self.snapshot_sequence <= base.sequence < sequence:
            # Another process was faster, or the collection is gone or an older one; `reopen` finds out which.
            return
        compaction = new_compaction()
        for some in changes:
            if self._newest(base.collection) != base:
                # Another process committed meanwhile: it has compacted these changes, or will.
                return
            self._collections.write(base.collection, some.ids, some.vectors, sequence=sequence, compaction=compaction)
            touched = np.concatenate([some.ids, some.removed])
            for start in range(0, len(touched), IDS_AT_ONCE):
                # Only entities up to the base commit, not those that a faster compaction wrote meanwhile.
                old = f"photo_id > 0 and sequence <= {base.sequence}"
                part = any_of("photo_id", touched[start : start + IDS_AT_ONCE])
                self._collections.delete(base.collection, f"{old} and {part}")
        commit = base.followed_by(sequence, nonce, compaction)
        self._clear(base, commit.floor)
        self._write(commit)

    def _clear(self, base: Commit, floor: int) -> None:
        """Delete entities of invalid compactions up to the new floor: below it every entity counts as valid."""
        if floor > base.floor:
            invalid = none_of("fold", [compaction for sequence, compaction in base.compactions if sequence <= floor])
            between = f"photo_id > 0 and sequence > {base.floor} and sequence <= {floor}"
            self._collections.delete(base.collection, f"{between} and {invalid}")

    def _write(self, commit: Commit) -> None:
        self._collections.write_note(
            commit.collection,
            self.space.dimensions,
            sequence=commit.sequence,
            compaction=commit.compaction,
            note=commit.note,
        )

    def prune(self) -> int:
        """Remove older commits and collections. Returns the sequence of the older of the last two commits."""
        current = self._collections.behind(self._alias)
        if current is None:
            return 0
        now = time.time()
        commits = self._commits(current)
        relieved = bool(commits) and now - commits[-1].served_since > RELIEVED_AFTER_S
        for name in self._collections.names(f"{self._alias}_"):
            if (name < current and relieved) or (name > current and now - begun(name) > ABANDONED_AFTER_S):
                self._collections.drop(name)
        if len(commits) < 2:
            return 0
        older = commits[-2].sequence
        self._collections.delete(current, f"photo_id == 0 and sequence < {older}")
        return older


def nearest_pages(ask: Callable[[str, int], Page], commit: Commit, touched: VectorIds, limit: int) -> Iterator[Page]:
    """Yield the nearest of a whole collection in pages of MOST_HITS, each without the photos of the former ones."""
    seen, remaining = no_ids(), limit + SPARE
    while remaining > 0:
        size = min(remaining, MOST_HITS)
        page = ask(commit.valid(without=np.union1d(touched, seen)), size)
        yield page
        if len(page[0]) < size:
            return
        seen, remaining = np.concatenate([seen, page[0]]), remaining - size


def pages_among(ask: Callable[[str, int], Page], commit: Commit, photo_ids: VectorIds) -> Iterator[Page]:
    """Yield all of these photos. Milvus scans exactly when the limit is at least half of what a filter leaves."""
    for start in range(0, len(photo_ids), IDS_AT_ONCE):
        part = photo_ids[start : start + IDS_AT_ONCE]
        yield ask(f"{commit.valid(without=no_ids())} and {any_of('photo_id', part)}", len(part))


def new_compaction() -> int:
    """Return the random id of a new compaction."""
    return secrets.randbits(62)


def no_ids() -> VectorIds:
    return np.empty(0, np.int64)
