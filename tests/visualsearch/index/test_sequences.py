"""Model-based test of an index, against a dictionary: any sequence of operations gives the same content."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.visualsearch.index.vectors import DIMENSIONS, SPACE, made
from visualsearch.index.base import Changes, Rows, VectorIndex
from visualsearch.index.exact import ExactIndex
from visualsearch.index.faiss import FaissIndex
from visualsearch.index.snapshot import IDS, INDEX, MANIFEST, VECTORS

POOL = made(400, seed=1)
PHOTOS = st.integers(1, 60)
NUMBERS = st.integers(0, len(POOL) - 1)
# Snapshots of more are divided into lists.
EXACT_UP_TO = 12


class PowerCutError(Exception):
    """What ends a writer in the middle of its work."""


class Shop(RuleBasedStateMachine):
    """A log of changes and three processes that follow it, each at its own pace, as services/indexing lets them.

    `truth` is the rows: the number in POOL of each photo's vector. The log names photos only; entries up to `pruned`
    are gone.
    """

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.truth: dict[int, int] = {}
        self.log: list[int] = []
        self.pruned = 0
        self.processes: list[VectorIndex] = [self.started(place) for place in range(3)]

    def teardown(self) -> None:
        for place in range(3):
            self.look(place)
        self.all_is_right()
        shutil.rmtree(self.folder)

    def started(self, place: int) -> VectorIndex:
        """Return the index of a process that starts: NumPy in the last, FAISS in the others."""
        return ExactIndex(SPACE) if place == 2 else FaissIndex(SPACE, folder=self.folder, exact_up_to=EXACT_UP_TO)

    def rows(self) -> Rows:
        ids = sorted(self.truth)
        return np.array(ids, np.int64), POOL[[self.truth[photo] for photo in ids]].reshape(-1, DIMENSIONS)

    @rule(photo=PHOTOS, number=NUMBERS)
    def put(self, photo: int, number: int) -> None:
        self.truth[photo] = number
        self.log.append(photo)

    @rule(first=PHOTOS, count=st.integers(10, 40), number=NUMBERS)
    def put_many(self, first: int, count: int, number: int) -> None:
        for photo in range(first, first + count):
            self.put(photo, (number + 7 * photo) % len(POOL))

    @rule(photo=PHOTOS)
    def remove(self, photo: int) -> None:
        self.truth.pop(photo, None)
        self.log.append(photo)

    @rule(first=PHOTOS, count=st.integers(5, 30))
    def remove_many(self, first: int, count: int) -> None:
        for photo in range(first, first + count):
            self.remove(photo)

    @rule(behind=st.integers(0, 3))
    def compact(self, behind: int) -> None:
        """Build from the rows as they are now, true at least up to the head as it was a little before."""
        sequence = max(self.pruned, len(self.log) - behind)
        self.builder().build([self.rows()], sequence=sequence, nonce="nonce")

    @rule(chunks=st.integers(0, 2))
    def fold_and_lose_power(self, chunks: int) -> None:
        def rows() -> Iterator[Rows]:
            ids, vectors = self.rows()
            for _ in range(chunks):
                yield ids[: len(ids) // 2], vectors[: len(ids) // 2]
            raise PowerCutError

        try:
            self.builder().build(rows(), sequence=len(self.log))
        except PowerCutError:
            return

    @rule()
    def prune(self) -> None:
        self.pruned = max(self.pruned, self.builder().prune())

    @rule(name=st.sampled_from([IDS, VECTORS, INDEX, MANIFEST]), place=st.floats(0, 0.999), bit=st.integers(0, 7))
    def damage_the_newest(self, name: str, place: float, bit: int) -> None:
        for path in self.builder()._snapshots.newest_first()[:1]:
            content = bytearray((path / name).read_bytes())
            if content:
                # Under a new name: whoever has the old file open keeps what is in it.
                content[int(place * len(content))] ^= 1 << bit
                (path / "damaged").write_bytes(content)
                (path / "damaged").rename(path / name)

    @rule(place=st.integers(0, 2))
    def restart(self, place: int) -> None:
        self.processes[place] = self.started(place)
        self.look(place)

    @rule(place=st.integers(0, 2))
    def look(self, place: int) -> None:
        """Bring a process up to the head of the log."""
        index, head = self.processes[place], len(self.log)
        index.reopen(head=lambda: head)
        if index.sequence < self.pruned:
            ids, vectors = self.rows()
            index.replace_all(Changes(head, ids, vectors, np.empty(0, np.int64), "nonce"))
            return
        named = sorted(set(self.log[index.sequence :]))
        there = [photo for photo in named if photo in self.truth]
        gone = [photo for photo in named if photo not in self.truth]
        vectors = POOL[[self.truth[photo] for photo in there]].reshape(-1, DIMENSIONS)
        index.apply(Changes(head, np.array(there, np.int64), vectors, np.array(gone, np.int64), "nonce"))

    @precondition(lambda self: any(index.sequence == len(self.log) for index in self.processes))
    @rule(number=NUMBERS, limit=st.integers(1, 30), allowed_ids=st.none() | st.sets(PHOTOS), inside=st.booleans())
    def search(self, number: int, limit: int, allowed_ids: set[int] | None, *, inside: bool) -> None:
        query = POOL[number].astype(np.float32)
        ids, vectors = self.rows()
        kept = np.isin(ids, list(allowed_ids)) if allowed_ids is not None else np.ones(len(ids), bool)
        similarities = vectors[kept].astype(np.float32) @ query
        order = np.lexsort((ids[kept], -similarities))
        of_photo = dict(zip(ids[kept].tolist(), similarities.tolist(), strict=True))
        for index in self.processes:
            if index.sequence != len(self.log):
                continue
            chosen = self.chosen(allowed_ids, inside=inside)
            hits = index.search(query, limit=limit, **chosen)
            assert len(hits) == min(limit, len(order))
            assert [hit.similarity for hit in hits] == sorted((hit.similarity for hit in hits), reverse=True)
            assert all(abs(hit.similarity - of_photo[hit.vector_id]) < 1e-5 for hit in hits)
            everything = index.search(query, limit=100, **chosen)
            assert np.allclose([hit.similarity for hit in everything], similarities[order], atol=1e-5)

    @staticmethod
    def chosen(allowed_ids: set[int] | None, *, inside: bool) -> dict[str, Any]:
        """Return a filter by ids as a search takes it: as they are, or as what is asked inside the index."""
        if allowed_ids is None:
            return {}
        ids = np.array(sorted(allowed_ids), np.int64)
        return {"allowed": lambda asked: np.isin(asked, ids)} if inside else {"allowed_ids": ids}

    @invariant()
    def all_is_right(self) -> None:
        ids, vectors = self.rows()
        for index in self.processes:
            if index.sequence == len(self.log):
                there, kept = index.rows()
                assert there.tolist() == ids.tolist()
                assert kept.tobytes() == vectors.tobytes()
                assert len(index) == len(ids)

    def builder(self) -> FaissIndex:
        """Return a worker's index: it never searches."""
        return FaissIndex(SPACE, folder=self.folder, exact_up_to=EXACT_UP_TO)


TestShop = Shop.TestCase
TestShop.settings = settings(max_examples=50, stateful_step_count=40, deadline=None)
