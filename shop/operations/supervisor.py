"""Runs the processes of a Procfile on one machine: starts them, starts again what dies, stops all of them.

Each process leads a session of its own, so that Ctrl-C reaches the supervisor alone, and it decides who stops when.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

# Asked to stop, then so many seconds to finish what is in hand.
GRACE_S = 15.0
# A process that dies is started again after so many seconds, twice as many each time up to the most.
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 30.0
# One that ran so long was well: the pauses begin anew.
WELL_AFTER_S = 30.0
# Linux sends this signal to a child whose parent is gone, even killed outright.
PR_SET_PDEATHSIG = 1


def read_procfile(path: Path) -> dict[str, str]:
    """Return the commands of a Procfile by name, in its order."""
    lines = (line.strip() for line in path.read_text().splitlines())
    pairs = (line.split(":", 1) for line in lines if line and not line.startswith("#"))
    return {name.strip(): command.strip() for name, command in pairs}


@dataclass
class Child:
    """A process that should run, and what it takes to start it again."""

    name: str
    command: str
    log: BinaryIO
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause_s: float = FIRST_PAUSE_S
    due: float = 0.0


class Supervisor:
    """Keeps processes running. Stops them in the reverse order of their start."""

    def __init__(self, folder: Path, environment: Mapping[str, str], logs: Path) -> None:
        self._folder = folder
        self._environment = dict(environment)
        self._logs = logs
        self._children: list[Child] = []

    def start(self, name: str, command: str) -> None:
        """Start a process; what it prints goes to the end of <logs>/<name>.log."""
        self._logs.mkdir(parents=True, exist_ok=True)
        child = Child(name, command, (self._logs / f"{name}.log").open("ab"))
        self._children.append(child)
        self._launch(child)

    def restart_exited(self) -> None:
        """Start again what died. Call it often."""
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
                # What it left behind may hold its port.
                end_session(child.process)
                child.process = None
                child.due = time.monotonic() + child.pause_s
                child.pause_s = min(child.pause_s * 2, LONGEST_PAUSE_S)

    def stop(self) -> None:
        """Ask every process to stop, the last started first, and end those that do not."""
        for child in reversed(self._children):
            if child.process is not None:
                stop_group(child.process)
            child.log.close()
        self._children.clear()

    def _launch(self, child: Child) -> None:
        child.process = subprocess.Popen(  # noqa: S602  (a Procfile's commands are the project's own)
            f"exec {child.command}",
            shell=True,
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=child.log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=die_with_parent,  # noqa: PLW1509  (the supervisor has one thread)
        )
        child.started = time.monotonic()


def die_with_parent() -> None:
    """Ask Linux to end this process when the supervisor is gone, even if it was killed outright."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def stop_group(process: subprocess.Popen[bytes]) -> None:
    """Ask a process to stop, wait for it, and end what is left of its session."""
    try:
        process.terminate()
        process.wait(GRACE_S)
    except subprocess.TimeoutExpired:
        say(f"process {process.pid} does not stop; it is ended")
    end_session(process)
    process.wait()


def end_session(process: subprocess.Popen[bytes]) -> None:
    """End what is left of a process's session; as it should be, nobody is."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def say(text: str) -> None:
    print(text, flush=True)  # noqa: T201  (to the person at the terminal)
