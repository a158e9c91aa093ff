"""Backups of the database that the tests run on, restored into another one, and over a shop that goes on."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from catalogue.models import Article
from shop.operations import backup
from shop.operations.backup import BackupError
from shop.operations.backup.base import DatabaseBackup
from tests.factories import ArticleFactory, PhotoFactory

# A pg_dump that is ended while it writes.
HALF_A_DUMP = """#!/bin/sh
for word; do case $word in --file=*) echo half > "${word#--file=}";; esac; done
exit 1
"""

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "postgresql" and not shutil.which("pg_dump"), reason="needs pg_dump"),
]


@pytest.fixture(autouse=True)
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder without photos, whose database is the tests'."""
    folder = tmp_path / "data"
    folder.mkdir()
    monkeypatch.setattr(settings, "DATA_DIR", folder)
    return folder


@pytest.fixture
def empty() -> Iterator[BaseDatabaseWrapper]:
    """A connection to an empty database, beside the tests' own."""
    other = connection.copy("empty")
    if connection.vendor == "sqlite":
        other.settings_dict["NAME"] = str(settings.DATA_DIR / "empty.sqlite3")
        yield other
        other.close()
        return
    other.settings_dict["NAME"] = "empty"
    with connection.cursor() as cursor:
        cursor.execute("DROP DATABASE IF EXISTS empty")
        cursor.execute("CREATE DATABASE empty")
    yield other
    other.close()
    with connection.cursor() as cursor:
        cursor.execute("DROP DATABASE empty")


def skus(database: BaseDatabaseWrapper) -> list[str]:
    with database.cursor() as cursor:
        cursor.execute("SELECT sku FROM catalogue_article ORDER BY sku")
        return [sku for (sku,) in cursor.fetchall()]


def backup_on(database: BaseDatabaseWrapper) -> DatabaseBackup:
    return backup.DATABASES[connection.vendor](database)


def test_a_backup_is_restored_into_an_empty_database(tmp_path: Path, empty: BaseDatabaseWrapper) -> None:
    ArticleFactory.create(sku="SAVED")
    backup.save(tmp_path / "saved")
    ArticleFactory.create(sku="LATER")
    into = backup_on(empty)
    file = tmp_path / "saved" / into.FILE

    assert not into.has_shop()
    into.restore(file)

    assert into.has_shop()
    assert skus(empty) == ["SAVED"]
    assert [path.name for path in (tmp_path / "saved").iterdir()] == [into.FILE]
    assert file.stat().st_mode & 0o077 == 0


def test_a_shop_is_not_restored_over_unasked(tmp_path: Path) -> None:
    backup.save(tmp_path / "saved")
    ArticleFactory.create(sku="LATER")

    with pytest.raises(BackupError, match="already"):
        backup.restore(tmp_path / "saved")

    assert Article.objects.get().sku == "LATER"


def test_a_shop_that_goes_on_is_put_back_with_its_photos_and_what_it_was_is_kept(
    tmp_path: Path, data_folder: Path
) -> None:
    photo = PhotoFactory.create(article__sku="SAVED")
    there = data_folder / "photos" / str(photo.file.name)
    there.parent.mkdir(parents=True)
    there.write_bytes(b"photo")
    assert backup.save(tmp_path / "saved").photos == 1
    there.unlink()
    ArticleFactory.create(sku="LATER")

    restored = backup.restore(tmp_path / "saved", replace=True)
    before = skus(connection)
    added = ArticleFactory.create(sku="AFTER")
    assert restored.replaced is not None
    backup.restore(restored.replaced, replace=True)

    assert before == ["SAVED"]
    assert added.pk > photo.article_id
    assert skus(connection) == ["LATER", "SAVED"]
    assert restored.photos == 1
    assert there.read_bytes() == b"photo"
    assert len(list(data_folder.glob("replaced-*"))) == 2


def test_what_staff_have_not_finished_is_in_a_backup_and_photos_of_shoppers_are_not(
    tmp_path: Path, data_folder: Path
) -> None:
    stores = [settings.STORAGES[name]["OPTIONS"]["location"] for name in ("photo_drafts", "pile_photos", "default")]
    saved = [data_folder / store.name / "ab" / "name" for store in (*stores, settings.VISUAL_MODEL["FOLDER"])]
    given = data_folder / settings.STORAGES["feedback_photos"]["OPTIONS"]["location"].name / "name"
    for file in (*saved, given):
        file.parent.mkdir(parents=True)
        file.write_bytes(b"content")
    backup.save(tmp_path / "saved")
    for file in saved:
        file.unlink()

    backup.restore(tmp_path / "saved", replace=True)

    assert [file.read_bytes() for file in saved] == [b"content"] * len(saved)
    assert list((tmp_path / "saved").rglob(given.parent.name)) == []


def test_a_backup_of_another_version_does_not_replace_a_running_shop(tmp_path: Path) -> None:
    backup.save(tmp_path / "saved")
    ArticleFactory.create(sku="LATER")
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('shop', '9999', '2026-01-01')")

    try:
        with pytest.raises(BackupError, match="another version"):
            backup.restore(tmp_path / "saved", replace=True)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM django_migrations WHERE name = '9999'")

    assert Article.objects.get().sku == "LATER"


def test_half_a_backup_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "saved" / backup_on(connection).FILE
    ArticleFactory.create_batch(20)
    backup.save(tmp_path / "saved")
    content = file.read_bytes()
    ArticleFactory.create(sku="LATER")

    for share in (0.3, 0.9, 0.99):
        file.write_bytes(content[: int(len(content) * share)])
        with pytest.raises(BackupError):
            backup.restore(tmp_path / "saved", replace=True)

    assert Article.objects.filter(sku="LATER").exists()


def test_a_backup_of_the_other_kind_of_database_is_neither_mixed_nor_restored(tmp_path: Path) -> None:
    (other,) = {one.FILE for one in backup.DATABASES.values()} - {backup_on(connection).FILE}
    (tmp_path / other).write_bytes(b"of another shop")

    with pytest.raises(BackupError, match="another kind"):
        backup.save(tmp_path)
    with pytest.raises(BackupError, match="DATABASE_URL"):
        backup.restore(tmp_path)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite needs no tool")
def test_a_tool_that_is_missing_is_named_and_the_last_backup_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup.save(tmp_path / "saved")
    file = tmp_path / "saved" / backup_on(connection).FILE
    before = file.read_bytes()
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(BackupError, match="no pg_dump on this machine"):
        backup.save(tmp_path / "saved")

    assert file.read_bytes() == before


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite needs no tool")
def test_a_dump_that_fails_halfway_leaves_the_last_backup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    backup.save(tmp_path / "saved")
    file = tmp_path / "saved" / backup_on(connection).FILE
    before = file.read_bytes()
    tool = tmp_path / "bin" / "pg_dump"
    tool.parent.mkdir()
    tool.write_text(HALF_A_DUMP)
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tool.parent}:/usr/bin:/bin")

    with pytest.raises(BackupError, match="pg_dump failed"):
        backup.save(tmp_path / "saved")

    assert file.read_bytes() == before
    assert [path.name for path in file.parent.iterdir()] == [file.name]
