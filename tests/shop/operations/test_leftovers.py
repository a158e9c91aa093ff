from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from shop.operations.leftovers import LeftoversError, locked, without_leftovers


def left_behind(path: Path) -> subprocess.Popen[bytes]:
    """Start a process with an open file that was locked before, as those of a supervisor have."""
    with path.open("a") as file:
        assert locked(file, 0)
        return subprocess.Popen(["sleep", "60"], pass_fds=[file.fileno()])


def test_nothing_is_waited_for_where_nothing_was_left(tmp_path: Path) -> None:
    said: list[str] = []

    without_leftovers(tmp_path / "processes", said.append).close()

    assert said == []


def test_what_stops_by_itself_is_waited_for(tmp_path: Path) -> None:
    process = left_behind(tmp_path / "processes")
    process.terminate()

    without_leftovers(tmp_path / "processes", print).close()

    assert process.wait() == -15


def test_what_does_not_stop_is_ended(tmp_path: Path) -> None:
    process = left_behind(tmp_path / "processes")
    said: list[str] = []

    without_leftovers(tmp_path / "processes", said.append, stop_within_s=0).close()

    assert process.wait() == -9
    assert said[-1] == f"process {process.pid} does not stop; it is ended"


def test_what_cannot_be_ended_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    process = left_behind(tmp_path / "processes")
    monkeypatch.setattr("os.kill", lambda pid, number: None)

    with pytest.raises(LeftoversError, match="processes open"):
        without_leftovers(tmp_path / "processes", print, stop_within_s=0, end_within_s=0)

    monkeypatch.undo()
    process.kill()
    process.wait()
