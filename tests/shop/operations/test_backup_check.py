from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from django.db import connection

from shop.operations.backup.base import BackupError
from shop.operations.backup.sqlite import SqliteBackup


@pytest.mark.parametrize("folder", ["plain", "a b", "50%20 #1?mode=rw", "été"])
def test_a_backup_is_opened_whatever_its_folder_is_called(tmp_path: Path, folder: str) -> None:
    (tmp_path / folder).mkdir()
    database = tmp_path / folder / "shop.sqlite3"
    with closing(sqlite3.connect(database)) as opened:
        opened.execute("CREATE TABLE catalogue_article (id INTEGER)")
        opened.execute("CREATE TABLE django_migrations (app TEXT, name TEXT)")
        opened.execute("INSERT INTO django_migrations VALUES ('catalogue', '0001_initial')")
        opened.commit()

    migrations = SqliteBackup(connection).check(database)

    assert migrations == {("catalogue", "0001_initial")}
    assert [file.name for file in database.parent.iterdir()] == ["shop.sqlite3"]


def test_a_database_of_something_else_is_refused(tmp_path: Path) -> None:
    database = tmp_path / "shop.sqlite3"
    with closing(sqlite3.connect(database)) as opened:
        opened.execute("CREATE TABLE songs (id INTEGER)")

    with pytest.raises(BackupError, match="not a database of a shop"):
        SqliteBackup(connection).check(database)
