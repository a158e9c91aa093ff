"""The health check of a container: whether its processes get on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from shop.observability.pulse import PulseWriter
from shop.operations import alive
from shop.operations.data_folder import open_pulse_folder

SCRIPT = settings.BASE_DIR / "shop/operations/alive.py"


def write(folder: Path, changed: dict[str, Any], pid: int = 0) -> None:
    """Write the pulse of a process, by default this one, that was at work a moment ago."""
    now = time.monotonic()
    pulse: dict[str, Any] = {"pid": pid or os.getpid(), "beat": now, "progress": now, "turned": 0.0, "cpu_s": 1.0}
    pulse |= {"busy": "", "busy_since": now, **changed}
    (folder / f"{pulse['pid']}.pulse").write_bytes(json.dumps(pulse).encode().ljust(4096, b"\0"))


@pytest.fixture(autouse=True)
def looks_again_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alive, "LOOKS_AGAIN_S", 0)


def test_a_process_that_gets_on_is_well(tmp_path: Path) -> None:
    write(tmp_path, {})

    assert alive.main(tmp_path) == ""


def test_it_reads_what_processes_write(tmp_path: Path) -> None:
    pulses = PulseWriter()
    pulses.start(tmp_path)
    pulses.begin("a task")
    path = tmp_path / f"{os.getpid()}.pulse"
    while not path.exists() or b'"pid"' not in path.read_bytes():
        time.sleep(0.01)

    (pulse,) = alive.read(tmp_path).values()

    assert pulse["busy"] in {"", "a task"}
    assert alive.main(tmp_path) == ""


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"beat": -40.0}, "no pulse for 40 s"),
        ({"busy": "a task", "busy_since": -200.0, "progress": -200.0}, "no progress for 200 s at a task"),
        ({"busy": "a task", "busy_since": -4000.0}, "at a task for 4000 s"),
        ({"busy": "a task", "busy_since": -200.0, "progress": -2.0}, ""),
        ({"progress": -4000.0}, ""),
    ],
)
def test_one_that_hangs_is_not(tmp_path: Path, changed: dict[str, Any], reason: str) -> None:
    now = time.monotonic()
    moved = {name: now + value if isinstance(value, float) else value for name, value in changed.items()}

    write(tmp_path, moved)

    assert reason in alive.main(tmp_path)
    assert bool(reason) is bool(alive.main(tmp_path))


def test_one_that_computes_is_not_stuck(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    since = time.monotonic() - 300
    work = {"busy": "a task", "busy_since": since, "progress": since}
    write(tmp_path, work)
    later = {**work, "cpu_s": 2.0}
    monkeypatch.setattr("time.sleep", lambda seconds: write(tmp_path, later))

    assert alive.main(tmp_path) == ""


def test_processes_that_ended_say_nothing(tmp_path: Path) -> None:
    """Nor do those whose number is another process's by now."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    write(tmp_path, {}, pid=ended.pid)
    write(tmp_path, {"beat": 0.0})

    assert "no process shows a pulse" in alive.main(tmp_path)


def test_it_runs_without_the_shop(tmp_path: Path) -> None:
    write(tmp_path, {})
    command: list[str | Path] = [sys.executable, "-I", SCRIPT]

    well = subprocess.run([*command, tmp_path], capture_output=True, text=True, check=False, cwd="/")
    not_well = subprocess.run([*command, tmp_path / "none"], capture_output=True, text=True, check=False, cwd="/")

    assert (well.returncode, well.stderr) == (0, "")
    assert not_well.returncode == 1
    assert "no process shows a pulse" in not_well.stderr


def test_a_named_folder_is_made_and_must_be_ones_own(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    assert open_pulse_folder("", tmp_path / "unnamed") == tmp_path / "unnamed"
    assert open_pulse_folder(str(tmp_path / "named"), tmp_path).is_dir()
    with pytest.raises(ImproperlyConfigured, match="SHOP_PULSE_DIR"):
        open_pulse_folder(str(tmp_path / "file/folder"), tmp_path)
