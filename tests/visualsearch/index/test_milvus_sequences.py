"""Model-based test of an index that several machines share, against a dictionary."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from uuid import uuid4

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.visualsearch.index.vectors import SPACE, changes, made
from visualsearch.index.base import Changes, VectorIds
from visualsearch.index.milvus import MilvusIndex

Step = tuple[str, int, int]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["put", "put", "remove", "compact", "overtaken fold", "build", "reopen"]),
        st.integers(1, 4),
        st.integers(0, 50),
    ),
    min_size=4,
    max_size=14,
)


class Log:
    """A change log in memory, with the vectors that its photos have now."""

    def __init__(self) -> None:
        self.pool = made(51, seed=1)
        self.photos: list[int] = []
        self.now: dict[int, int] = {}

    def write(self, photo: int, number: int | None) -> None:
        self.photos.append(photo)
        if number is None:
            self.now.pop(photo, None)
        else:
            self.now[photo] = number

    def since(self, sequence: int) -> Changes:
        named = set(self.photos[sequence:])
        put = {photo: self.pool[self.now[photo]].astype(np.float32) for photo in sorted(named & set(self.now))}
        return changes(len(self.photos), put, removed=sorted(named - set(self.now)))

    def rows(self) -> tuple[VectorIds, np.ndarray]:
        ids = sorted(self.now)
        return np.array(ids, np.int64), self.pool[[self.now[photo] for photo in ids]].reshape(-1, SPACE.dimensions)


def compact(index: MilvusIndex, log: Log, *, meanwhile: Callable[[], None] = lambda: None) -> None:
    sequence, what = len(log.photos), log.since(index.snapshot_sequence)

    def read() -> Iterator[Changes]:
        meanwhile()
        yield what

    index.compact(read(), sequence=sequence, nonce="")


def catch_up(index: MilvusIndex, log: Log) -> None:
    index.reopen(head=lambda: len(log.photos))
    index.apply(log.since(index.sequence))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_any_sequence_of_changes_and_of_two_workers_leaves_what_a_dictionary_would(
    milvus: str, steps: Sequence[Step]
) -> None:
    space, log = replace(SPACE, epoch=uuid4().hex), Log()
    first, second = (MilvusIndex(space, uri=milvus, timeout_s=60) for _ in range(2))

    for verb, photo, number in steps:
        if verb == "put":
            log.write(photo, number)
        elif verb == "remove":
            log.write(photo, None)
        elif verb == "compact":
            compact(first, log)
        elif verb == "overtaken fold":

            def overtake(photo: int = photo, number: int = number, faster: MilvusIndex = second) -> None:
                log.write(photo, number if number % 3 else None)
                compact(faster, log)

            compact(first, log, meanwhile=overtake)
        elif verb == "build":
            first.build([log.rows()], sequence=len(log.photos))
        else:
            first, second = second, MilvusIndex(space, uri=milvus, timeout_s=60)
        for index in (first, second):
            catch_up(index, log)

    ids, vectors = log.rows()
    query = log.pool[0].astype(np.float32)
    by_hand = sorted(zip(-(vectors.astype(np.float32) @ query), ids.tolist(), strict=True))
    for index in (first, second):
        kept_ids, kept = index.rows()
        assert kept_ids.tolist() == ids.tolist()
        assert kept.tobytes() == vectors.tobytes()
        assert [hit.vector_id for hit in index.search(query, limit=20)] == [photo for _, photo in by_hand]
        assert len(index) == len(ids)
