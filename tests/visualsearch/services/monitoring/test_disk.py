from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from visualsearch.services.monitoring import disk
from visualsearch.services.monitoring.disk import Disk, disk_state, examine


class Usage:
    """What statvfs tells of a disk of 100 GB with a million file names."""

    f_frsize = 1
    f_blocks = 10**11
    f_files = 10**6

    def __init__(self, *, free: int = 10**10, files: int = 10**5) -> None:
        self.f_bavail, self.f_favail = free, files


@pytest.mark.parametrize(
    ("usage", "state"),
    [
        (Usage(), "ok"),
        (Usage(free=10**9), "ok"),
        (Usage(free=10**9 - 1), "low"),
        (Usage(files=10**4), "ok"),
        (Usage(files=10**4 - 1), "low"),
    ],
)
def test_a_disk_is_low_before_it_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, usage: Usage, state: str
) -> None:
    monkeypatch.setattr(os, "statvfs", lambda folder: usage)
    assert examine(tmp_path).state == state


def test_a_small_disk_needs_a_tenth(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = Usage(free=2 * 10**8)
    usage.f_blocks = 10**9
    monkeypatch.setattr(os, "statvfs", lambda folder: usage)
    assert examine(tmp_path).state == "ok"


@pytest.mark.parametrize(
    ("number", "state"),
    [
        (errno.ENOSPC, "full"),
        (errno.EDQUOT, "full"),
        (errno.EFBIG, "full"),
        (errno.EROFS, "unwritable"),
        (errno.EMFILE, "unwritable"),
        (errno.EACCES, "unwritable"),
    ],
)
def test_a_disk_that_takes_no_file_is_told_by_its_cause(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, state: str
) -> None:
    def fail(**options: Any) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(tempfile, "TemporaryFile", fail)

    found = examine(tmp_path)

    assert (found.state, found.reason) == (state, os.strerror(number))


def test_a_folder_that_is_gone_cannot_be_written_to(tmp_path: Path) -> None:
    assert examine(tmp_path / "gone").state == "unwritable"


def test_examining_leaves_nothing(tmp_path: Path) -> None:
    examine(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_state_holds_for_two_seconds(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.DATA_DIR = tmp_path
    states = [Disk("full"), Disk("ok")]
    monkeypatch.setattr(disk, "examine", lambda folder: states.pop(0))
    assert disk.STATE_HOLDS_S == 2.0

    assert [disk_state().state, disk_state().state] == ["full", "full"]
    monkeypatch.setattr(disk, "STATE_HOLDS_S", -1.0)
    assert disk_state().state == "ok"
