"""The watchdog ends what hangs, says what it hung on, and nothing else."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from lab.harness.trial_shop import wait_until
from shop.observability.pulse import Pulse
from shop.operations import watchdog as watching
from shop.operations.supervisor import Child, Supervisor
from shop.operations.watchdog import Watchdog

# A process that shows its pulse, and then does what its argument says.
PROGRAM = """
import sys, threading, time
from pathlib import Path
from shop.observability import pulse
pulse.BEAT_S = 0.05
pulse.pulses.start(Path(sys.argv[1]))
if sys.argv[2] == "deadlock":
    pulse.pulses.begin("POST api-predict, request_id abc")
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()
time.sleep(60)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pulse").mkdir()
    return tmp_path / "pulse"


@pytest.fixture
def watchdog(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Watchdog:
    for name, seconds in {"STUCK_S": 1.0, "LOOK_S": 0.05, "TELLS_WITHIN_S": 1.0}.items():
        monkeypatch.setattr(watching, name, seconds)
    return Watchdog(folder)


@pytest.fixture
def start(tmp_path: Path, watchdog: Watchdog) -> Iterator[Callable[[str], Supervisor]]:
    (tmp_path / "program.py").write_text(PROGRAM)
    path = os.pathsep.join([str(Path(__file__).parents[3]), *sys.path])
    made = Supervisor(tmp_path, {**os.environ, "PYTHONPATH": path}, tmp_path / "log", watchdog.look)

    def started(how: str) -> Supervisor:
        made.start("one", f"{sys.executable} program.py {watchdog.folder} {how}")
        return made

    yield started
    made.stop()


def pids(folder: Path) -> set[int]:
    return {int(path.stem) for path in folder.glob("*.pulse") if path.stat().st_size}


def wait_for(check: Callable[[], bool], supervisor: Supervisor, what: str) -> None:
    def is_so() -> bool:
        supervisor.restart_exited()
        return check()

    wait_until(is_so, within_s=30, what=what, asked_every_s=0.05)


def test_a_process_that_deadlocks_is_started_again_and_its_request_is_in_the_log(
    start: Callable[[str], Supervisor], folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    supervisor = start("deadlock")
    wait_for(lambda: len(pids(folder)) == 1, supervisor, "it shows a pulse")
    (first,) = pids(folder)

    wait_for(lambda: bool(pids(folder) - {first}), supervisor, "another is there")

    log = (tmp_path / "log/one.log").read_text()
    assert f"one (process {first}) hangs: no progress for" in log
    assert "at POST api-predict, request_id abc. It is ended and restarted." in log
    assert 'program.py", line' in log  # Where it hung.
    assert "request_id abc" in capsys.readouterr().out


def test_a_process_that_is_frozen_is_started_again(
    start: Callable[[str], Supervisor], folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "SILENT_S", 2.0)
    supervisor = start("sleep")
    wait_for(lambda: len(pids(folder)) == 1, supervisor, "it shows a pulse")
    (first,) = pids(folder)

    os.kill(first, signal.SIGSTOP)

    wait_for(lambda: bool(pids(folder) - {first}), supervisor, "another is there")
    assert f"(process {first}) hangs: no pulse for" in (tmp_path / "log/one.log").read_text()


class Clock:
    """The watchdog's clock, which the test moves."""

    now = 1_000.0

    def monotonic(self) -> float:
        return self.now


class Watched:
    """A watchdog of one child, which is this process, with limits as they are; nothing is ended."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.clock, self.folder = Clock(), folder
        self.answers, self.broker = True, True
        self.ended: list[int] = []
        monkeypatch.setattr(watching, "time", self.clock)
        # Signal 0 only asks whether a process is there.
        monkeypatch.setattr(os, "kill", lambda pid, number: self.ended.append(number) if number else None)
        log = (folder / "log").open("ab", buffering=0)
        self.child = Child("web", "", log, started=self.clock.now)
        self.child.process = self  # type: ignore[assignment]  # what is asked of it
        self.pid = os.getpid()
        monkeypatch.setattr(watching, "child_of", lambda children, pid: self.child)
        self.watchdog = Watchdog(folder, {"web": lambda: self.answers}, lambda: self.broker)
        self.pulse = Pulse(self.pid, 1_000.0, 1_000.0, 0.0, 0.0, "", 1_000.0)

    def poll(self) -> None:
        return None

    def hangs_after(self, seconds: float, *, every_s: int = 2, **pulse: float | str) -> bool:
        """Look again and again for so long, as the pulse is, beating; return whether it was ended."""
        for _ in range(int(seconds / every_s)):
            self.clock.now += every_s
            shown = replace(self.pulse, **{"beat": self.clock.now, **pulse})  # type: ignore[arg-type]  # its fields
            (self.folder / f"{self.pid}.pulse").write_text(json.dumps(asdict(shown)))
            self.watchdog.look([self.child])
        return bool(self.ended)


@pytest.fixture
def watched(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    made = Watched(folder, monkeypatch)
    yield made
    made.child.log.close()


def test_a_request_may_take_three_minutes_in_which_nothing_gets_on(watched: Watched) -> None:
    assert not watched.hangs_after(180, busy="GET home", busy_since=1_000.0)
    assert watched.hangs_after(4, busy="GET home", busy_since=1_000.0)


def test_what_uses_processor_time_is_at_work(watched: Watched) -> None:
    for second in range(0, 400, 2):
        assert not watched.hangs_after(2, busy="task a", busy_since=1_000.0, cpu_s=second / 100)
    assert watched.hangs_after(184, busy="task a", busy_since=1_000.0, cpu_s=4.0)


def test_a_process_without_work_hangs_only_if_its_loop_stands_and_the_broker_answers(watched: Watched) -> None:
    watched.broker = False
    assert not watched.hangs_after(400, turned=1_000.0)
    watched.broker = True
    assert watched.hangs_after(4, turned=1_000.0)


def test_an_hour_is_the_most_for_one_piece_of_work(watched: Watched) -> None:
    def worked(seconds: int) -> bool:
        return any(
            watched.hangs_after(9, every_s=9, busy="task a", busy_since=1_000.0, progress=watched.clock.now + 9)
            for _ in range(seconds // 9)
        )

    assert not worked(3_600)
    assert worked(9)


def test_who_answers_no_probe_and_gets_on_with_nothing_hangs_within_a_minute(watched: Watched) -> None:
    assert not watched.hangs_after(10)
    watched.answers = False

    assert not watched.hangs_after(44, progress=1_000.0)
    assert watched.hangs_after(4, progress=1_000.0)


def test_under_a_load_in_which_no_probe_is_answered_nobody_is_blamed(watched: Watched) -> None:
    watched.answers = False
    for _ in range(150):
        assert not watched.hangs_after(2, progress=watched.clock.now)


def test_a_start_may_take_three_minutes(watched: Watched) -> None:
    watched.answers = False
    assert not watched.hangs_after(178, progress=0.0)
    assert watched.hangs_after(6, progress=0.0)


def test_a_supervisor_that_was_frozen_itself_blames_nobody(watched: Watched) -> None:
    assert not watched.hangs_after(4)
    watched.clock.now += 500
    watched.watchdog.look([watched.child])

    assert not watched.ended
    assert not watched.hangs_after(28)


def test_a_full_disk_and_a_log_that_is_closed_keep_the_watchdog_from_nothing(watched: Watched) -> None:
    watched.child.log.close()
    assert watched.hangs_after(184, busy="GET home", busy_since=1_000.0)
