"""A snapshot's checksums are compared once a machine, and again as soon as a file may have changed."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.visualsearch.index.test_lists import COUNT, SPACE, build, clustered
from visualsearch.index import checksums
from visualsearch.index.checksums import CHECKSUMS
from visualsearch.index.faiss import FaissIndex
from visualsearch.index.snapshot import FILES, INDEX, MANIFEST, VECTORS, digest_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a snapshot that nobody opened, of files that are older than a tick."""
    build(tmp_path, clustered(COUNT))
    (path,) = tmp_path.glob("*/*")
    for marker in path.glob("verified-*"):
        marker.unlink()
    time.sleep(2 * checksums.RACY_S)
    return path


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files whose checksums were computed: "NAME" by XXH3, "NAME, SHA-256"."""
    names: list[str] = []

    def note(function: Callable[[Path], str], suffix: str) -> Callable[[Path], str]:
        def noted(path: Path) -> str:
            names.append(path.name + suffix)
            return function(path)

        return noted

    monkeypatch.setattr(checksums, "file_xxh3", note(checksums.file_xxh3, ""))
    monkeypatch.setattr(checksums, "file_sha256", note(checksums.file_sha256, ", SHA-256"))
    return names


def opens(folder: Path) -> bool:
    return FaissIndex(SPACE, folder=folder.parent.parent, exact_up_to=500).reopen(head=lambda: 10)


def damage(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[-1] ^= 255
    file.write_bytes(content)


def with_manifest(folder: Path, values: dict[str, object]) -> Path:
    """Give a snapshot another manifest, and the name that belongs to it. Returns its folder."""
    content = json.dumps(values).encode()
    (folder / MANIFEST).write_bytes(content)
    return folder.rename(folder.with_name("-".join([*folder.name.split("-")[:2], digest_of(content)])))


def without_xxh3(folder: Path) -> Path:
    """Make a snapshot one of before XXH3 was there. Returns its folder."""
    (folder / CHECKSUMS).unlink()
    values = json.loads((folder / MANIFEST).read_text())
    del values["sha256"][CHECKSUMS]
    return with_manifest(folder, values)


def test_the_second_process_of_a_machine_reads_no_file_whole(folder: Path, read: list[str]) -> None:
    assert (opens(folder), sorted(read)) == (True, sorted(FILES))
    read.clear()

    assert (opens(folder), read) == (True, [])


@pytest.mark.parametrize("name", [INDEX, VECTORS])
def test_a_file_that_is_damaged_after_it_was_verified_is_not_opened(folder: Path, name: str) -> None:
    assert opens(folder)

    damage(folder / name)

    assert not opens(folder)


@pytest.mark.parametrize("name", [*FILES, CHECKSUMS])
def test_a_damaged_file_that_no_machine_verified_is_not_opened(folder: Path, name: str) -> None:
    damage(folder / name)

    assert not opens(folder)


def test_a_snapshot_of_before_is_compared_by_sha256(folder: Path, read: list[str]) -> None:
    before = without_xxh3(folder)

    assert (opens(before), sorted(read)) == (True, [f"{name}, SHA-256" for name in sorted(FILES)])


def test_a_damaged_snapshot_of_before_is_not_opened(folder: Path) -> None:
    before = without_xxh3(folder)

    damage(before / VECTORS)

    assert not opens(before)


def test_a_manifest_that_lacks_a_checksum_is_not_opened(folder: Path) -> None:
    values = json.loads((folder / MANIFEST).read_text())
    del values["sha256"][VECTORS]

    assert not opens(with_manifest(folder, values))


def test_a_file_that_is_damaged_and_given_its_former_time_is_not_opened(folder: Path) -> None:
    assert opens(folder)
    before = (folder / VECTORS).stat()

    damage(folder / VECTORS)
    os.utime(folder / VECTORS, ns=(before.st_atime_ns, before.st_mtime_ns))

    assert not opens(folder)


def test_another_machine_verifies_for_itself(
    folder: Path, read: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert opens(folder)
    read.clear()
    (tmp_path / "boot").write_text("another")
    monkeypatch.setattr(checksums, "BOOT_ID", tmp_path / "boot")

    assert (opens(folder), sorted(read)) == (True, sorted(FILES))


@pytest.mark.parametrize("boot", ["missing", "."])
def test_a_machine_without_an_id_verifies_each_time(
    folder: Path, read: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, boot: str
) -> None:
    monkeypatch.setattr(checksums, "BOOT_ID", tmp_path / boot)

    assert [opens(folder), opens(folder)] == [True, True]
    assert len(read) == 2 * len(FILES)


def test_a_folder_that_cannot_be_written_is_verified_each_time(
    folder: Path, read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "write_text", refuse)

    assert [opens(folder), opens(folder)] == [True, True]
    assert len(read) == 2 * len(FILES)
