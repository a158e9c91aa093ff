"""IVF snapshots: recall, nprobe settings, and compaction of inverted lists."""

from __future__ import annotations

import json
import multiprocessing
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import pytest

from tests.visualsearch.index.vectors import changes
from visualsearch.index.base import Space, StoredVectors, VectorIds
from visualsearch.index.builder import FLAT, lists_of
from visualsearch.index.faiss import FaissIndex
from visualsearch.index.snapshot import MANIFEST, Manifest, read_manifest
from visualsearch.vectors import Vectors, normalise, quantise

DIMENSIONS = 24
SPACE = Space("divided", "1", "epoch", DIMENSIONS)
COUNT = 4_000
# Few enough that COUNT is divided.
EXACT = 500


def clustered(count: int, *, seed: int = 0) -> StoredVectors:
    """Return unit vectors around 60 others, nearer to some than to others."""
    rng = np.random.default_rng(seed)
    middles = np.random.default_rng(99).standard_normal((60, DIMENSIONS))
    spread = rng.uniform(0.3, 1.0, (count, 1))
    return quantise(
        normalise(middles[rng.integers(60, size=count)] + spread * rng.standard_normal((count, DIMENSIONS)))
    )


def build(folder: Path, vectors: StoredVectors, *, sequence: int = 1) -> Manifest:
    """Build a snapshot of photos 0, 2, 4 and so on, and return its manifest."""
    index = FaissIndex(SPACE, folder=folder, exact_up_to=EXACT)
    ids = np.arange(len(vectors), dtype=np.int64) * 2
    index.build([(ids[:1500], vectors[:1500]), (ids[1500:], vectors[1500:])], sequence=sequence)
    return read_manifest(index._snapshots.newest_first()[0])


def opened(folder: Path) -> FaissIndex:
    index = FaissIndex(SPACE, folder=folder, exact_up_to=EXACT)
    assert index.reopen(head=lambda: 10**6)
    return index


