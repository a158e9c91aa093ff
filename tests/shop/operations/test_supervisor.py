from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lab.harness.trial_shop import wait_until
from shop.operations import supervisor as supervising
from shop.operations.supervisor import Child, Supervisor, read_procfile


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    made = Supervisor(tmp_path, os.environ, tmp_path / "log")
    yield made
    made.stop()


def eventually(check: Callable[[], bool], supervisor: Supervisor) -> None:
    def is_so() -> bool:
        if check():
            return True
        supervisor.restart_exited()
        return False

    wait_until(is_so, within_s=20, what="the supervisor has done it", asked_every_s=0.02)


def lines(path: Path) -> list[str]:
    return path.read_text().split() if path.exists() else []


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_procfile_is_read_in_its_order(tmp_path: Path) -> None:
    (tmp_path / "Procfile").write_text("# what runs\nweb: serve --port 1:2\n\nworker:  work\n")

    assert list(read_procfile(tmp_path / "Procfile").items()) == [("web", "serve --port 1:2"), ("worker", "work")]


def test_what_dies_is_started_again(supervisor: Supervisor, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    supervisor.start("one", f"sh -c 'echo $$ >> {tmp_path}/pids; exec sleep 60'")
    eventually(lambda: len(lines(tmp_path / "pids")) == 1, supervisor)

    os.kill(int(lines(tmp_path / "pids")[0]), signal.SIGKILL)

    eventually(lambda: len(lines(tmp_path / "pids")) == 2, supervisor)
    assert "one ended with status -9; starting it again." in capsys.readouterr().out


def test_what_a_process_prints_is_in_its_log(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.start("one", "sh -c 'echo said; echo wrong >&2; exec sleep 60'")

    eventually(lambda: lines(tmp_path / "log/one.log") == ["said", "wrong"], supervisor)


def test_stopping_ends_what_a_process_started_too(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.start("one", f"sh -c 'sleep 60 & echo $! >> {tmp_path}/pids; echo $$ >> {tmp_path}/pids; wait'")
    eventually(lambda: len(lines(tmp_path / "pids")) == 2, supervisor)
    pids = [int(pid) for pid in lines(tmp_path / "pids")]

    supervisor.stop()

    eventually(lambda: not any(is_running(pid) for pid in pids), supervisor)


def test_a_process_that_ignores_the_request_is_ended(
    supervisor: Supervisor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervising, "GRACE_S", 0.2)
    supervisor.start("one", f"sh -c 'trap \"\" TERM; echo $$ >> {tmp_path}/pids; while true; do sleep 1; done'")
    eventually(lambda: len(lines(tmp_path / "pids")) == 1, supervisor)

    supervisor.stop()

    assert not is_running(int(lines(tmp_path / "pids")[0]))


class Clock:
    """The supervisor's clock, which the test moves."""

    now = 1_000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(supervising, "time", made)
    return made


def end(child: Child) -> None:
    """Have a process end, and wait until it has."""
    assert child.process is not None
    child.process.kill()
    child.process.wait()


def pause_after(supervisor: Supervisor, clock: Clock, *, ran_s: float) -> float:
    """Return how long the process is left alone once it has ended, having run for so many seconds."""
    (child,) = supervisor._children
    clock.now += ran_s
    end(child)
    supervisor.restart_exited()
    ended, pause = clock.now, child.due - clock.now
    # Not a moment sooner, and no later.
    clock.now = ended + pause - 0.001
    supervisor.restart_exited()
    assert child.process is None
    clock.now = ended + pause
    supervisor.restart_exited()
    assert child.process is not None
    return pause


def test_the_pause_before_a_start_doubles_up_to_the_longest(supervisor: Supervisor, clock: Clock) -> None:
    supervisor.start("one", "sleep 60")

    pauses = [pause_after(supervisor, clock, ran_s=1) for _ in range(9)]

    assert pauses == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]


def test_the_pauses_begin_anew_after_a_process_that_ran_well(supervisor: Supervisor, clock: Clock) -> None:
    supervisor.start("one", "sleep 60")
    well = supervising.WELL_AFTER_S
    before = [pause_after(supervisor, clock, ran_s=1) for _ in range(3)]

    after = [pause_after(supervisor, clock, ran_s=ran_s) for ran_s in (well, well + 0.01, 1)]

    assert before == [0.5, 1, 2]
    assert after == [4, 0.5, 1]


def test_each_process_has_pauses_of_its_own(supervisor: Supervisor, clock: Clock) -> None:
    supervisor.start("one", "sleep 60")
    supervisor.start("other", "sleep 60")
    one, other = supervisor._children
    for _ in range(3):
        end(one)
        supervisor.restart_exited()
        clock.now = one.due
        supervisor.restart_exited()

    end(other)
    supervisor.restart_exited()

    assert other.due - clock.now == supervising.FIRST_PAUSE_S
