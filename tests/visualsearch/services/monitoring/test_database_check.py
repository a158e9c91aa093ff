"""The check of SQLite's file: damage is found, the time is limited, and the next run goes on."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from django.db import connection

from tests.processes.valkey import Valkey
from visualsearch import tasks
from visualsearch.services.monitoring import database_check
from visualsearch.services.monitoring.database_check import Check, check_tables

ROWS = 2_000
PAGE = 4096


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database of three tables of some pages each."""
    path = tmp_path / "some.sqlite3"
    with closing(sqlite3.connect(path)) as made:
        for name in ("a", "b", 'odd " name'):
            quoted = database_check.quoted(name)
            made.execute(f"CREATE TABLE {quoted} (number INTEGER PRIMARY KEY, words TEXT)")
            made.executemany(f"INSERT INTO {quoted} (words) VALUES (?)", [("words of a row " * 5,)] * ROWS)
        made.commit()
    return path


@pytest.fixture
def opened(path: Path) -> Iterator[Callable[[], sqlite3.Connection]]:
    connections: list[sqlite3.Connection] = []

    def open_it() -> sqlite3.Connection:
        connections.append(sqlite3.connect(path))
        return connections[-1]

    yield open_it
    for one in connections:
        one.close()


def damage(path: Path, table: str) -> None:
    """Overwrite a page of a table, not its first."""
    with closing(sqlite3.connect(path)) as read:
        (page,) = read.execute(
            "SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf' ORDER BY pageno LIMIT 1 OFFSET 3", [table]
        ).fetchone()
    with path.open("r+b") as file:
        file.seek((page - 1) * PAGE)
        file.write(b"\xff" * PAGE)


def test_a_sound_file_has_no_fault(opened: Callable[[], sqlite3.Connection]) -> None:
    assert check_tables(opened(), within_s=60) == Check()


@pytest.mark.parametrize("table", ["a", "b", 'odd " name'])
def test_a_damaged_page_is_found_in_any_table(path: Path, opened: Callable[[], sqlite3.Connection], table: str) -> None:
    damage(path, table)

    found = check_tables(opened(), since="b", within_s=60)

    assert (found.table, found.fault != "") == (table, True)


def test_a_file_whose_head_is_damaged_is_a_fault(path: Path, opened: Callable[[], sqlite3.Connection]) -> None:
    path.write_bytes(b"\xff" * PAGE + path.read_bytes()[PAGE:])
    assert "not a database" in check_tables(opened(), within_s=60).fault


def test_a_run_without_time_says_where_to_go_on(opened: Callable[[], sqlite3.Connection]) -> None:
    assert check_tables(opened(), since="b", within_s=-1) == Check(go_on_at="b")


def test_a_table_that_takes_too_long_is_left_out(
    opened: Callable[[], sqlite3.Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_check, "STEPS", 1)
    clock = iter([0.0, 0.0, *[2.0] * 1_000])
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))

    assert check_tables(opened(), since="a", within_s=1) == Check(go_on_at="b")


@pytest.mark.django_db
def test_the_worker_keeps_what_it_found_and_goes_on_there(valkey: Valkey, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def check(opened: sqlite3.Connection, *, since: str, within_s: float) -> Check:
        asked.append(since)
        return Check("some fault", "a") if len(asked) == 1 else Check()

    monkeypatch.setattr(database_check, "check_tables", check)
    monkeypatch.setattr(connection, "vendor", "sqlite")
    assert database_check.last_check() == Check()

    tasks.check_database()
    assert database_check.last_check() == Check("some fault", "a")
    tasks.check_database()

    assert (asked, database_check.last_check()) == (["", "a"], Check())


@pytest.mark.django_db
def test_without_a_cache_nothing_is_known_and_nothing_raised(valkey: Valkey) -> None:
    valkey.stop()

    tasks.check_database()

    assert database_check.last_check() == Check()
