"""Run a command and note what it took: `python -m tests.timed FILE TITLE COMMAND …`. FILE alone prints all notes."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

HEADINGS = ("step", "minutes", "processor")


def timed(file: Path, title: str, command: list[str]) -> int:
    """Run a command, add a line to the file, and return its exit status.

    Its processor's time is its own, and that of each process that it started and waited for.
    """
    # A shell's background begins with these ignored, which all that it starts would inherit.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGQUIT, signal.SIG_DFL)
    started = time.monotonic()
    process = subprocess.Popen(command)
    # Whoever is told to end passes it on.
    signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    status = process.wait()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    with file.open("a") as lines:
        lines.write(f"{title}\t{time.monotonic() - started:.1f}\t{used.ru_utime + used.ru_stime:.1f}\n")
    # As a shell says that a signal ended a command.
    return status if status >= 0 else 128 - status


def table(file: Path) -> str:
    """Return the steps of a file with their minutes, by the clock and of processors. Some may have run side by side."""
    noted = [line.split("\t") for line in file.read_text().splitlines()]
    steps = [(title, float(wall), float(used)) for title, wall, used in noted]
    total = sum(used for _, _, used in steps)
    rows = [
        HEADINGS,
        *((title, minutes(wall), minutes(used)) for title, wall, used in steps),
        ("all", "", minutes(total)),
    ]
    return "\n".join(f"{title:54}{wall:>8}{used:>11}" for title, wall, used in rows)


def minutes(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02}"


if __name__ == "__main__":
    written = Path(sys.argv[1])
    if len(sys.argv) == 2:
        print(table(written), f"{len(os.sched_getaffinity(0))} processors", sep="\n")  # noqa: T201  (what it is for)
    else:
        sys.exit(timed(written, sys.argv[2], sys.argv[3:]))
