"""Measurement of one row of the table: each step of a baseline runs in a separate process with a time limit."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from lab.benchmarks.baselines.collection import Collection
from lab.benchmarks.baselines.entrants import ENTRANTS, HERE

Row = dict[str, Any]
ROOT = Path(__file__).parents[3]
# Share of the free memory that a build may take.
SHARE_OF_MEMORY = 0.9
# Idle OpenMP threads sleep instead of spinning, which would slow other processes; searches run on one thread.
SLEEPING = {"OMP_WAIT_POLICY": "passive"}
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


class StepError(Exception):
    """A step of a baseline failed or timed out; the text says why. `state` is "failed" or "stopped"."""

    def __init__(self, text: str, state: str = "failed") -> None:
        super().__init__(text)
        self.state = state


def row_without_running(name: str, count: int, dimensions: int, folder: Path) -> Row | None:
    """Return the "skipped" row of a baseline that is not run at that size; None if it is to be run."""
    entrant = ENTRANTS[name]
    if entrant.most is not None and count > entrant.most:
        return {"baseline": name, "count": count, "state": "skipped", "why": f"tried up to {entrant.most:,} only"}
    needed = entrant.bytes_needed(count, dimensions)
    if needed > free_memory() * SHARE_OF_MEMORY:
        return {"baseline": name, "count": count, "state": "skipped", "why": f"needs {needed / 1e9:.0f} GB of memory"}
    # On disk: the vectors, an index as large as its build memory, and as much again while it is written.
    needed = 2 * needed + 2 * dimensions * count
    if needed > shutil.disk_usage(folder).free:
        return {"baseline": name, "count": count, "state": "skipped", "why": f"needs {needed / 1e9:.0f} GB in {folder}"}
    return None


def run_baseline(name: str, collection: Collection, folder: Path, *, limit_s: float) -> Row:
    """Build, open and search one baseline. Returns its row, also if it fails or exceeds the time limit of a step."""
    row: Row = {"baseline": name, "count": collection.count, "state": "done"}
    row["package"] = installed(ENTRANTS[name].package)
    folder.mkdir(parents=True)
    try:
        row |= run_step("build", name, collection, folder, limit_s=limit_s)
        row |= run_step("serve", name, collection, folder, limit_s=limit_s)
        row["under_filters"] = run_step("filters", name, collection, folder, limit_s=limit_s)["points"]
    except StepError as error:
        row |= {"state": error.state, "why": str(error)}
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return row


def run_step(step: str, name: str, collection: Collection, folder: Path, *, limit_s: float) -> Row:
    """Run a step in a separate process, and return its figures. Raises StepError if it fails or times out."""
    command = [sys.executable, "-m", f"{HERE}.process", step, name, str(collection.folder), str(folder)]
    environment = {**os.environ, **SLEEPING, **({} if step == "build" else ONE_THREAD)}
    errors = folder / f"{step}.log"
    with errors.open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=ROOT, start_new_session=True)  # noqa: S603
        try:
            status = process.wait(limit_s)
        except subprocess.TimeoutExpired as error:
            raise StepError(f"{step} stopped after {limit_s / 60:.0f} min", "stopped") from error
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            stop_postgresql(folder)
    if status != 0:
        raise StepError(reason(errors.read_text(errors="replace")))
    figures: Row = json.loads((folder / f"{step}.json").read_text())
    return figures


def stop_postgresql(folder: Path) -> None:
    """Stop a PostgreSQL server left behind by a killed process: it runs in another process group."""
    for path in folder.glob("*/postmaster.pid"):
        with suppress(ProcessLookupError):
            os.kill(int(path.read_text().split()[0]), signal.SIGQUIT)


def installed(package: str) -> str:
    """Return a package and its version; the package alone if it is not installed."""
    with suppress(PackageNotFoundError):
        return f"{package} {version(package)}"
    return package


def reason(log: str) -> str:
    """Return the last line of a process's log, shortened for a missing module."""
    last = next((line for line in reversed(log.splitlines()) if line.strip()), "it ended without a word")
    return last.replace("ModuleNotFoundError: No module named", "not installed:")


def free_memory() -> int:
    """Return the bytes available without swapping (MemAvailable)."""
    lines = Path("/proc/meminfo").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable"))
