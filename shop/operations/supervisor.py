"""A process supervisor: starts the processes of a Procfile, restarts those that exit, and stops them in order.

Each process has a session of its own, so that Ctrl-C reaches the supervisor alone, which stops them in its order.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

# Seconds between SIGTERM and SIGKILL.
GRACE_S = 15.0
# Exponential backoff of restarts: the first pause doubles each time up to the longest.
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 30.0
# The backoff of a process that ran for so many seconds is reset.
WELL_AFTER_S = 30.0
# prctl option: Linux sends a signal to the process when its parent ends, even by SIGKILL.
PR_SET_PDEATHSIG = 1


def read_procfile(path: Path) -> dict[str, str]:
    """Return the commands of a Procfile by name, in its order."""
    lines = (line.strip() for line in path.read_text().splitlines())
    pairs = (line.split(":", 1) for line in lines if line and not line.startswith("#"))
    return {name.strip(): command.strip() for name, command in pairs}


@dataclass
class Child:
    """A supervised process, and the state of its restarts."""

    name: str
    command: str
    log: BinaryIO
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause_s: float = FIRST_PAUSE_S
    due: float = 0.0


class Supervisor:
    """Keeps processes running, and stops them in the reverse order of their start."""

    def __init__(
        self,
        folder: Path,
        environment: Mapping[str, str],
        logs: Path,
        watch: Callable[[list[Child]], None] = lambda children: None,
        inherited: Sequence[int] = (),
    ) -> None:
        """`watch` is called often with the processes, to end those that hang; what ended is started again.

        The processes inherit the file descriptors `inherited`.
        """
        self._inherited = tuple(inherited)
        self._watch = watch
        self._folder = folder
        self._environment = dict(environment)
        self._logs = logs
        self._children: list[Child] = []

    def start(self, name: str, command: str) -> None:
        """Start a process; its output is appended to <logs>/<name>.log."""
        child = Child(name, command, self._open_log(name))
        self._children.append(child)
        self._launch(child)

    def _open_log(self, name: str) -> BinaryIO:
        """Return the log to append to. On a disk that takes no file, what a process says is dropped."""
        try:
            self._logs.mkdir(parents=True, exist_ok=True)
            return (self._logs / f"{name}.log").open("ab", buffering=0)
        except OSError as error:
            say(f"{name} has no log: {error.strerror}")
            return Path(os.devnull).open("ab", buffering=0)

    def restart_exited(self) -> None:
        """Restart processes that exited, after their backoff, and have those ended that hang. Call it often."""
        self._watch(self._children)
        for child in self._children:
            if child.process is None:
                if time.monotonic() >= child.due:
                    self._launch(child)
            elif child.process.poll() is not None:
                if time.monotonic() - child.started > WELL_AFTER_S:
                    child.pause_s = FIRST_PAUSE_S
                say(
                    f"{child.name} ended with status {child.process.returncode}; starting it again. "
                    f"What it said is in {self._logs / child.name}.log"
                )
                # Its remaining children may hold its port.
                end_session(child.process)
                child.process = None
                child.due = time.monotonic() + child.pause_s
                child.pause_s = min(child.pause_s * 2, LONGEST_PAUSE_S)

    def stop(self) -> None:
        """Send SIGTERM to every process, the last started first, and SIGKILL to those that do not stop."""
        for child in reversed(self._children):
            if child.process is not None:
                stop_group(child.process)
            child.log.close()
        self._children.clear()

    def _launch(self, child: Child) -> None:
        child.started = time.monotonic()
        try:
            child.process = self._spawn(child)
        except OSError as error:
            # No file descriptor, no process or no memory is left at the moment.
            say(f"{child.name} cannot be started: {error.strerror}; it is tried again")
            child.due = time.monotonic() + child.pause_s
            child.pause_s = min(child.pause_s * 2, LONGEST_PAUSE_S)

    def _spawn(self, child: Child) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S602  (a Procfile's commands are the project's own)
            f"exec {child.command}",
            shell=True,
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=child.log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=self._inherited,
            preexec_fn=die_with_parent,  # noqa: PLW1509  (the supervisor has one thread)
        )


def die_with_parent() -> None:
    """Have Linux send SIGTERM to this process when the supervisor ends, even by SIGKILL."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def stop_group(process: subprocess.Popen[bytes]) -> None:
    """Send SIGTERM to a process, wait for up to GRACE_S, then kill its session."""
    try:
        process.terminate()
        process.wait(GRACE_S)
    except subprocess.TimeoutExpired:
        say(f"process {process.pid} does not stop; it is ended")
    end_session(process)
    process.wait()


def end_session(process: subprocess.Popen[bytes]) -> None:
    """Send SIGKILL to what is left of a process's session; normally nothing is."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def say(text: str) -> None:
    # The terminal may be a file on a full disk.
    with contextlib.suppress(OSError):
        print(text, flush=True)  # noqa: T201  (to the person at the terminal)
