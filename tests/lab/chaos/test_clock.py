"""A clock that is stepped while a process runs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lab.chaos.disturbances import clock_environment, set_clock

# Prints how far the true and the monotonic clock went until a line is read.
TWO_CLOCKS = """
import time
first = time.time(), time.monotonic()
input()
print(time.time() - first[0], time.monotonic() - first[1])
"""


@pytest.mark.skipif(shutil.which("cc") is None, reason="needs a compiler of C")
def test_a_clock_is_stepped_while_a_process_runs(tmp_path: Path) -> None:
    clock = tmp_path / "clock"
    set_clock(clock, 0)
    environment = {**os.environ, **(clock_environment(clock) or {})}
    command = [sys.executable, "-S", "-c", TWO_CLOCKS]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environment, text=True, stdin=pipe, stdout=pipe) as process:
        time.sleep(0.3)
        set_clock(clock, 7_200)
        said, _ = process.communicate("\n")

    passed_s, monotonic_s = map(float, said.split())

    assert 7_190 < passed_s < 7_260
    assert monotonic_s < 60
