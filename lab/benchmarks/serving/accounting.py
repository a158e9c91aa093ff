"""Processor time of server processes, from the system's accounting (/proc): what machines share changes it little."""

from __future__ import annotations

import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
# In /proc/PID/stat after the name, which may hold spaces: the parent; user and system time of the process, and of its
# children that have ended (proc_pid_stat(5)).
_PARENT, _TIMES = 1, slice(11, 15)


def processor_s(*process_ids: int) -> float:
    """Return the seconds of processor time, user and system, of processes, their descendants, and those that ended.

    In steps of 10 ms for each process: meant for many requests.
    """
    facts = {number: fact for number in _process_ids() if (fact := _facts_of(number)) is not None}
    own = set(process_ids)
    # A descendant may have a lower number than its parent.
    while more := {number for number, (parent, _) in facts.items() if parent in own} - own:
        own |= more
    return sum(seconds for number, (_, seconds) in facts.items() if number in own)


def _process_ids() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def _facts_of(process_id: int) -> tuple[int, float] | None:
    """Return a process's parent and its seconds; None where it has ended."""
    try:
        fields = Path("/proc", str(process_id), "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return int(fields[_PARENT]), sum(map(int, fields[_TIMES])) / _TICKS
