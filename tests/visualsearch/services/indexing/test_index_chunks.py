"""The index is brought up to date in chunks; what interrupts it between two leaves nothing out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.visualsearch.stored import DIMENSIONS, Clock, made_version, put, take
from visualsearch.exceptions import SearchUnavailableError
from visualsearch.index.base import Changes
from visualsearch.index.faiss import FaissIndex
from visualsearch.models import ModelVersion
from visualsearch.services.indexing import indexing

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def version() -> ModelVersion:
    return made_version()


@pytest.fixture
def two_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexing, "ROWS_AT_ONCE", 2)


class Interrupted(FaissIndex):
    """An index whose process is killed while it applies its chunk of this number."""

    dies_at = 0
    applied = 0

    def apply(self, changes: Changes) -> None:
        self.applied += 1
        if self.applied == self.dies_at:
            raise KeyboardInterrupt
        super().apply(changes)


@pytest.fixture
def index(version: ModelVersion, tmp_path: Path) -> Interrupted:
    return Interrupted(indexing.space_of(version), folder=tmp_path)


def ids_in_rows(version: ModelVersion) -> list[int]:
    return list(version.embeddings.order_by("photo_id").values_list("photo_id", flat=True))


@pytest.mark.usefixtures("two_at_once")
@pytest.mark.parametrize(("count", "lengths"), [(1, [1]), (2, [2]), (3, [2, 1]), (4, [2, 2]), (5, [2, 2, 1])])
def test_all_rows_come_in_chunks_each_once(version: ModelVersion, count: int, lengths: list[int]) -> None:
    ids = put(version, count)

    chunks = list(indexing.all_rows(version))

    assert [len(some) for some, _ in chunks] == lengths
    assert [vectors.shape for _, vectors in chunks] == [(length, DIMENSIONS) for length in lengths]
    assert np.concatenate([some for some, _ in chunks]).tolist() == ids


@pytest.mark.usefixtures("two_at_once")
@pytest.mark.parametrize(("count", "sequences"), [(2, [9]), (3, [4, 9]), (4, [4, 9]), (5, [4, 4, 9])])
def test_the_sequence_moves_with_the_last_chunk_alone(version: ModelVersion, count: int, sequences: list[int]) -> None:
    ids = np.array(put(version, count), np.int64)
    take(version, ids[1:2].tolist())

    chunks = list(indexing.changes_of(version, ids, since=(4, "since"), until=(9, "until")))

    marks = {4: "since", 9: "until"}
    assert [(some.sequence, some.nonce) for some in chunks] == [(number, marks[number]) for number in sequences]
    assert np.concatenate([some.ids for some in chunks]).tolist() == [*ids[:1].tolist(), *ids[2:].tolist()]
    assert np.concatenate([some.removed for some in chunks]).tolist() == ids[1:2].tolist()


@pytest.mark.usefixtures("two_at_once")
@pytest.mark.parametrize("dies_at", [1, 2, 3])
def test_what_is_interrupted_between_two_chunks_is_done_again(
    version: ModelVersion, index: Interrupted, dies_at: int
) -> None:
    first = put(version, 1)
    indexing.refresh(index, version)
    begun = index.sequence, index.nonce
    put(version, 4)
    take(version, first)
    index.applied, index.dies_at = 0, dies_at

    with pytest.raises(KeyboardInterrupt):
        indexing.refresh(index, version)

    assert (index.sequence, index.nonce) == begun
    index.dies_at = 0
    indexing.refresh(index, version)
    assert index.rows()[0].tolist() == ids_in_rows(version)
    assert (index.sequence, index.nonce) == indexing.end_of_log(version)


@pytest.mark.usefixtures("two_at_once")
def test_a_snapshot_and_a_process_without_a_log_read_every_chunk(version: ModelVersion, index: Interrupted) -> None:
    put(version, 5)
    indexing.build_snapshot(version)
    version.log.all().delete()

    indexing.refresh(index, version)

    assert index.rows()[0].tolist() == ids_in_rows(version)
    assert indexing.compare(version).equal


class Shared(FaissIndex):
    """An index that says of itself that several machines share it."""

    shared = True


@pytest.mark.parametrize(("most", "refused"), [(3, False), (2, True)])
def test_of_a_shared_index_a_process_takes_so_many_vectors_into_its_memory(
    version: ModelVersion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, most: int, refused: bool
) -> None:
    monkeypatch.setattr(indexing, "MOST_IN_MEMORY", most)
    ids = put(version, 3)
    version.log.all().delete()
    index = Shared(indexing.space_of(version), folder=tmp_path)

    if refused:
        with pytest.raises(SearchUnavailableError):
            indexing.refresh(index, version)
    else:
        indexing.refresh(index, version)

    assert index.rows()[0].tolist() == ([] if refused else ids)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    made = Clock()
    monkeypatch.setattr(indexing, "time", made)
    yield made
    indexing._snapshot_checked.clear()


def test_newer_snapshots_are_checked_for_at_intervals(
    version: ModelVersion, index: Interrupted, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(version, 1)
    indexing.refresh(index, version)
    opened: list[float] = []
    reopen = index.reopen

    def noted(**arguments: Any) -> bool:
        opened.append(clock.now)
        return reopen(**arguments)

    monkeypatch.setattr(index, "reopen", noted)

    for clock.now in (1_000.0 + indexing.SNAPSHOT_CHECK_INTERVAL_S, 1_000.1 + indexing.SNAPSHOT_CHECK_INTERVAL_S):
        indexing.refresh(index, version)

    assert opened == [1_000.1 + indexing.SNAPSHOT_CHECK_INTERVAL_S]


def test_the_log_is_asked_once_in_a_refresh_interval(version: ModelVersion, clock: Clock, settings: Any) -> None:
    settings.INDEX_REFRESH_S = 0.2
    put(version, 1)
    lengths = [len(indexing.fresh_index(version))]
    put(version, 1)

    for clock.now in (1_000.19, 1_000.21):
        lengths.append(len(indexing.fresh_index(version)))

    assert lengths == [1, 1, 2]


@pytest.mark.parametrize(
    ("changes", "share", "due"), [(4, 0.0, True), (5, 0.0, False), (1, 0.5, True), (1, 0.75, False), (5, 0.5, False)]
)
def test_a_tail_is_compacted_once_it_is_long_and_a_share_of_the_whole(
    version: ModelVersion, settings: Any, *, changes: int, share: float, due: bool
) -> None:
    """Eight vectors, of which the tail has four."""
    put(version, 4)
    indexing.build_snapshot(version)
    put(version, 4)
    settings.INDEX_COMPACT_CHANGES, settings.INDEX_COMPACT_SHARE = changes, share

    assert indexing.needs_compaction(version) is due
