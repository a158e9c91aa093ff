from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from shop.operations.supervisor import Supervisor, read_procfile


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    made = Supervisor(tmp_path, os.environ, tmp_path / "log")
    yield made
    made.stop()


def eventually(check: Callable[[], bool], supervisor: Supervisor) -> None:
    deadline = time.monotonic() + 20
    while not check():
        assert time.monotonic() < deadline
        supervisor.restart_exited()
        time.sleep(0.02)


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
    monkeypatch.setattr("shop.operations.supervisor.GRACE_S", 0.2)
    supervisor.start("one", f"sh -c 'trap \"\" TERM; echo $$ >> {tmp_path}/pids; while true; do sleep 1; done'")
    eventually(lambda: len(lines(tmp_path / "pids")) == 1, supervisor)

    supervisor.stop()

    assert not is_running(int(lines(tmp_path / "pids")[0]))
