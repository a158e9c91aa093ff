"""Compaction takes over the centroids and codes of the snapshot before, as long as they serve."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest

from tests.visualsearch.index.test_lists import COUNT, DIMENSIONS, EXACT, SPACE, clustered
from visualsearch.index.base import Rows, StoredVectors
from visualsearch.index.faiss import FaissIndex
from visualsearch.index.snapshot import INDEX
from visualsearch.vectors import Vectors, normalise, quantise


def rows_of(count: int, *, seed: int = 0) -> Rows:
    return np.arange(count, dtype=np.int64) * 2, clustered(count, seed=seed)


@pytest.fixture
def index(tmp_path: Path) -> FaissIndex:
    """An index with an open snapshot of rows_of(COUNT)."""
    index = FaissIndex(SPACE, folder=tmp_path, exact_up_to=EXACT)
    rebuild(index, rows_of(COUNT), 1)
    return index


def rebuild(index: FaissIndex, rows: Rows, sequence: int, *, anew: bool = False) -> None:
    index.build([rows], sequence=sequence, anew=anew)
    assert index.reopen(head=lambda: 10**6)


def centroids_of(index: FaissIndex) -> Vectors:
    assert index._state.searcher is not None
    lists = index._state.searcher.index
    return np.asarray(lists.quantizer.reconstruct_n(0, lists.nlist))


def changed() -> Rows:
    """Return rows_of(COUNT) without every fifth, with every seventh replaced, and with as many between them."""
    ids, vectors = rows_of(COUNT)
    others = clustered(COUNT, seed=5)
    vectors = vectors.copy()
    vectors[::7] = others[::7]
    ids, vectors = np.concatenate([ids, ids[::9] + 1]), np.concatenate([vectors, others[::9]])
    stay = ids % 10 != 0
    order = np.argsort(ids[stay])
    return ids[stay][order], vectors[stay][order]


def missed(index: FaissIndex, vectors: StoredVectors) -> int:
    """Return how many of the vectors do not find themselves."""
    hits = [index.search(vector, limit=1)[0] for vector in vectors.astype(np.float32)]
    return sum(hit.similarity < 0.999 for hit in hits)


def test_what_changed_is_found_with_the_centroids_of_before(index: FaissIndex) -> None:
    before, (ids, vectors) = centroids_of(index), changed()

    rebuild(index, (ids, vectors), 2)

    assert np.array_equal(centroids_of(index), before)
    assert [part.tolist() for part in index.rows()] == [ids.tolist(), vectors.tolist()]
    assert missed(index, vectors[::11]) == 0
    assert missed(index, clustered(COUNT)[::35]) == len(range(0, COUNT, 35))


def test_the_codes_are_those_of_an_index_filled_anew(index: FaissIndex) -> None:
    ids, vectors = changed()

    rebuild(index, (ids, vectors), 2)

    assert index._state.searcher is not None
    lists = index._state.searcher.index
    assert lists.ntotal == len(ids)
    lists.make_direct_map()
    decoded = lists.reconstruct_n(0, len(ids))
    # Numbers outside the range that was trained are cut off: a few.
    assert np.quantile(np.abs(decoded - vectors.astype(np.float32)), 0.99) < 0.01


def test_a_compaction_after_a_compaction_is_right_too(index: FaissIndex) -> None:
    rebuild(index, changed(), 2)
    ids, vectors = rows_of(COUNT)

    rebuild(index, (ids, vectors), 3)

    assert missed(index, vectors[::11]) == 0


def test_centroids_are_trained_anew_where_that_is_wanted(index: FaissIndex) -> None:
    before = centroids_of(index)

    rebuild(index, changed(), 2, anew=True)

    assert not np.array_equal(centroids_of(index), before)


def test_centroids_are_trained_anew_for_another_number_of_lists(index: FaissIndex) -> None:
    before = centroids_of(index)

    rebuild(index, rows_of(4 * COUNT), 2)

    assert len(centroids_of(index)) > len(before)


def test_centroids_are_trained_anew_once_they_find_too_little(tmp_path: Path) -> None:
    """Vectors of another kind than those that the codes' range was made for."""
    rng = np.random.default_rng(1)
    crowd = quantise(normalise(np.eye(DIMENSIONS)[0] + 0.02 * rng.standard_normal((COUNT, DIMENSIONS))))
    index = FaissIndex(SPACE, folder=tmp_path, exact_up_to=EXACT)
    ids, others = rows_of(COUNT)
    rebuild(index, (ids, crowd), 1)
    before = centroids_of(index)

    rebuild(index, (ids, others), 2)

    assert not np.array_equal(centroids_of(index), before)
    assert missed(index, others[::11]) == 0


def test_lists_that_are_damaged_are_not_copied(index: FaissIndex, caplog: pytest.LogCaptureFixture) -> None:
    assert index._state.snapshot is not None
    file = index._state.snapshot.folder / INDEX
    content = bytearray(file.read_bytes())
    content[-100] ^= 255
    # Beside it and renamed: the mapped one stays as it is.
    (file.parent / "other").write_bytes(content)
    (file.parent / "other").rename(file)
    ids, vectors = changed()

    with caplog.at_level(logging.WARNING):
        rebuild(index, (ids, vectors), 2)

    assert missed(index, vectors[::11]) == 0
    assert "cannot be copied" in caplog.text
