"""Filters inside an index of inverted lists: what is found, by each of the ways that rows are compared."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.visualsearch.index.test_lists import COUNT, DIMENSIONS, EXACT, SPACE, clustered
from tests.visualsearch.index.vectors import changes
from visualsearch.index import searcher
from visualsearch.index.base import Allowed, VectorIds
from visualsearch.index.faiss import FaissIndex
from visualsearch.vectors import Vectors

IDS = np.arange(COUNT, dtype=np.int64) * 2
LIMIT = 20
# Each alone, and as it is: everything that passes, the lists' rows copied, and FAISS's selector.
WAYS: dict[str, dict[str, float]] = {
    "exactly": {"FEW": COUNT},
    "copied": {"FEW": 30, "SPARSE": 1.0},
    "selected": {"FEW": 30, "SPARSE": 0.0},
    "sampled": {"FEW": 30, "SPARSE": 0.0, "COUNTED": 300},
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("filters")
    FaissIndex(SPACE, folder=folder, exact_up_to=EXACT).build([(IDS, clustered(COUNT))], sequence=1)
    return folder


@pytest.fixture
def index(folder: Path) -> FaissIndex:
    index = FaissIndex(SPACE, folder=folder, exact_up_to=EXACT)
    assert index.reopen(head=lambda: 10**6)
    return index


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    for name, value in WAYS[request.param].items():
        monkeypatch.setattr(searcher, name, value)
    return str(request.param)


def only(ids: VectorIds) -> Allowed:
    return lambda asked: np.isin(asked, ids)


def by_chance(share: float) -> VectorIds:
    return IDS[np.random.default_rng(7).random(COUNT) < share]


def alike(share: float) -> VectorIds:
    """Return the ids of vectors that are near one another: a kind of article, and no other."""
    similarities = clustered(COUNT).astype(np.float32) @ clustered(1, seed=11)[0].astype(np.float32)
    ids: VectorIds = IDS[similarities >= np.quantile(similarities, 1 - share)]
    return ids


def nearest_by_hand(query: Vectors, ids: VectorIds) -> list[int]:
    similarities = clustered(COUNT)[ids // 2].astype(np.float32) @ query
    nearest: list[int] = ids[np.argsort(-similarities)[:LIMIT]].tolist()
    return nearest


@pytest.mark.parametrize("chosen", [by_chance, alike])
@pytest.mark.parametrize("share", [0.01, 0.1, 0.5])
@pytest.mark.usefixtures("way")
def test_the_nearest_that_pass_are_found(index: FaissIndex, chosen: Callable[[float], VectorIds], share: float) -> None:
    ids = chosen(share)
    right = 0

    for query in clustered(25, seed=5).astype(np.float32):
        hits = index.search(query, limit=LIMIT, allowed=only(ids))
        found = {hit.vector_id for hit in hits}
        assert len(hits) == LIMIT and found <= set(ids.tolist())
        right += len(found & set(nearest_by_hand(query, ids)))

    assert right >= 0.97 * 25 * LIMIT


@pytest.mark.usefixtures("way")
def test_what_changed_since_the_snapshot_is_found_as_it_is_now(index: FaissIndex) -> None:
    query = clustered(1, seed=5)[0].astype(np.float32)
    ids = by_chance(0.5)
    nearest = nearest_by_hand(query, ids)
    moved, removed, new, forbidden = nearest[0], nearest[1], 1, 3
    put = {moved: -query, new: query, forbidden: query}

    index.apply(changes(2, put, [removed], dimensions=DIMENSIONS))

    found = [hit.vector_id for hit in index.search(query, limit=5, allowed=only(np.append(ids, new)))]
    assert found[:2] == [new, nearest[2]]
    assert not {moved, removed, forbidden} & set(found)


@pytest.mark.usefixtures("way")
def test_as_many_come_as_pass_where_they_are_fewer_than_wanted(index: FaissIndex) -> None:
    query = clustered(1, seed=5)[0].astype(np.float32)
    ids = by_chance(0.5)

    every = index.search(query, limit=COUNT, allowed=only(ids))
    none = index.search(query, limit=5, allowed=only(np.empty(0, np.int64)))

    assert sorted(hit.vector_id for hit in every) == ids.tolist()
    assert none == []


def test_a_filter_and_given_ids_both_count(index: FaissIndex) -> None:
    query = clustered(1, seed=5)[0].astype(np.float32)

    hits = index.search(query, limit=9, allowed_ids=IDS[:10], allowed=only(IDS[5:15]))

    assert sorted(hit.vector_id for hit in hits) == IDS[5:10].tolist()


@pytest.mark.parametrize("chosen", [by_chance, alike])
@pytest.mark.parametrize("share", [0.1, 0.5])
def test_few_rows_are_compared_whatever_passes(
    index: FaissIndex, monkeypatch: pytest.MonkeyPatch, chosen: Callable[[float], VectorIds], share: float
) -> None:
    monkeypatch.setattr(searcher, "FEW", 30)
    opened, passes = index._state.searcher, np.isin(IDS, chosen(share))
    assert opened is not None
    compared: list[int] = []

    def rows_in(self: object, query: Vectors, count: int, lists: VectorIds, *others: object) -> VectorIds:
        compared.append(int((passes & np.isin(opened.list_of_row, lists)).sum()))
        return IDS[:count]

    monkeypatch.setattr(searcher.FaissSearcher, "_rows_in", rows_in)
    opened.nearest_among(clustered(1, seed=5)[0].astype(np.float32), 1, passes)

    of_all = opened.lists_for(1) * COUNT / opened.index.nlist
    enough = max(searcher.CAUTION * of_all, 4 * (1 + searcher.SPARE))
    assert compared[0] <= enough + int(opened.list_sizes.max())
