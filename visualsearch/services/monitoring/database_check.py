"""SQLite's quick_check, a table at a time and for some seconds: a worker runs it, and health reads what it found.

Otherwise a damaged page is noticed only when it is read, perhaps as a search that finds nothing.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from dataclasses import asdict, dataclass

from django.core.cache import cache
from django.db import connection
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

# The cache key of the last result.
RESULT = "database-check"
# The seconds that a run may take; a larger database is checked in several.
RUN_S = 10.0
# SQLite's instructions between two looks at the clock, some milliseconds.
STEPS = 100_000


@dataclass(frozen=True, slots=True)
class Check:
    """What a run found: the first fault, or none, and the table at which the next run goes on."""

    fault: str = ""
    table: str = ""
    go_on_at: str = ""


def run_check() -> Check:
    """Check the tables at which the last run stopped, keep the result, and return it. Of SQLite alone."""
    if connection.vendor != "sqlite":
        return Check()
    connection.ensure_connection()
    before = last_check()
    found = check_tables(connection.connection, since=before.go_on_at or before.table, within_s=RUN_S)
    if found.fault:
        logger.error("the database is damaged: %s", found.fault)
    try:
        cache.set(RESULT, asdict(found), None)
    except RedisError as error:
        logger.warning("the check of the database is not kept: %s", error)
    return found


def last_check() -> Check:
    """Return what the last run found; nothing while the cache is down."""
    try:
        stored = cache.get(RESULT)
    except RedisError:
        return Check()
    return Check(**stored) if stored else Check()


def check_tables(database: sqlite3.Connection, *, since: str = "", within_s: float) -> Check:
    """Check table after table from `since` on, all of them if there is time, and stop at the first fault.

    A table that takes longer than `within_s` by itself is left out: to read it all is the doctor's.
    """
    try:
        rows = database.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage > 0 ORDER BY name")
        names = [str(name) for (name,) in rows]
    except sqlite3.DatabaseError as error:
        return Check(str(error))
    ordered = [name for name in names if name >= since] + [name for name in names if name < since]
    ends = time.monotonic() + within_s
    database.set_progress_handler(lambda: int(time.monotonic() > ends), STEPS)
    try:
        for number, name in enumerate(ordered):
            if time.monotonic() > ends:
                return Check(go_on_at=name)
            try:
                (sound,) = database.execute(f"PRAGMA quick_check({quoted(name)})").fetchone()
            except sqlite3.OperationalError as error:
                if "interrupted" in str(error):
                    return Check(go_on_at=ordered[(number + 1) % len(ordered)])
                return Check(str(error), name)
            except sqlite3.DatabaseError as error:
                return Check(str(error), name)
            if sound != "ok":
                return Check(str(sound), name)
    finally:
        database.set_progress_handler(None, 0)
    return Check()


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
