"""The sessions of tests/run.sh: what they choose is there, and nothing that they should choose is left out."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from tests.conftest import LONG, THOROUGH, commits

ROOT = Path(settings.BASE_DIR)
RUN = (ROOT / "tests/run.sh").read_text()
# The folders in which a session looks for a marker.
SESSIONS = {marker: folders.split() for marker, folders in re.findall(r'pytest -q -m "(\w+)\$once" (.+)', RUN)}


def marked(path: Path, marker: str) -> bool:
    return bool(re.search(rf"pytest\.mark\.{marker}\b", path.read_text()))


def test_every_long_file_is_there() -> None:
    for name in (*LONG, *THOROUGH):
        file, _, test = name.partition("::")
        assert f"def {test}" in (ROOT / file).read_text(), name


@pytest.mark.parametrize("case", ["first", "second", "third"])
def test_the_first_case_of_a_test_is_no_repetition(request: pytest.FixtureRequest, case: str) -> None:
    assert bool(request.node.get_closest_marker("repeated")) == (case != "first")
    assert not request.node.get_closest_marker("thorough")


def test_what_is_marked_lies_where_the_sessions_of_the_marks_look() -> None:
    assert set(SESSIONS) == {"switch", "database"}
    for marker, folders in SESSIONS.items():
        files = {path for path in (ROOT / "tests").rglob("test_*.py") if marked(path, marker)} - {Path(__file__)}
        inside = {path for folder in folders for path in (ROOT / folder).rglob("test_*.py")}
        assert len(files) > 10
        assert files <= inside


@pytest.mark.django_db(transaction=True)
def test_a_test_that_commits_runs_on_both_databases(request: pytest.FixtureRequest) -> None:
    assert commits(request.node)
    assert request.node.get_closest_marker("database")


@pytest.mark.django_db
def test_a_test_that_is_rolled_back_runs_there_where_it_says_so(request: pytest.FixtureRequest) -> None:
    assert not commits(request.node)
    assert not request.node.get_closest_marker("database")


def test_tests_with_threads_and_a_database_run_on_both() -> None:
    """Each thread has a connection of its own, and sees nothing that is not committed."""
    found = []
    for folder in SESSIONS["database"]:
        for path in (ROOT / folder).rglob("test_*.py"):
            text = path.read_text()
            if "django_db" in text and re.search(r"\b(Thread|ThreadPoolExecutor)\(", text):
                found.append(path.name)
                assert marked(path, "database") or "django_db(transaction=True)" in text, path

    assert len(found) >= 3


def test_a_step_is_noted_with_its_status_and_its_time(tmp_path: Path) -> None:
    times = tmp_path / "times"
    command = [sys.executable, "-m", "tests.timed", str(times)]
    spin = f"{sys.executable} -c 'import time\nwhile time.process_time() < 0.6: pass'; exit 3"

    statuses = [
        subprocess.run([*command, name, "sh", "-c", script], cwd=ROOT, check=False).returncode
        for name, script in (("spins", spin), ("is killed", "kill $$"))
    ]
    table = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert statuses == [3, 143]
    assert [line.split("  ")[0] for line in table.splitlines()[:-1]] == ["step", "spins", "is killed", "all"]
    assert [line.split()[-1] for line in table.splitlines()[1:-1]] == ["0:01", "0:00", "0:01"]
