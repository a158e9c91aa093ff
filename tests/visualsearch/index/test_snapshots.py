from __future__ import annotations

import multiprocessing
import os
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import pytest

from tests.visualsearch.index.vectors import SPACE, axis, changes, made
from visualsearch.index.base import Hit
from visualsearch.index.faiss import FaissIndex
from visualsearch.index.snapshot import IDS, INDEX, MANIFEST, VECTORS

COUNT = 50


def built(folder: Path, *, sequence: int = COUNT, seed: int = 0) -> Path:
    """Build a snapshot of photos 1 to 50 and return its folder."""
    index = FaissIndex(SPACE, folder=folder)
    index.build([(np.arange(1, COUNT + 1, dtype=np.int64), made(COUNT, seed=seed))], sequence=sequence)
    return index._snapshots.newest_first()[0]


def opened(folder: Path, *, head: int = 1000) -> FaissIndex:
    index = FaissIndex(SPACE, folder=folder)
    index.reopen(head=lambda: head)
    return index


def test_a_snapshot_opens_in_another_process_as_it_was_built(tmp_path: Path) -> None:
    built(tmp_path)

    index = opened(tmp_path)

    ids, vectors = index.rows()
    assert ids.tolist() == list(range(1, COUNT + 1))
    assert vectors.tobytes() == made(COUNT).tobytes()
    assert (index.sequence, index.snapshot_sequence) == (COUNT, COUNT)


def test_every_photo_of_a_snapshot_finds_itself_first(tmp_path: Path) -> None:
    built(tmp_path)
    index = opened(tmp_path)

    firsts = [index.search(vector.astype(np.float32), limit=1)[0].vector_id for vector in made(COUNT)]

    assert firsts == list(range(1, COUNT + 1))


def test_the_newest_snapshot_is_opened_once(tmp_path: Path) -> None:
    built(tmp_path, sequence=50)
    index = opened(tmp_path)
    built(tmp_path, sequence=60, seed=1)

    assert index.reopen(head=lambda: 60) is True
    assert index.reopen(head=lambda: 60) is False
    assert index.sequence == 60
    assert index.rows()[1].tobytes() == made(COUNT, seed=1).tobytes()


def test_changes_since_the_snapshot_replace_its_vectors(tmp_path: Path) -> None:
    built(tmp_path)
    index = opened(tmp_path)

    index.apply(changes(COUNT + 2, {3: axis(0), 99: axis(1)}, removed=[4]))

    assert index.search(axis(0), limit=1) == [Hit(3, 1.0)]
    assert index.search(axis(1), limit=1) == [Hit(99, 1.0)]
    assert 4 not in {hit.vector_id for hit in index.search(axis(0), limit=COUNT + 5)}
    assert len(index) == COUNT


def test_removed_photos_leave_room_for_others_in_the_answer(tmp_path: Path) -> None:
    built(tmp_path)
    index = opened(tmp_path)
    query = made(COUNT)[0].astype(np.float32)
    everything = [hit.vector_id for hit in index.search(query, limit=COUNT)]

    index.apply(changes(COUNT + 1, removed=everything[:40]))

    assert [hit.vector_id for hit in index.search(query, limit=10)] == everything[40:]


def test_an_empty_snapshot_opens(tmp_path: Path) -> None:
    FaissIndex(SPACE, folder=tmp_path).build([], sequence=7)

    index = opened(tmp_path)

    assert (len(index), index.sequence) == (0, 7)
    assert index.search(axis(0), limit=3) == []


