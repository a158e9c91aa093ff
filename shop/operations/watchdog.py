"""A watchdog: ends processes that hang, so that the supervisor starts them again, and says what they hung on.

A process hangs if it shows no pulse, or works at something while nothing in it gets on and it uses no processor time.
What has no pulse (the broker, a server's parent) is asked by a probe. Only the monotonic clock counts.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from shop.observability.pulse import Pulse, read_pulses
from shop.operations.supervisor import Child, say

# Seconds without a pulse. Twenty processes on one core are slow, and do not hang.
SILENT_S = 30.0
# Seconds at work in which nothing of the process gets on: longer than any time limit of a request or a task.
STUCK_S = 180.0
# Seconds at one piece of work, whatever the process does meanwhile.
ENDLESS_S = 3_600.0
# Processor seconds that show that work gets on.
WORKING_CPU_S = 1.0
# Seconds in which a probe fails, from when it first succeeded; and without a success, from the start of the process.
PROBE_FAILS_S, STARTS_WITHIN_S = 45.0, 180.0
# Seconds between two looks, and between two of a supervisor that hung or was frozen itself: then nobody is blamed.
LOOK_S, LATE_LOOK_S = 2.0, 10.0
# Seconds from SIGABRT, which has a process tell its stacks, to SIGKILL.
TELLS_WITHIN_S = 3.0

# By the name of a process of the Procfile: whether it answers. A probe must not take longer than a few seconds.
Probes = Mapping[str, Callable[[], bool]]


@dataclass
class Seen:
    """What the watchdog knows of a process: its processor time, and when that last grew."""

    cpu_s: float
    at: float


@dataclass
class Watchdog:
    """Looks after the processes of a supervisor. Call `look` often."""

    folder: Path
    probes: Probes = field(default_factory=dict)
    # Whether the broker answers: a worker without one waits in its own loop, and does not hang.
    broker_answers: Callable[[], bool] = lambda: True
    _seen: dict[int, Seen] = field(default_factory=dict)
    _answered: dict[str, float] = field(default_factory=dict)
    _ending: dict[int, float] = field(default_factory=dict)
    _next: float = 0.0

    def look(self, children: list[Child]) -> None:
        """End what hangs. At most every LOOK_S."""
        now = time.monotonic()
        self._end_those_told(children, now)
        if now < self._next:
            return
        if self._next and now - self._next > LATE_LOOK_S:
            # We were frozen ourselves, and perhaps all with us: they need the time to show a pulse.
            self._answered = dict.fromkeys(self._answered, now)
            self._seen.clear()
            self._next = now + SILENT_S
            return
        pulses = [(child, pulse) for pulse in read_pulses(self.folder) if (child := child_of(children, pulse.pid))]
        self._seen = {pulse.pid: self._seen.get(pulse.pid, Seen(pulse.cpu_s, now)) for _child, pulse in pulses}
        for child, pulse in pulses:
            if pulse.pid not in self._ending and (reason := self._why_it_hangs(pulse, now)):
                blame(child, pulse.pid, f"{reason}{doing(pulse, now)}")
                self._tell_and_end(pulse.pid, now)
        for child in children:
            got_on = max((pulse.progress for of, pulse in pulses if of is child), default=0.0)
            if child.process is not None and (reason := self._why_unanswered(child, got_on)):
                blame(child, child.process.pid, reason)
                self._tell_and_end(child.process.pid, now)
        # Probes take their time.
        self._next = time.monotonic() + LOOK_S

    def _why_it_hangs(self, pulse: Pulse, now: float) -> str:
        """Return in what way a process hangs; nothing if it does not."""
        seen = self._seen[pulse.pid]
        if pulse.cpu_s - seen.cpu_s > WORKING_CPU_S:
            seen.cpu_s, seen.at = pulse.cpu_s, now
        if now - pulse.beat > SILENT_S:
            return f"no pulse for {now - pulse.beat:.0f} s"
        if pulse.busy:
            if now - max(pulse.progress, pulse.busy_since, seen.at) > STUCK_S:
                return f"no progress for {now - pulse.progress:.0f} s"
            return "it does not end" if now - pulse.busy_since > ENDLESS_S else ""
        stands = pulse.turned and now - max(pulse.turned, pulse.progress) > STUCK_S
        return f"it has taken no work for {now - pulse.turned:.0f} s" if stands and self.broker_answers() else ""

    def _why_unanswered(self, child: Child, got_on: float) -> str:
        """Return for how long a process has answered no probe, and has got on with nothing; nothing if it is well."""
        probe = self.probes.get(child.name)
        if probe is None or child.process is None or child.process.poll() is not None:
            return ""
        if child.process.pid in self._ending:
            return ""
        if probe():
            self._answered[child.name] = time.monotonic()
            return ""
        answered = self._answered.get(child.name, 0.0)
        limit = PROBE_FAILS_S if answered > child.started else STARTS_WITHIN_S
        # Under a heavy load it gets on with others' requests, and not with ours.
        silent = time.monotonic() - max(answered, child.started, got_on)
        return f"it has not answered for {silent:.0f} s" if silent > limit else ""

    def _tell_and_end(self, pid: int, now: float) -> None:
        for number in (signal.SIGABRT, signal.SIGCONT):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, number)
        self._ending[pid] = now + TELLS_WITHIN_S

    def _end_those_told(self, children: list[Child], now: float) -> None:
        for pid, due in list(self._ending.items()):
            # A number may be another process's by now.
            if child_of(children, pid) is None:
                del self._ending[pid]
            elif now >= due:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)


def doing(pulse: Pulse, now: float) -> str:
    return f"; for {now - pulse.busy_since:.0f} s at {pulse.busy}" if pulse.busy else ""


def child_of(children: list[Child], pid: int) -> Child | None:
    """Return the supervised process whose session a process belongs to."""
    try:
        session = os.getsid(pid)
    except OSError:
        return None
    return next((child for child in children if child.process is not None and child.process.pid == session), None)


def blame(child: Child, pid: int, reason: str) -> None:
    """Tell at the terminal and in the process's log why it is ended."""
    text = f"{child.name} (process {pid}) hangs: {reason}. It is ended and restarted."
    say(text)
    with contextlib.suppress(OSError, ValueError):
        child.log.write(f"{text}\n".encode())
        child.log.flush()
