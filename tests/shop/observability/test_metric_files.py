"""Metrics on a disk without room: nothing ends or raises, and what was counted is shared once there is room."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.mmap_dict import MmapedDict

from shop.observability import metric_files
from shop.observability.metric_files import AllocatedDict


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """A disk that is full while the list has an entry."""
    full: list[bool] = []
    allocate = os.posix_fallocate

    def allocate_if_there_is_room(*arguments: int) -> None:
        if full:
            raise OSError(errno.ENOSPC, "No space left on device")
        allocate(*arguments)

    monkeypatch.setattr(os, "posix_fallocate", allocate_if_there_is_room)
    return full


@pytest.fixture
def open_file(tmp_path: Path) -> Iterator[Callable[[], AllocatedDict]]:
    opened: list[AllocatedDict] = []

    def open_one() -> AllocatedDict:
        opened.append(AllocatedDict(str(tmp_path / "counter_1.db")))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()


def stored(path: Path) -> dict[str, float]:
    entries: Any = MmapedDict.read_all_values_from_file(str(path))  # type: ignore[no-untyped-call]  # it has no types
    return {key: value for key, value, *_ in entries}


def counted_as(opened: Any, key: str) -> Any:
    return opened.read_value(key)[0]


def test_every_byte_of_a_file_is_the_disks_before_it_is_mapped(
    tmp_path: Path, open_file: Callable[[], AllocatedDict]
) -> None:
    open_file().write_value("requests", 2.0, 0.0)

    status = (tmp_path / "counter_1.db").stat()
    assert status.st_blocks * 512 >= status.st_size == metric_files.FIRST_BYTES
    assert stored(tmp_path / "counter_1.db") == {"requests": 2.0}


def test_on_a_full_disk_metrics_are_counted_and_leave_no_file(
    tmp_path: Path, open_file: Callable[[], AllocatedDict], disk: list[bool]
) -> None:
    disk.append(True)
    counted = open_file()

    for number in range(2_000):
        counted.write_value(f"a metric with a long name, number {number}", 1.0, 0.0)

    assert counted_as(counted, "a metric with a long name, number 1999") == 1.0
    assert list(tmp_path.iterdir()) == []


def test_what_was_counted_in_memory_is_shared_once_there_is_room(
    tmp_path: Path, open_file: Callable[[], AllocatedDict], disk: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metric_files, "RETRY_S", 0.0)
    disk.append(True)
    counted = open_file()
    counted.write_value("requests", 2.0, 0.0)
    disk.clear()

    counted.write_value("searches", 3.0, 0.0)

    assert stored(tmp_path / "counter_1.db") == {"requests": 2.0, "searches": 3.0}


def test_a_file_that_cannot_grow_keeps_what_it_has(
    tmp_path: Path, open_file: Callable[[], AllocatedDict], disk: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metric_files, "RETRY_S", 0.0)
    counted = open_file()
    counted.write_value("first", 1.0, 0.0)
    disk.append(True)

    for number in range(2_000):
        counted.write_value(f"a metric with a long name, number {number}", 1.0, 0.0)
    before = stored(tmp_path / "counter_1.db")
    disk.clear()
    counted.write_value("first", 2.0, 0.0)

    assert before["first"] == 1.0
    assert len(before) < 2_001
    assert (len(stored(tmp_path / "counter_1.db")), counted_as(counted, "first")) == (2_001, 2.0)


# The files of a process that may write none of that size: without the check it would be ended by SIGBUS or an error.
LIMITED = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
from shop.observability.metric_files import use_allocated_files
use_allocated_files()
from prometheus_client import Counter
counter = Counter("some", "Some.")
counter.inc()
print(counter._value.get())
"""


def test_a_process_that_may_write_no_file_of_that_size_counts_on(tmp_path: Path) -> None:
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}

    done = subprocess.run([sys.executable, "-c", LIMITED], env=environment, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout.strip()) == (0, "1.0"), done.stderr
    assert list(tmp_path.iterdir()) == []
