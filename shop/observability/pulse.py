"""The pulse of a process: in shared memory, what it is doing and when it last got on, for a watchdog outside of it.

A thread writes it every two seconds, so that a process that is frozen, or whose threads all wait for one another, has
none or shows work that does not end. Times are monotonic: they are the same in all processes, and no change of the
clock moves them. Nothing is written where nobody watches.
"""

from __future__ import annotations

import faulthandler
import json
import mmap
import os
import resource
import threading
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from shop.observability.metric_files import allocate

BEAT_S = 2.0
BYTES = 4096
NAME_AT_MOST = 200


@dataclass(frozen=True, slots=True)
class Pulse:
    """What a process last wrote: the time, when any work last got on, its processor time, and its oldest work.

    All in seconds on the monotonic clock. `busy` is empty, and `busy_since` the same as `beat`, where nothing is done.
    `turned` is when the loop that takes work last turned, 0 where there is none.
    """

    pid: int
    beat: float
    progress: float
    turned: float
    cpu_s: float
    busy: str
    busy_since: float


class Work:
    """A request or a task that was begun. `name` may be told later; `go_on` says that it gets on."""

    def __init__(self, pulses: PulseWriter, name: str) -> None:
        self.name, self.since = name, time.monotonic()
        self._pulses = pulses

    def go_on(self) -> None:
        self._pulses.progress = time.monotonic()


class PulseWriter:
    """Writes the pulse of this process into a folder, if that exists: whoever supervises makes it."""

    def __init__(self) -> None:
        self.progress = time.monotonic()
        self.turned = 0.0
        self._folder: Path | None = None
        self._owner = 0
        self._lock = threading.Lock()
        self._works: dict[int, Work] = {}
        self._current = threading.local()

    def start(self, folder: Path) -> None:
        """Write from now on, also in children of this process once they work."""
        self._folder = folder
        self._ensure_running()

    def turn(self) -> None:
        """Say that the loop that takes work has turned. It must do so every few seconds then."""
        self._ensure_running()
        self.turned = time.monotonic()

    def begin(self, name: str) -> Work:
        self._ensure_running()
        work = Work(self, name)
        self._works[id(work)] = work
        self._current.work = work
        return work

    def end(self, work: Work) -> None:
        self._works.pop(id(work), None)
        self._current.work = None
        work.go_on()

    def end_current(self) -> None:
        """End what this thread is at, if anything."""
        work = getattr(self._current, "work", None)
        if work is not None:
            self.end(work)

    def rename(self, name: str) -> None:
        """Name what this thread does, as soon as it is known better. Nothing where it does nothing."""
        work = getattr(self._current, "work", None)
        if work is not None:
            work.name = name

    def _ensure_running(self) -> None:
        if self._folder is None or self._owner == os.getpid():
            return
        with self._lock:
            if self._owner == os.getpid():
                return
            self._owner = os.getpid()
            self._works.clear()
            self.progress = time.monotonic()
        if self._folder.is_dir():
            tell_where_it_hangs()
            threading.Thread(target=self._beat, args=(self._folder,), name="pulse", daemon=True).start()

    def _beat(self, folder: Path) -> None:
        path = folder / f"{os.getpid()}.pulse"
        while True:
            with suppress(OSError):
                allocate(str(path), BYTES)
                with path.open("r+b") as file:
                    page = mmap.mmap(file.fileno(), BYTES)
                break
            # There is no room: the watchdog does not know this process until there is.
            time.sleep(BEAT_S)
        while True:
            page[:] = json.dumps(asdict(self.read())).encode().ljust(BYTES, b"\0")
            time.sleep(BEAT_S)

    def read(self) -> Pulse:
        """Return the pulse as it is now."""
        now = time.monotonic()
        works = sorted(self._works.copy().values(), key=lambda work: work.since)
        name, since = (works[0].name, works[0].since) if works else ("", now)
        return Pulse(os.getpid(), now, self.progress, self.turned, time.process_time(), name[:NAME_AT_MOST], since)


def tell_where_it_hangs() -> None:
    """Have SIGABRT write the stacks of all threads into the log and end the process, without a core file."""
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    # Without a standard error there is nowhere to write to.
    with suppress(OSError, ValueError, RuntimeError, AttributeError):
        faulthandler.enable(all_threads=True)


def read_pulses(folder: Path) -> list[Pulse]:
    """Return the pulses in a folder, and remove those of processes that ended. What is half written is left out."""
    pulses = []
    for path in folder.glob("*.pulse"):
        try:
            pulse = Pulse(**json.loads(path.read_bytes().rstrip(b"\0")))
        except (OSError, ValueError, TypeError):
            continue
        if is_running(pulse.pid):
            pulses.append(pulse)
        else:
            path.unlink(missing_ok=True)
    return pulses


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


pulses = PulseWriter()
