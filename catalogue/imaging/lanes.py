"""Places for decoding: a lane for costly pictures, and a share of memory for all others.

A request waits a few seconds for a place, in a short queue, and is then refused. Whatever has no client to disappoint
(workers, commands) has a lane of its own and waits as long as it must.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from catalogue.exceptions import BusyError
from catalogue.imaging.patience import current

# Of a process, for its costly pictures: each of those waiting holds a thread.
WAITING_AT_MOST = 4
WAITS_AT_MOST_S = 6.0
_ASKED_EVERY_S = 0.02
# Of a process, for pictures that its own threads decode: each counts as a quarter of it at least, since of more than
# four at once none is ready sooner.
SHARED_BYTES = 120_000_000
_LEAST_BYTES = SHARED_BYTES // 4

_requests_waiting = threading.BoundedSemaphore(WAITING_AT_MOST)
_own_lanes = {True: threading.Lock(), False: threading.Lock()}
_folder: Path | None = None


def share_lanes(folder: Path) -> None:
    """Have all processes that are given the same folder decode one costly picture at a time."""
    global _folder  # noqa: PLW0603  (set once, where a process begins)
    _folder = folder


@contextmanager
def costly_lane() -> Iterator[None]:
    """Hold the one place for a costly picture. Raises BusyError for a request that finds too many waiting."""
    request = current() is not None
    if request and not _requests_waiting.acquire(blocking=False):
        raise BusyError("image.busy")
    try:
        release = _wait_for(lambda: _take_lane(request=request))
    finally:
        if request:
            _requests_waiting.release()
    try:
        yield
    finally:
        release()


@contextmanager
def memory_share(size: int) -> Iterator[None]:
    """Hold `size` bytes of what this process has for decoding. Raises BusyError for a request that waited too long."""
    weight = min(max(size, _LEAST_BYTES), SHARED_BYTES)
    release = _wait_for(lambda: _memory.take(weight))
    try:
        yield
    finally:
        release()


class _Memory:
    def __init__(self) -> None:
        self._lock, self._left = threading.Lock(), SHARED_BYTES

    def take(self, weight: int) -> Callable[[], None] | None:
        with self._lock:
            if self._left < weight:
                return None
            self._left -= weight
        return lambda: self._give_back(weight)

    def _give_back(self, weight: int) -> None:
        with self._lock:
            self._left += weight


_memory = _Memory()


def _wait_for(take: Callable[[], Callable[[], None] | None]) -> Callable[[], None]:
    """Ask until something is taken, and return what gives it back."""
    patience, began = current(), time.monotonic()
    while (release := take()) is None:
        if patience is not None:
            patience.check()
            if time.monotonic() - began > WAITS_AT_MOST_S:
                raise BusyError("image.busy")
        time.sleep(_ASKED_EVERY_S)
    return release


def _take_lane(*, request: bool) -> Callable[[], None] | None:
    if _folder is not None:
        # A disk that is full or read-only has no lock to share: each process then has its own.
        with suppress(OSError):
            return _take_file(_folder / f"decoding-{'requests' if request else 'background'}.lock")
    lane = _own_lanes[request]
    return lane.release if lane.acquire(blocking=False) else None


def _take_file(path: Path) -> Callable[[], None] | None:
    """Lock a file, which the system unlocks if this process dies."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return lambda: os.close(descriptor)
