"""The contract of a vector index, tested with every backend."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest

from tests.visualsearch.index.vectors import SPACE, axis, changes, made
from visualsearch.index.base import Hit, VectorIndex
from visualsearch.index.exact import ExactIndex
from visualsearch.index.faiss import FaissIndex

Opened = Callable[[], VectorIndex]


@pytest.fixture(params=["exact", "faiss", "milvus", "milvus, folded"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Opened:
    """Return what opens another index on the same folder, as another process would."""
    if request.param == "exact":
        return lambda: ExactIndex(SPACE)
    if request.param == "faiss":
        return lambda: FaissIndex(SPACE, folder=tmp_path)
    from tests.visualsearch.index.milvus_indexes import CompactedIndex  # noqa: PLC0415  (it takes seconds to import)
    from visualsearch.index.milvus import MilvusIndex  # noqa: PLC0415  (as above)

    kind = MilvusIndex if request.param == "milvus" else CompactedIndex
    space, uri = replace(SPACE, epoch=uuid4().hex), request.getfixturevalue("milvus")
    return lambda: kind(space, uri=uri, timeout_s=60)


def test_an_empty_index_finds_nothing(opened: Opened) -> None:
    index = opened()

    assert index.search(axis(0), limit=5) == []
    assert (len(index), index.sequence, index.snapshot_sequence) == (0, 0, 0)


def test_the_nearest_come_first_with_their_cosine(opened: Opened) -> None:
    index = opened()
    index.apply(changes(2, {7: axis(0), 9: axis(1)}))

    found = index.search((0.6 * axis(0) + 0.8 * axis(1)).astype(np.float32), limit=5)

    assert [hit.vector_id for hit in found] == [9, 7]
    assert [hit.similarity for hit in found] == pytest.approx([0.8, 0.6])
    assert index.sequence == 2


def test_equal_similarities_come_by_id(opened: Opened) -> None:
    index = opened()
    index.apply(changes(3, {30: axis(0), 10: axis(0), 20: axis(0)}))

    assert [hit.vector_id for hit in index.search(axis(0), limit=2)] == [10, 20]


def test_a_photo_put_again_has_its_new_vector(opened: Opened) -> None:
    index = opened()
    index.apply(changes(1, {1: axis(0)}))
    index.apply(changes(2, {1: axis(1)}))

    assert index.search(axis(1), limit=5) == [Hit(vector_id=1, similarity=1.0)]
    assert len(index) == 1


def test_a_removed_photo_is_not_found(opened: Opened) -> None:
    index = opened()
    index.apply(changes(2, {1: axis(0), 2: axis(1)}))
    index.apply(changes(3, removed=[1]))

    assert index.search(axis(0), limit=5) == [Hit(vector_id=2, similarity=0.0)]
    assert len(index) == 1


def test_removing_what_is_not_there_is_harmless(opened: Opened) -> None:
    index = opened()
    index.apply(changes(1, removed=[5]))

    assert (len(index), index.sequence) == (0, 1)


def test_a_search_among_some_photos_finds_only_those(opened: Opened) -> None:
    index = opened()
    index.apply(changes(3, {1: axis(0), 2: axis(0), 3: axis(1)}))

    found = index.search(axis(0), limit=5, allowed_ids=np.array([2, 3, 99], np.int64))

    assert [hit.vector_id for hit in found] == [2, 3]


def test_a_filter_inside_the_search_finds_the_same_where_the_index_is_in_memory(opened: Opened) -> None:
    index = opened()
    index.apply(changes(3, {1: axis(0), 2: axis(0), 3: axis(1)}))

    def search() -> list[int]:
        return [hit.vector_id for hit in index.search(axis(0), limit=5, allowed=lambda ids: ids != 1)]

    if index.shared:
        with pytest.raises(NotImplementedError):
            search()
    else:
        assert search() == [2, 3]


def test_rows_come_back_byte_for_byte(opened: Opened) -> None:
    index = opened()
    vectors = made(20)
    index.apply(changes(20, {20 - place: vector for place, vector in enumerate(vectors.astype(np.float32))}))

    ids, kept = index.rows()

    assert ids.tolist() == list(range(1, 21))
    assert kept.tobytes() == vectors[::-1].tobytes()


def test_an_index_can_be_replaced_as_a_whole_also_by_an_earlier_state(opened: Opened) -> None:
    index = opened()
    index.apply(changes(3, {1: axis(0), 2: axis(1)}))

    index.replace_all(changes(2, {5: axis(2)}))

    assert (index.rows()[0].tolist(), index.sequence) == ([5], 2)
    assert index.search(axis(2), limit=5) == [Hit(5, 1.0)]
