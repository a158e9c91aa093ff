"""Snapshots that machines give one another through a store: whole, of the space, or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from catalogue.exceptions import ImageTooLargeError
from catalogue.photos.object_storage import ObjectStorage
from tests.object_store import Bucket, client_of, keys_of
from visualsearch.exceptions import SnapshotError
from visualsearch.index import published
from visualsearch.index.base import Rows, Space
from visualsearch.index.faiss import FaissIndex
from visualsearch.index.published import PublishedSnapshots
from visualsearch.index.snapshot import SnapshotFolder, digest_of, read_manifest

SPACE = Space("model", "1", "epoch", 8)
FOLDER = "index/model-1"


@pytest.fixture
def store(bucket: Bucket) -> ObjectStorage:
    return ObjectStorage(bucket=bucket, folder="index", max_bytes=1 << 40, allow_overwrite=True)


def machine(store: ObjectStorage, folder: Path, space: Space = SPACE) -> PublishedSnapshots:
    return PublishedSnapshots(store, folder, space)


def rows(count: int = 20) -> Rows:
    vectors = np.random.default_rng(0).normal(size=(count, SPACE.dimensions))
    return np.arange(count), (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float16)


def build(folder: Path, sequence: int, space: Space = SPACE) -> Path:
    FaissIndex(space, folder=folder).build([rows()], sequence=sequence, nonce="nonce")
    return SnapshotFolder(folder, space).newest_first()[0]


def names(folder: Path) -> list[str]:
    return [path.name for path in SnapshotFolder(folder, SPACE).newest_first()]


def test_what_one_machine_built_another_fetches_and_searches(store: ObjectStorage, tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    built = build(here, 7)

    machine(store, here).publish()
    machine(store, here).publish()
    fetched = machine(store, there).fetch()

    assert fetched
    assert names(there) == [built.name]
    index = FaissIndex(SPACE, folder=there)
    assert index.reopen(head=lambda: 7)
    ids, vectors = rows()
    assert index.search(vectors[3].astype(np.float32), limit=1)[0].vector_id == ids[3]
    assert not machine(store, there).fetch()


def test_only_the_newest_is_fetched_and_the_last_two_stay(store: ObjectStorage, bucket: Bucket, tmp_path: Path) -> None:
    for sequence in (1, 2, 3):
        build(tmp_path / "here", sequence)
        machine(store, tmp_path / "here").publish()

    machine(store, tmp_path / "there").fetch()

    assert machine(store, tmp_path / "here").prune() == 2
    assert [int(name.split("-")[0]) for name in names(tmp_path / "there")] == [3]
    assert {int(key.split("-")[0]) for key in keys_of(bucket, FOLDER)} == {2, 3}


def test_a_machine_with_a_newer_one_fetches_nothing(store: ObjectStorage, tmp_path: Path) -> None:
    build(tmp_path / "here", 1)
    machine(store, tmp_path / "here").publish()
    build(tmp_path / "there", 2)

    assert not machine(store, tmp_path / "there").fetch()


def test_one_that_is_being_published_is_left_for_the_one_before(
    store: ObjectStorage, bucket: Bucket, tmp_path: Path
) -> None:
    first = build(tmp_path / "here", 1)
    machine(store, tmp_path / "here").publish()
    second = build(tmp_path / "here", 2)
    store.upload(second / "ids.i64", f"model-1/{second.name}/ids.i64")

    assert machine(store, tmp_path / "there").fetch()
    assert names(tmp_path / "there") == [first.name]
    assert machine(store, tmp_path / "here").prune() == 0
    assert any(second.name in key for key in keys_of(bucket, FOLDER))


@pytest.mark.parametrize("file", ["vectors.f16", "index.faiss", "manifest.json"])
def test_a_damaged_one_is_refused_once_and_the_one_before_is_fetched(
    store: ObjectStorage, tmp_path: Path, file: str
) -> None:
    first = build(tmp_path / "here", 1)
    machine(store, tmp_path / "here").publish()
    damaged = build(tmp_path / "here", 2)
    (damaged / file).write_bytes((damaged / file).read_bytes()[:-1] + b"\0")
    for path in damaged.iterdir():
        store.upload(path, f"model-1/{damaged.name}/{path.name}")
    joining = machine(store, tmp_path / "there")

    assert joining.fetch()
    assert names(tmp_path / "there") == [first.name]
    assert not joining.fetch()
    assert list((tmp_path / "there/model-1").glob(".part-*")) == []


def test_files_larger_than_its_vectors_can_be_are_not_fetched(
    store: ObjectStorage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(tmp_path / "here", 1)
    machine(store, tmp_path / "here").publish()
    monkeypatch.setattr(published, "FILE_SPARE_BYTES", -2_000)

    with pytest.raises(ImageTooLargeError):
        machine(store, tmp_path / "there").fetch()

    assert names(tmp_path / "there") == []


def test_one_of_before_a_restore_is_not_fetched(store: ObjectStorage, tmp_path: Path) -> None:
    build(tmp_path / "here", 9)
    machine(store, tmp_path / "here").publish()

    assert not machine(store, tmp_path / "there", Space("model", "1", "restored", 8)).fetch()


def test_no_name_in_a_manifest_leads_outside_its_folder(store: ObjectStorage, bucket: Bucket, tmp_path: Path) -> None:
    built = build(tmp_path / "here", 1)
    facts = json.loads((built / "manifest.json").read_text())
    facts["sha256"]["../../escaped"] = "0" * 64
    content = json.dumps(facts).encode()
    name = f"{1:020d}-{1:020d}-{digest_of(content)}"
    client_of(bucket).put_object(Bucket=bucket["name"], Key=f"a shop/{FOLDER}/{name}/manifest.json", Body=content)

    with pytest.raises(SnapshotError):
        machine(store, tmp_path / "there").fetch()

    assert names(tmp_path / "there") == []
    assert read_manifest(built).sequence == 1
