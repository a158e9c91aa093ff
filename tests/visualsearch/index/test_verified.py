"""A snapshot's checksums are compared once a machine, and again as soon as a file may have changed."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from tests.visualsearch.index.test_lists import COUNT, SPACE, build, clustered
from visualsearch.index import checksums
from visualsearch.index.faiss import FaissIndex
from visualsearch.index.snapshot import FILES, INDEX, VECTORS


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
    """The names of the files whose checksums were computed."""
    names: list[str] = []
    file_sha256 = checksums.file_sha256

    def noted(path: Path) -> str:
        names.append(path.name)
        return file_sha256(path)

    monkeypatch.setattr(checksums, "file_sha256", noted)
    return names


def opens(folder: Path) -> bool:
    return FaissIndex(SPACE, folder=folder.parent.parent, exact_up_to=500).reopen(head=lambda: 10)


def damage(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[-1] ^= 255
    file.write_bytes(content)


def test_the_second_process_of_a_machine_reads_no_file_whole(folder: Path, read: list[str]) -> None:
    assert (opens(folder), sorted(read)) == (True, sorted(FILES))
    read.clear()

    assert (opens(folder), read) == (True, [])


@pytest.mark.parametrize("name", [INDEX, VECTORS])
def test_a_file_that_is_damaged_after_it_was_verified_is_not_opened(folder: Path, name: str) -> None:
    assert opens(folder)

    damage(folder / name)

    assert not opens(folder)


def test_a_file_that_is_damaged_and_given_its_former_time_is_not_opened(folder: Path) -> None:
    assert opens(folder)
    before = (folder / VECTORS).stat()

    damage(folder / VECTORS)
    os.utime(folder / VECTORS, ns=(before.st_atime_ns, before.st_mtime_ns))

    assert not opens(folder)


def test_a_damaged_file_that_no_machine_verified_is_not_opened(folder: Path) -> None:
    damage(folder / INDEX)

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
