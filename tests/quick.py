"""Run the fast tests of what changed, or of the rooms that are named: no process, no browser (tests/conftest.py)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
# Their tests are not found by name.
TESTED_IN = {"templates": "tests/catalogue/web", "static": "tests/catalogue/web", "locale": "tests/catalogue/web"}
# What is of no room (pyproject.toml, Dockerfile) is tested by the one that assembles.
ASSEMBLING = "tests/shop"


def tests_of(name: str) -> str:
    """Return the nearest file or folder of tests/ to a file or folder of the shop."""
    first, *rest = Path(name).parts
    if first in TESTED_IN:
        return TESTED_IN[first]
    near = Path("tests", *rest) if first == "tests" else Path("tests", name)
    if near.name.startswith("test_") and (ROOT / near).is_file():
        return str(near)
    while not (ROOT / near).is_dir():
        near = near.parent
    return ASSEMBLING if near == Path("tests") and first != "tests" else str(near)


def changed() -> list[str]:
    """Return the files that differ from the last commit, new ones too."""
    said = subprocess.run(
        ["git", "status", "--porcelain", "-z", "--untracked-files=all", "--no-renames"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,  # No work tree of git: nothing is known to have changed.
    )
    return [entry[3:] for entry in said.stdout.split("\0") if entry]


def chosen(names: list[str]) -> list[str]:
    """Return what to test, without what lies inside another that is tested; all tests where nothing is named."""
    found = sorted({tests_of(name) for name in names}) or ["tests"]
    return [one for one in found if not any(str(parent) in found for parent in Path(one).parents)]


def main(rooms: list[str]) -> int:
    """Run what is chosen, and return the exit status."""
    for room in rooms:
        if not (ROOT / room).exists():
            sys.stderr.write(f"There is no {room} here. A room is a folder: catalogue, or catalogue/api.\n")
            return 2
    # The settings of whoever calls must not leak into the tests.
    leaking = {"SHOP_DATA_DIR", "SHOP_VISUAL_SEARCH", "DATABASE_URL", "REDIS_URL", "PORT", "DJANGO_SETTINGS_MODULE"}
    environment = {name: value for name, value in os.environ.items() if name not in leaking}
    options = ["-q", "-n", "2", "--dist", "loadfile", "-m", "not slow"]
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *chosen(rooms or changed())], cwd=ROOT, env=environment, check=False
    )
    # All of what was chosen is slow, and left to "make test".
    return 0 if ran.returncode == pytest.ExitCode.NO_TESTS_COLLECTED else ran.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