@pytest.fixture(scope="module")
def divided(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("divided")
    build(folder, clustered(COUNT))
    return folder


def nearest_by_hand(query: Vectors, limit: int, *, without: VectorIds | None = None) -> set[int]:
    """Return the ids of the nearest photos of the divided snapshot by brute force."""
    similarities = clustered(COUNT).astype(np.float32) @ query
    if without is not None:
        similarities[without // 2] = -2
    return set((np.argsort(-similarities)[:limit] * 2).tolist())


def recall(index: FaissIndex, limit: int, *, without: VectorIds | None = None) -> float:
    queries = clustered(40, seed=5).astype(np.float32)
    found = [{hit.vector_id for hit in index.search(query, limit=limit)} for query in queries]
    right = [
        len(ids & nearest_by_hand(query, limit, without=without)) for ids, query in zip(found, queries, strict=True)
    ]
    return sum(right) / (limit * len(queries))


def test_the_type_is_chosen_by_size_and_what_it_finds_is_in_the_manifest(tmp_path: Path) -> None:
    small, large = build(tmp_path / "small", clustered(EXACT)), build(tmp_path / "large", clustered(EXACT + 1))

    assert (small.factory, small.probes, small.recall) == (FLAT, (), 1.0)
    assert large.factory == f"IVF{lists_of(EXACT + 1)},SQ8"
    assert [probes.depth for probes in large.probes] == [10, 100]
    assert 0.95 <= large.recall <= 1


@pytest.mark.parametrize("count", [1, 2, 3, 10, 11])
@pytest.mark.parametrize("exact_up_to", [0, EXACT])
def test_a_snapshot_of_very_few_is_made_too(tmp_path: Path, count: int, exact_up_to: int) -> None:
    index = FaissIndex(SPACE, folder=tmp_path, exact_up_to=exact_up_to)
    index.build([(np.arange(count, dtype=np.int64), clustered(count))], sequence=1)

    assert len(opened(tmp_path).search(clustered(1)[0].astype(np.float32), limit=20)) == count


@pytest.mark.parametrize(("count", "lists"), [(7, 7), (501, 64), (50_001, 1024), (1_000_000, 4096), (50_000_000, 4096)])
def test_lists_grow_with_the_root_of_the_count(count: int, lists: int) -> None:
    assert lists_of(count) == lists


def test_nprobe_grows_with_the_limit(divided: Path) -> None:
    finder = opened(divided)._state.searcher
    assert finder is not None

    lists = [finder.lists_for(depth) for depth in (1, 10, 50, 100, 1000, COUNT)]

    assert lists == sorted(lists)
    assert lists[1] < lists[3] < lists[4]
    assert lists[1] < finder.index.nlist / 4
    assert lists[-1] == finder.index.nlist


@pytest.mark.parametrize("limit", [1, 10, 48, 192, 768])
def test_queries_that_are_no_photos_find_the_nearest_however_many_are_wanted(divided: Path, limit: int) -> None:
    assert recall(opened(divided), limit) >= 0.97


def test_the_nearest_of_what_is_left_are_found_when_most_photos_are_removed(divided: Path) -> None:
    index = opened(divided)
    removed = np.random.default_rng(3).permutation(COUNT)[: COUNT * 9 // 10] * 2

    index.apply(changes(2, removed=removed.tolist(), dimensions=DIMENSIONS))

    assert len(index) == COUNT // 10
    assert recall(index, 10, without=removed) >= 0.97


@pytest.mark.parametrize("limit", [7, 100, 3_999, 4_000, 5_000])
def test_as_many_come_as_are_wanted_while_there_are_so_many(divided: Path, limit: int) -> None:
    found = opened(divided).search(clustered(1, seed=7)[0].astype(np.float32), limit=limit)

    assert len(found) == min(limit, COUNT)


@pytest.mark.parametrize("left", [20, 2_500])
def test_as_many_come_when_all_the_near_ones_are_removed(divided: Path, left: int) -> None:
    index = opened(divided)
    query = clustered(1, seed=7)[0].astype(np.float32)
    by_nearness = [hit.vector_id for hit in index.search(query, limit=COUNT)]

    index.apply(changes(2, removed=by_nearness[:-left], dimensions=DIMENSIONS))

    found = {hit.vector_id for hit in index.search(query, limit=15)}
    assert len(found) == 15
    assert found <= set(by_nearness[-left:])


def test_every_photo_finds_itself_first(divided: Path) -> None:
    index = opened(divided)
    vectors = clustered(COUNT)[::7].astype(np.float32)

    firsts = [index.search(vector, limit=1)[0].vector_id for vector in vectors]

    assert firsts == list(range(0, 2 * COUNT, 14))


def test_a_search_among_some_photos_is_exact(divided: Path) -> None:
    index = opened(divided)
    allowed_ids = np.sort(np.random.default_rng(4).choice(2 * COUNT, 3000, replace=False)).astype(np.int64)
    query = clustered(1, seed=8)[0].astype(np.float32)
    there = allowed_ids[allowed_ids % 2 == 0]

    found = index.search(query, limit=len(allowed_ids), allowed_ids=allowed_ids)

    similarities = clustered(COUNT)[there // 2].astype(np.float32) @ query
    assert [hit.vector_id for hit in found] == there[np.lexsort((there, -similarities))].tolist()


def test_a_new_vector_replaces_the_one_in_its_list(divided: Path) -> None:
    index = opened(divided)
    before, after = clustered(2, seed=9).astype(np.float32)
    photo = index.search(before, limit=1)[0].vector_id

    index.apply(changes(2, {photo: after}))

    assert index.search(after, limit=1)[0].vector_id == photo
    assert photo not in {hit.vector_id for hit in index.search(before, limit=20)} - nearest_by_hand(after, 1)


def test_a_type_that_finds_too_little_is_not_served_but_a_denser_one(tmp_path: Path) -> None:
    """A few far outliers widen the range of the codes until a crowd falls into one of them."""
    rng = np.random.default_rng(1)
    crowd = np.eye(DIMENSIONS)[0] + 0.002 * rng.standard_normal((COUNT, DIMENSIONS))
    crowd[::3] = rng.standard_normal((len(crowd[::3]), DIMENSIONS))
    vectors = quantise(normalise(crowd))

    manifest = build(tmp_path, vectors)

    assert (manifest.factory, manifest.probes) == (FLAT, ())
    assert manifest.recall >= 0.99


def test_a_snapshot_from_before_there_were_lists_opens(tmp_path: Path) -> None:
    build(tmp_path, clustered(30))
    (file,) = tmp_path.glob(f"*/*/{MANIFEST}")
    values = json.loads(file.read_text())
    del values["probes"]
    file.write_text(json.dumps(values))
    file.parent.rename(file.parent.with_name(f"{file.parent.name[:41]}-5f3a90c1"))

    index = opened(tmp_path)

    assert len(index.search(clustered(1)[0].astype(np.float32), limit=50)) == 30
    assert index.damaged is False


def found_by(index: FaissIndex) -> list[int]:
    return [hit.vector_id for hit in index.search(clustered(1, seed=7)[0].astype(np.float32), limit=100)]


def search_and_fork(folder: Path, pipe: Connection) -> None:
    """Search, then search in a forked child; send the threads that came, what was found and what the child found."""
    index = opened(folder)
    threads = set(Path("/proc/self/task").iterdir())
    found = found_by(index)
    started = len(set(Path("/proc/self/task").iterdir()) - threads)
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe()
    child = context.Process(target=lambda: there.send(found_by(index)))
    child.start()
    answered = here.poll(20)
    child.kill()
    child.join()
    pipe.send((started, found, here.recv() if answered else None))


def test_a_search_starts_no_threads_and_a_child_forked_after_it_searches_too(divided: Path) -> None:
    """FAISS reads ahead with 32 threads a search where lists are mapped in its older way."""
    # In a process of its own: other tests' libraries start threads when they like.
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=search_and_fork, args=(divided, there))

    process.start()
    answered = here.poll(60)
    process.kill()
    process.join()

    assert answered
    assert here.recv() == (0, found_by(opened(divided)), found_by(opened(divided)))
