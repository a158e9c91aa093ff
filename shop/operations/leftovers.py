"""Processes that a supervisor left behind as it was killed: the next one waits for them, then ends them.

Each process inherits an open file with a lock of its own. That is free once the last of them has ended, whatever became
of the supervisor, and tells them from processes that have nothing to do with this shop.
"""

from __future__ import annotations

import fcntl
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TextIO

# They were told to stop: as long as a supervisor gives them, and until the kernel has ended what is killed.
STOP_WITHIN_S, END_WITHIN_S = 15.0, 10.0
ASKED_EVERY_S = 0.1


class LeftoversError(Exception):
    """Processes of a former supervisor go on, and cannot be ended from here."""


def without_leftovers(
    path: Path, say: Callable[[str], None], *, stop_within_s: float = STOP_WITHIN_S, end_within_s: float = END_WITHIN_S
) -> TextIO:
    """Return the locked file that processes are to inherit, once no process has it any more.

    Raises LeftoversError. Call it only while no other supervisor runs.
    """
    file = path.open("a")
    if locked(file, 0.0):
        return file
    say("Waiting for processes that were left when the shop was killed …")
    if locked(file, stop_within_s):
        return file
    for pid in holders(path):
        say(f"process {pid} does not stop; it is ended")
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
    if locked(file, end_within_s):
        return file
    file.close()
    raise LeftoversError(f"Processes of this shop were left when it was killed. End those that have {path} open.")


def locked(file: TextIO, within_s: float) -> bool:
    """Lock a file, and return whether that was possible within so many seconds."""
    until = time.monotonic() + within_s
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                return False
            time.sleep(ASKED_EVERY_S)
        else:
            return True


def holders(path: Path) -> Iterator[int]:
    """Yield the other processes that have a file open, as far as /proc tells; elsewhere than on Linux none."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if int(process.name) != os.getpid() and any(one.samefile(path) for one in (process / "fd").iterdir()):
                yield int(process.name)
