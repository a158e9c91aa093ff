"""Milvus as an entrant of the comparison of indexes, on milvus-lite in this process in place of its server."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from milvus_lite.server_manager import server_manager_instance

from lab.benchmarks.baselines import milvus
from lab.benchmarks.baselines.collection import Collection
from lab.benchmarks.baselines.milvus import Milvus, OnServer, VitrineOnMilvus
from tests.visualsearch.index.vectors import made

LIMIT = 5


@pytest.fixture
def collection(tmp_path: Path) -> Collection:
    return Collection.write(tmp_path / "collection", [made(300, dimensions=16)], made(4, seed=1, dimensions=16), seed=1)


@pytest.fixture
def lite(monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def server(folder: Path) -> Iterator[SimpleNamespace]:
        path = str(folder / "milvus.db")
        yield SimpleNamespace(uri=server_manager_instance.start_and_get_uri(path), process_id=os.getpid())
        server_manager_instance.release_server(path)

    monkeypatch.setattr(milvus, "milvus_server", server)


@pytest.mark.usefixtures("lite")
@pytest.mark.parametrize("kind", [Milvus, VitrineOnMilvus])
def test_what_one_server_built_the_next_one_finds_also_under_filters(
    kind: type[OnServer], collection: Collection, tmp_path: Path
) -> None:
    builder = kind(tmp_path)
    builder.build(collection)
    builder.close()
    opened = kind(tmp_path)

    opened.open()

    for below in (1_000, 5_000, 10_000):
        passing = collection.filter(below)
        found = [
            opened.search(query, limit=LIMIT, setting=kind.settings[-1], allowed_ids=passing)
            for query in collection.queries
        ]
        assert {len(ids) for ids in found} == {LIMIT}
        assert collection.recall(found, limit=LIMIT, allowed_ids=passing) == 1.0
    assert opened.servers() == [os.getpid()]
    opened.close()


def test_the_first_row_is_no_commit_of_the_shops_index() -> None:
    articles = milvus.by_stored_id({0: 0, 7: 7})

    assert articles == {1: 0, 8: 7}


def test_the_servers_own_programs_are_not_of_its_data(tmp_path: Path) -> None:
    assert Milvus(tmp_path).data == tmp_path / "server" / "data"
    assert Milvus(tmp_path).servers() == []


def test_indexes_are_waited_for_until_no_rows_are_pending(monkeypatch: pytest.MonkeyPatch) -> None:
    pending = [300, 20, 0]
    client = SimpleNamespace(describe_index=lambda *_: {"pending_index_rows": pending.pop(0)})
    monkeypatch.setattr(milvus, "ASKED_EVERY_S", 0.0)

    milvus.wait_for_index(client, "photos")

    assert pending == []
