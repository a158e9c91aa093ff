"""Backup of SQLite, by its online backup: https://www.sqlite.org/backup.html"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from shop.operations.backup.base import BackupError, DatabaseBackup, Migrations
from shop.operations.files import copy_whole, finish, part_of

# Pages copied per step, and the pause between steps in which others may write.
PAGES_AT_ONCE = 1_000
PAUSE_S = 0.005


class SqliteBackup(DatabaseBackup):
    """A file of SQLite."""

    FILE = "shop.sqlite3"

    def save(self, path: Path) -> None:
        part = part_of(path)
        part.unlink(missing_ok=True)
        self.connection.ensure_connection()
        with closing(sqlite3.connect(part)) as target:
            self.connection.connection.backup(target, pages=PAGES_AT_ONCE, sleep=PAUSE_S)
        finish(part, path)

    def check(self, path: Path) -> Migrations:
        try:
            with closing(opened(path)) as database:
                (sound,) = database.execute("PRAGMA integrity_check(1)").fetchone()
                database.execute("SELECT count(*) FROM catalogue_article")
                rows = database.execute("SELECT app, name FROM django_migrations").fetchall()
        except sqlite3.DatabaseError as error:
            raise BackupError(f"{path} is not a database of a shop, or it is damaged: {error}") from error
        if sound != "ok":
            raise BackupError(f"{path} is damaged: {sound}. Take an older backup.")
        return frozenset(rows)

    def has_shop(self) -> bool:
        database = Path(self.connection.settings_dict["NAME"])
        return database.exists() and database.stat().st_size > 0

    def restore(self, path: Path) -> None:
        copy_whole(path, Path(self.connection.settings_dict["NAME"]))

    def replace(self, path: Path) -> None:
        self.connection.ensure_connection()
        with closing(opened(path)) as source:
            # In one step, which is one transaction: others see the database as it was, or as it becomes.
            source.backup(self.connection.connection)


def opened(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