@pytest.mark.parametrize("name", [IDS, VECTORS, INDEX, MANIFEST])
@pytest.mark.parametrize("damage", ["truncated", "flipped", "gone"])
def test_a_damaged_snapshot_is_set_aside_and_the_older_one_serves(tmp_path: Path, name: str, damage: str) -> None:
    built(tmp_path, sequence=50)
    newest = built(tmp_path, sequence=60, seed=1)
    content = bytearray((newest / name).read_bytes())
    if damage == "truncated":
        (newest / name).write_bytes(content[: len(content) // 2])
    elif damage == "flipped":
        content[len(content) // 2] ^= 0x10
        (newest / name).write_bytes(content)
    else:
        (newest / name).unlink()

    index = opened(tmp_path)

    assert index.sequence == 50
    assert index.rows()[1].tobytes() == made(COUNT).tobytes()
    assert index.damaged is True
    assert index.damaged is False
    assert not newest.exists()


def test_a_snapshot_of_another_epoch_is_set_aside(tmp_path: Path) -> None:
    built(tmp_path)

    index = FaissIndex(replace(SPACE, epoch="before it was restored"), folder=tmp_path)

    assert index.reopen(head=lambda: 1000) is False
    assert (len(index), index.damaged) == (0, True)


def test_a_snapshot_ahead_of_the_log_is_set_aside(tmp_path: Path) -> None:
    built(tmp_path, sequence=50)

    index = opened(tmp_path, head=49)

    assert (len(index), index.damaged) == (0, True)


def test_what_a_killed_writer_left_is_not_read(tmp_path: Path) -> None:
    part = FaissIndex(SPACE, folder=tmp_path)._snapshots.begin()
    (part / IDS).write_bytes(b"half a fi")

    index = opened(tmp_path)

    assert (len(index), index.damaged) == (0, False)


def test_the_last_two_snapshots_stay_and_the_log_is_needed_from_the_older(tmp_path: Path) -> None:
    index = FaissIndex(SPACE, folder=tmp_path)
    for sequence in (10, 20, 30):
        index.build([], sequence=sequence)

    assert index.prune() == 20
    assert [path.name[:20] for path in index._snapshots.newest_first()] == [f"{30:020d}", f"{20:020d}"]


def test_snapshots_of_another_epoch_are_not_counted_among_the_last_two(tmp_path: Path) -> None:
    """A restored database's log begins anew, below the snapshots from before."""
    former, index = FaissIndex(replace(SPACE, epoch="former"), folder=tmp_path), FaissIndex(SPACE, folder=tmp_path)
    for sequence in (90, 100):
        former.build([], sequence=sequence)
    (folder,) = tmp_path.iterdir()
    for path in folder.iterdir():
        os.utime(path, (0, 0))
    former.build([], sequence=110)

    pruned = []
    for sequence in (10, 20, 30):
        index.build([], sequence=sequence)
        pruned.append(index.prune())

    assert pruned == [0, 10, 20]
    # Whoever still writes of another epoch is left alone; what was written long ago goes.
    assert sorted(int(path.name[:20]) for path in folder.iterdir()) == [20, 30, 110]


def test_two_processes_prune_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = FaissIndex(SPACE, folder=tmp_path), FaissIndex(SPACE, folder=tmp_path)
    for sequence in (10, 20, 30):
        one.build([], sequence=sequence)
    listed = one._snapshots.newest_first()
    other.prune()
    monkeypatch.setattr(one._snapshots, "newest_first", lambda: listed)
    monkeypatch.setattr(one._snapshots, "_is_own", lambda path: True)

    assert one.prune() == 20


def test_what_was_replaced_by_all_rows_is_not_opened_again(tmp_path: Path) -> None:
    built(tmp_path)
    index = opened(tmp_path)
    index.replace_all(changes(COUNT + 3, {3: axis(0)}))

    assert index.reopen(head=lambda: 1000) is False
    assert (index.sequence, len(index)) == (COUNT + 3, 1)
    built(tmp_path, sequence=COUNT + 3)
    assert index.reopen(head=lambda: 1000) is True


def test_a_reader_survives_that_its_snapshot_is_removed(tmp_path: Path) -> None:
    built(tmp_path, sequence=50)
    index = opened(tmp_path)
    for sequence in (60, 70, 80):
        built(tmp_path, sequence=sequence, seed=sequence)
    index.prune()

    assert index.search(made(COUNT)[4].astype(np.float32), limit=1)[0].vector_id == 5


def search_and_tell(index: FaissIndex, vector: np.ndarray[tuple[int], np.dtype[np.float32]], pipe: Connection) -> None:
    pipe.send(index.search(vector, limit=1)[0].vector_id)


def test_a_child_forked_after_its_parent_searched_searches_too(tmp_path: Path) -> None:
    """FAISS hangs there with several OpenMP threads (faiss issue 5206)."""
    built(tmp_path)
    index = opened(tmp_path)
    vector = made(COUNT)[8].astype(np.float32)
    index.search(vector, limit=1)
    here, there = multiprocessing.get_context("fork").Pipe()

    child = multiprocessing.get_context("fork").Process(target=search_and_tell, args=(index, vector, there))
    child.start()
    answered = here.poll(20)
    child.kill()
    child.join()

    assert answered
    assert here.recv() == 9


def test_a_snapshot_knows_the_nonce_of_its_last_change(tmp_path: Path) -> None:
    index = FaissIndex(SPACE, folder=tmp_path)
    index.build([(np.array([1], np.int64), made(1))], sequence=7, nonce="of the seventh")

    assert (opened(tmp_path).sequence, opened(tmp_path).nonce) == (7, "of the seventh")


def test_a_filter_passes_over_removed_photos_wherever_they_lie(tmp_path: Path) -> None:
    count = 200
    index = FaissIndex(SPACE, folder=tmp_path)
    index.build([(np.arange(1, count + 1, dtype=np.int64), made(count))], sequence=count)
    index.reopen(head=lambda: count + 3)
    removed = [9, 100, 200]
    index.apply(changes(count + 3, removed=removed))
    allowed = np.arange(1, count + 1, dtype=np.int64)

    found = [hit.vector_id for hit in index.search(axis(0), limit=count, allowed_ids=allowed)]

    assert sorted(found) == sorted(set(allowed.tolist()) - set(removed))


def test_rows_after_a_removal_are_those_that_are_left(tmp_path: Path) -> None:
    # 50 rows take seven bytes of the bitmap, of which the last has six spare bits.
    built(tmp_path)
    index = opened(tmp_path)
    index.apply(changes(COUNT + 1, removed=[COUNT]))

    assert index.rows()[0].tolist() == list(range(1, COUNT))
