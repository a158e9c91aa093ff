"""Vectors are written, compared and measured in chunks: the results are the same whatever their size."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.visualsearch.index.vectors import SPACE, axis, made
from visualsearch.index import builder, milvus, milvus_collections, searcher, snapshot
from visualsearch.index.faiss import FaissIndex
from visualsearch.index.milvus_collections import Collections
from visualsearch.index.milvus_commit import Commit
from visualsearch.index.snapshot import SnapshotFolder, digest_of, is_old, read_manifest

COUNT = 11
IDS = np.arange(1, COUNT + 1, dtype=np.int64)


def built(folder: Path) -> tuple[Any, FaissIndex]:
    index = FaissIndex(SPACE, folder=folder)
    index.build([(IDS, made(COUNT))], sequence=1)
    assert index.reopen(head=lambda: 1)
    return read_manifest(index._snapshots.newest_first()[0]), index


@pytest.mark.parametrize("size", [1, 5, COUNT - 1, COUNT, COUNT + 1])
@pytest.mark.parametrize(("module", "name"), [(builder, "ROWS_AT_ONCE"), (builder, "CHUNK"), (searcher, "ROWS")])
def test_a_snapshot_is_the_same_and_finds_the_same_in_chunks_of_any_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: Any, name: str, size: int
) -> None:
    whole, all_at_once = built(tmp_path / "whole")

    monkeypatch.setattr(module, name, size)
    in_chunks, index = built(tmp_path / "chunks")

    assert in_chunks.sha256 == whole.sha256
    assert (in_chunks.recall, in_chunks.count) == (whole.recall, COUNT) == (1.0, COUNT)
    assert index.search(axis(0), limit=COUNT) == all_at_once.search(axis(0), limit=COUNT)


@pytest.mark.parametrize("depths", [[1], [3, COUNT], [COUNT]])
@pytest.mark.parametrize("size", [1, 2, 3, COUNT])
def test_the_kth_similarity_is_that_of_a_full_sort(
    monkeypatch: pytest.MonkeyPatch, size: int, depths: list[int]
) -> None:
    vectors, queries = made(COUNT), made(4, seed=1).astype(np.float32)
    monkeypatch.setattr(builder, "CHUNK", size)

    edges = builder.kth_similarity(vectors, queries, depths)

    ranked = -np.sort(-(queries @ vectors.astype(np.float32).T), axis=1)
    for depth in depths:
        assert edges[depth] == pytest.approx(ranked[:, depth - 1], abs=1e-6)


@pytest.mark.parametrize(("count", "depths"), [(10, [10]), (11, [10]), (100, [10]), (101, [10, 100]), (5, [5])])
def test_recall_is_measured_at_the_depths_that_there_are(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, count: int, depths: list[int]
) -> None:
    asked: list[list[int]] = []
    kth_similarity = builder.kth_similarity

    def noted(vectors: Any, queries: Any, depths: list[int]) -> Any:
        asked.append(depths)
        return kth_similarity(vectors, queries, depths)

    monkeypatch.setattr(builder, "kth_similarity", noted)

    builder.make_index(tmp_path / "index.faiss", made(count))

    assert asked == [depths]


@pytest.mark.parametrize(("age_s", "old"), [(86_399, False), (86_401, True)])
def test_a_leftover_is_old_after_a_day(tmp_path: Path, *, age_s: int, old: bool) -> None:
    path = tmp_path / ".part-made"
    path.mkdir()
    then = time.time() - age_s
    os.utime(path, (then, then))

    assert snapshot.LEFTOVER_AGE_S == 86_400
    assert is_old(path) is old


def test_leftovers_of_a_day_are_removed_and_younger_ones_are_not(tmp_path: Path) -> None:
    folder = SnapshotFolder(tmp_path, SPACE)
    young, old = folder.begin(), folder.begin()
    then = time.time() - snapshot.LEFTOVER_AGE_S - 60
    os.utime(old, (then, then))

    folder.prune()

    assert (young.exists(), old.exists()) == (True, False)


def test_a_folder_is_named_after_sixteen_digits_of_its_manifest(tmp_path: Path) -> None:
    built(tmp_path)
    (path,) = SnapshotFolder(tmp_path, SPACE).newest_first()

    written = path.name.rsplit("-", 1)[1]

    assert snapshot.MANIFEST_DIGITS == len(written) == 16
    assert written == digest_of((path / snapshot.MANIFEST).read_bytes())


class Client:
    """What is asked of a server, without one."""

    def __init__(self) -> None:
        self.written: list[list[dict[str, Any]]] = []
        self.timeouts: list[float] = []

    def upsert(self, name: str, entities: list[dict[str, Any]], *, timeout: float) -> None:
        self.written.append(entities)
        self.timeouts.append(timeout)

    def list_collections(self, *, timeout: float) -> list[str]:
        self.timeouts.append(timeout)
        return []


@pytest.mark.parametrize(("count", "requests"), [(1, [1]), (2, [2]), (3, [2, 1]), (4, [2, 2]), (5, [2, 2, 1])])
def test_entities_are_written_some_a_request(monkeypatch: pytest.MonkeyPatch, count: int, requests: list[int]) -> None:
    monkeypatch.setattr(milvus_collections, "ENTITIES_AT_ONCE", 2)
    collections, client = Collections("nowhere", token="", timeout_s=3.0), Client()
    monkeypatch.setattr(collections, "_connected", lambda: client)

    collections.write("made", IDS[:count], made(count), sequence=1, compaction=7)
    collections.names("made")

    assert [len(entities) for entities in client.written] == requests
    assert [entity["key"] for entities in client.written for entity in entities] == [f"{n}.7" for n in IDS[:count]]
    # Writing may take twenty times as long as what else is asked.
    assert client.timeouts == [60.0] * len(requests) + [3.0]


@pytest.mark.parametrize(
    ("most", "found", "asked"),
    [(30, 40, [26]), (26, 40, [26]), (25, 40, [25, 1]), (20, 40, [20, 6]), (13, 40, [13, 13]), (20, 19, [20])],
)
def test_hits_are_fetched_with_some_to_spare_and_in_pages(
    monkeypatch: pytest.MonkeyPatch, most: int, found: int, asked: list[int]
) -> None:
    """Ten hits, and sixteen more so that equal ones at the edge are told apart."""
    monkeypatch.setattr(milvus, "MOST_HITS", most)
    questions: list[tuple[str, int]] = []
    left = list(range(1, found + 1))

    def ask(which: str, limit: int) -> tuple[Any, Any]:
        questions.append((which, limit))
        page, left[:] = left[:limit], left[limit:]
        return np.array(page, np.int64), np.zeros(len(page), np.float32)

    commit = Commit("made", 1, "one", 0, ((1, 7),), 0.0)
    pages = list(milvus.nearest_pages(ask, commit, np.empty(0, np.int64), 10))

    assert milvus.SPARE == 16
    assert [limit for _, limit in questions] == asked
    ids = np.concatenate([page for page, _ in pages]).tolist()
    assert ids == list(range(1, min(found, 26) + 1))
    # What came before is left out of what is asked then.
    assert [which.count("photo_id in") for which, _ in questions] == [0, 1][: len(asked)]
