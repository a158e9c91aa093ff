"""An index that several machines share: commits, concurrent compaction, and an unavailable server."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import numpy as np
import pytest

from tests.visualsearch.index.vectors import SPACE, axis, changes, made
from visualsearch.exceptions import SearchUnavailableError
from visualsearch.index import milvus as engine
from visualsearch.index import milvus_collections, milvus_commit
from visualsearch.index.base import Changes, Hit
from visualsearch.index.milvus import MilvusIndex


@pytest.fixture
def process(milvus: str) -> Callable[[], MilvusIndex]:
    """Return what opens the index as another process does. The collection holds photo 1 along axis 0, at change 1."""
    space = replace(SPACE, epoch=uuid4().hex)

    def open_another() -> MilvusIndex:
        index = MilvusIndex(space, uri=milvus, timeout_s=60)
        index.reopen(head=lambda: 1_000)
        return index

    open_another().build([(np.array([1], np.int64), axis(0)[np.newaxis].astype(np.float16))], sequence=1, nonce="one")
    return open_another


def found(index: MilvusIndex) -> list[int]:
    """Return the photos that a search of everything finds, ascending; each once."""
    return sorted(hit.vector_id for hit in index.search(axis(0), limit=100))


def test_a_compaction_is_seen_by_every_process_and_what_it_replaced_is_not(process: Callable[[], MilvusIndex]) -> None:
    worker, web = process(), process()

    worker.compact([changes(3, {1: axis(1), 2: axis(0)})], sequence=3, nonce="three")
    web.apply(changes(3, {1: axis(1), 2: axis(0)}))
    before = web.search(axis(0), limit=5)
    web.reopen(head=lambda: 3)

    assert (web.snapshot_sequence, web.sequence, web.nonce, len(web)) == (3, 3, "three", 2)
    assert web.search(axis(0), limit=5) == before == [Hit(2, 1.0), Hit(1, 0.0)]


def test_changes_since_the_compaction_are_found(process: Callable[[], MilvusIndex]) -> None:
    web = process()
    assert len(web) == 1

    web.apply(changes(3, {1: axis(1), 2: axis(2)}))

    assert (web.search(axis(0), limit=5), len(web)) == ([Hit(1, 0.0), Hit(2, 0.0)], 2)
    web.apply(changes(4, removed=[1]))
    assert (web.search(axis(0), limit=5), len(web)) == ([Hit(2, 0.0)], 1)
    assert web.rows()[0].tolist() == [2]


def test_entities_of_a_compaction_are_invisible_before_its_commit(process: Callable[[], MilvusIndex]) -> None:
    worker, web = process(), process()

    def killed_half_way() -> Iterator[Changes]:
        yield changes(2, {2: axis(0)})
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        worker.compact(killed_half_way(), sequence=3, nonce="three")

    assert found(web) == found(process()) == [1]
    assert len(process()) == 1


def test_the_same_changes_compacted_by_two_processes_are_there_once(process: Callable[[], MilvusIndex]) -> None:
    first, second = process(), process()

    for worker in (first, second):
        worker.compact([changes(3, {2: axis(1)}, removed=[1])], sequence=3, nonce="three")

    index = process()
    assert (found(index), len(index), index.sequence) == ([2], 1, 3)


@pytest.mark.parametrize("moment", ["reading", "writing", "committing"])
def test_older_changes_that_arrive_after_newer_ones_change_nothing(
    process: Callable[[], MilvusIndex], monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """A worker that stood still before it read, wrote or committed, as another removed what it puts."""
    late, fast = process(), process()

    def overtake() -> None:
        fast.compact([changes(5, {3: axis(2)}, removed=[1, 2])], sequence=5, nonce="five")

    def older() -> Iterator[Changes]:
        if moment == "reading":
            overtake()
        yield changes(3, {1: axis(1), 2: axis(0)})

    def overtaken(write: Callable[..., None]) -> Callable[..., None]:
        def after(*args: Any, **kwargs: Any) -> None:
            overtake()
            write(*args, **kwargs)

        return after

    if moment == "writing":
        monkeypatch.setattr(late._collections, "write", overtaken(late._collections.write))
    elif moment == "committing":
        monkeypatch.setattr(late, "_write", overtaken(late._write))
    late.compact(older(), sequence=3, nonce="three")

    index = process()
    assert (found(index), index.rows()[0].tolist(), len(index)) == ([3], [3], 1)
    assert (index.sequence, index.nonce) == (5, "five")
    (name,) = index._collections.names(f"{index._alias}_")
    written = index._collections.count(name, "photo_id in [1,2]", guarantee=0)
    assert written == (0 if moment == "reading" else 2)
    index.compact([changes(6, {4: axis(3)})], sequence=6, nonce="six")
    assert process().rows()[0].tolist() == [3, 4]


def test_a_process_that_is_behind_is_not_affected_by_deletions_of_a_newer_compaction(
    process: Callable[[], MilvusIndex],
) -> None:
    worker, web = process(), process()
    web.apply(changes(3, {1: axis(1)}, removed=[]))

    worker.compact([changes(3, {1: axis(1)})], sequence=3, nonce="three")

    assert (web.snapshot_sequence, found(web), len(web)) == (1, [1], 1)


def test_what_was_never_true_is_removed_before_it_would_be_believed(
    process: Callable[[], MilvusIndex], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(milvus_commit, "COMPACTIONS_NAMED", 2)
    index = process()
    (name,) = index._collections.names(f"{index._alias}_")
    index._collections.write(
        name, np.array([9], np.int64), axis(0)[np.newaxis].astype(np.float16), sequence=2, compaction=7
    )

    for sequence in range(2, 7):
        index.compact([changes(sequence, {sequence: axis(1)})], sequence=sequence, nonce=str(sequence))
        assert 9 not in found(process())

    assert found(process()) == [1, 2, 3, 4, 5, 6]
    assert index._collections.count(name, "photo_id == 9", guarantee=0) == 0


def test_a_rebuilt_index_takes_the_alias_and_the_old_one_serves_until_all_have_moved(
    process: Callable[[], MilvusIndex], monkeypatch: pytest.MonkeyPatch
) -> None:
    web, worker = process(), process()

    worker.build([(np.array([2], np.int64), axis(1)[np.newaxis].astype(np.float16))], sequence=4, nonce="four")
    worker.prune()

    assert found(web) == [1]
    assert web.reopen(head=lambda: 4)
    assert (found(web), web.nonce) == ([2], "four")
    assert len(worker._collections.names(worker._alias + "_")) == 2
    monkeypatch.setattr(engine, "RELIEVED_AFTER_S", -1)
    worker.prune()
    assert len(worker._collections.names(worker._alias + "_")) == 1
    assert found(process()) == [2]


def test_a_collection_that_the_server_does_not_hold_ready_is_loaded(process: Callable[[], MilvusIndex]) -> None:
    """As after a restart of milvus-lite."""
    index = process()
    (name,) = index._collections.names(f"{index._alias}_")
    index._collections._connected().release_collection(name)
    with pytest.raises(SearchUnavailableError):
        found(index)

    assert found(process()) == [1]


def test_the_log_is_needed_from_the_older_of_the_last_two_commits(process: Callable[[], MilvusIndex]) -> None:
    index = process()
    assert index.prune() == 0

    for sequence in (3, 5, 8):
        index.compact([changes(sequence, {sequence: axis(1)})], sequence=sequence, nonce="")

    assert index.prune() == 5
    assert index.prune() == 5


def test_a_collection_ahead_of_the_log_is_not_used_and_another_is_wanted(process: Callable[[], MilvusIndex]) -> None:
    index = MilvusIndex(process().space, uri=process()._collections._uri, timeout_s=60)

    assert not index.reopen(head=lambda: 0)

    assert (index.damaged, index.damaged, index.sequence) == (True, False, 0)
    assert not index.reopen(head=lambda: 1_000)


def test_shops_and_model_versions_do_not_see_each_other(process: Callable[[], MilvusIndex], milvus: str) -> None:
    other = MilvusIndex(replace(process().space, version="2"), uri=milvus, timeout_s=60)

    assert not other.reopen(head=lambda: 1_000)
    assert found(other) == []


def test_a_long_list_of_photos_is_searched_in_parts_without_what_changed_since(
    process: Callable[[], MilvusIndex], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "IDS_AT_ONCE", 3)
    index = process()
    vectors = made(40)
    put = {photo: vectors[photo].astype(np.float32) for photo in range(40) if photo > 0}
    index.compact([changes(40, put)], sequence=40, nonce="")
    index.reopen(head=lambda: 42)
    index.apply(changes(42, {5: axis(0)}, removed=[6]))
    allowed_ids = np.array([4, 5, 6, 7, 8, 9, 10, 11, 99], np.int64)

    hits = index.search(axis(0), limit=9, allowed_ids=allowed_ids)

    query = {4: vectors[4], 5: axis(0), **{photo: vectors[photo] for photo in range(7, 12)}}
    by_hand = sorted(query, key=lambda photo: -float(query[photo].astype(np.float32) @ axis(0)))
    assert [hit.vector_id for hit in hits] == by_hand


def test_more_hits_than_milvus_gives_at_once_are_fetched_in_pages(
    process: Callable[[], MilvusIndex], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "MOST_HITS", 7)
    index = process()
    vectors = made(50)
    put = {photo: vectors[photo].astype(np.float32) for photo in range(50) if photo > 0}
    index.compact([changes(50, put)], sequence=50, nonce="")
    index.reopen(head=lambda: 50)

    hits = index.search(axis(0), limit=30)

    similarities = vectors[1:].astype(np.float32) @ axis(0)
    assert [hit.vector_id for hit in hits] == (np.argsort(-similarities)[:30] + 1).tolist()


def test_a_server_that_is_down_is_reported_with_the_remedy_and_not_retried_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    index = MilvusIndex(SPACE, uri="http://127.0.0.1:1", timeout_s=0.2)

    with pytest.raises(SearchUnavailableError, match=r"SHOP_MILVUS_URI"):
        index.reopen(head=lambda: 0)

    with pytest.raises(SearchUnavailableError, match="a moment ago"):
        index.reopen(head=lambda: 0)
    monkeypatch.setattr(milvus_collections, "PAUSE_S", 0.0)
    index._collections._silent_until = time.monotonic()
    with pytest.raises(SearchUnavailableError, match=r"SHOP_MILVUS_URI"):
        index.reopen(head=lambda: 0)


def test_a_read_finds_what_was_written_when_the_commit_was_opened_and_waits_for_no_later_write(
    process: Callable[[], MilvusIndex], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(milvus_collections.Collections, "timestamp", lambda self: 77)
    index = process()
    requests: list[tuple[str, int, float]] = []

    def answer(answered: Any) -> Callable[..., Any]:
        def method(*_: Any, consistency_level: str, guarantee_timestamp: int, timeout: float, **_more: Any) -> Any:
            requests.append((consistency_level, guarantee_timestamp, timeout))
            return answered

        return method

    monkeypatch.setattr(index._collections._connected(), "query", answer([{"count(*)": 1}]))
    monkeypatch.setattr(index._collections._connected(), "search", answer([[]]))

    assert (len(index), index.search(axis(0), limit=1)) == (1, [])
    assert requests == [("Customized", 77, 60)] * 2


def test_what_was_looked_for_is_opened_without_asking_again_unless_that_was_long_ago(
    process: Callable[[], MilvusIndex], monkeypatch: pytest.MonkeyPatch
) -> None:
    worker, web, later = process(), process(), process()
    assert not web.look()
    worker.compact([changes(3, {2: axis(0)})], sequence=3, nonce="three")

    assert (web.look(), later.look()) == (True, True)
    worker.compact([changes(4, {3: axis(0)})], sequence=4, nonce="four")
    assert (web.snapshot_sequence, found(web)) == (1, [1])
    for index in (web, later):
        monkeypatch.setattr(engine, "LOOKED_FOR_S", 60.0 if index is web else -1.0)
        assert index.reopen(head=lambda: 4)

    assert (web.snapshot_sequence, found(web)) == (3, [1, 2])
    assert (later.snapshot_sequence, found(later)) == (4, [1, 2, 3])


def test_a_commit_that_another_thread_opened_meanwhile_is_not_opened_again(process: Callable[[], MilvusIndex]) -> None:
    worker, web = process(), process()
    worker.compact([changes(3, {2: axis(0)})], sequence=3, nonce="three")
    slow = web._find()
    assert web.reopen(head=lambda: 3)
    web.apply(changes(4, {3: axis(0)}))

    web._found = slow
    assert not web.reopen(head=lambda: 4)

    assert (web.sequence, found(web), web.damaged) == (4, [1, 2, 3], False)


def test_a_server_of_a_cluster_says_its_time(milvus: str) -> None:
    collections = milvus_collections.Collections(milvus, token="", timeout_s=60)
    version = collections._connected().get_server_version()

    times = [collections.timestamp() for _ in range(2)]

    # milvus-lite has no time, and no writes to wait for.
    assert times == [0, 0] if version.startswith("milvus_lite") else 0 < times[0] < times[1]
