"""Files of metrics that cannot end a process: each is allocated before it is mapped, or the metrics stay in memory.

prometheus_client maps files that are longer than what the disk has given out. On a full disk, the first write to such a
page ends the process with SIGBUS, which no `except` catches. Metrics are aids: they are dropped before anything fails.
"""

from __future__ import annotations

import logging
import mmap
import os
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from prometheus_client import values
from prometheus_client.mmap_dict import MmapedDict

logger = logging.getLogger(__name__)

# How long metrics stay in this process's memory alone before a file is tried again.
RETRY_S = 30.0
FIRST_BYTES = 1 << 16
# What an entry needs beside its key: its length, padding, two doubles.
ENTRY_BYTES = 32


class AllocatedDict(MmapedDict):
    """A dict of doubles in an allocated and mapped file; without one, in memory of this process alone.

    What was counted in memory goes into the file as soon as one can be had.
    """

    def __init__(self, filename: str, read_mode: bool = False) -> None:
        self._file_name = filename
        self._retry_at: float | None = None
        try:
            allocate(filename, FIRST_BYTES)
            super().__init__(filename, read_mode)  # type: ignore[no-untyped-call]  # it has no types
        except OSError as error:
            self._f: Any = None
            self._positions: dict[str, int] = {}
            self._used = 8
            self._stay_in_memory(self._used.to_bytes(8, sys.byteorder), error)

    def _init_value(self, key: str) -> None:
        if self._used + len(key.encode()) + ENTRY_BYTES > self._capacity:
            self._grow()
        super()._init_value(key)  # type: ignore[no-untyped-call]  # as above

    def write_value(self, key: str, value: float, timestamp: float) -> None:
        if self._retry_at is not None and time.monotonic() > self._retry_at:
            self._share()
        super().write_value(key, value, timestamp)  # type: ignore[no-untyped-call]  # as above

    def close(self) -> None:
        if self._f is None and self._m is not None:
            self._m.close()
            self._m: Any = None
        super().close()  # type: ignore[no-untyped-call]  # as above

    def _grow(self) -> None:
        content = bytes(self._m[: self._used])
        if self._f is None:
            self._stay_in_memory(content)
            return
        try:
            allocate(self._file_name, 2 * self._capacity)
            self._m = mmap.mmap(self._f.fileno(), 2 * self._capacity)
            self._capacity *= 2
        except OSError as error:
            # What the file has so far is still added up.
            self._f.close()
            self._f = None
            self._stay_in_memory(content, error)

    def _stay_in_memory(self, content: bytes, error: OSError | None = None) -> None:
        if error is not None:
            logger.warning("metrics of this process are not shared until there is room: %s", error.strerror)
        self._retry_at = time.monotonic() + RETRY_S
        self._capacity = max(FIRST_BYTES, 2 * len(content))
        self._m = mmap.mmap(-1, self._capacity)
        self._m[: len(content)] = content

    def _share(self) -> None:
        """Move what is in memory into a file, if there is room for one now."""
        try:
            allocate(self._file_name, self._capacity)
            file = Path(self._file_name).open("r+b")  # noqa: SIM115  (open as long as the process runs)
        except OSError:
            self._retry_at = time.monotonic() + RETRY_S
            return
        try:
            mapped = mmap.mmap(file.fileno(), self._capacity)
        except OSError:
            file.close()
            self._retry_at = time.monotonic() + RETRY_S
            return
        mapped[: self._used] = self._m[: self._used]
        self._m.close()
        self._f, self._m, self._retry_at = file, mapped, None


def allocate(name: str, size: int) -> None:
    """Have the disk give out every byte of a file that is created if need be. Raises OSError if it has not as many."""
    descriptor = os.open(name, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        before = os.fstat(descriptor).st_size
        try:
            os.posix_fallocate(descriptor, 0, max(size, before))
        except OSError:
            if not before:
                # What adds the files up stumbles over one that has no head.
                with suppress(OSError):
                    Path(name).unlink()
            raise
    finally:
        os.close(descriptor)


def use_allocated_files() -> None:
    """Have metrics lie in allocated files. Call it before the first metric is created."""
    values.MmapedDict = AllocatedDict  # type: ignore[attr-defined]  # the library has no setting for it
