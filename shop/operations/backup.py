"""Backup and restore of database, photos and secret key. Everything else is derived from them.

The database is copied before the photos, so each row of the copy has its photo, unless it was deleted meanwhile.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection

DATABASE, PHOTOS, KEY = "shop.sqlite3", "photos", "secret-key"
# Pages copied per step, and the pause between steps in which others may write.
PAGES_AT_ONCE = 1_000
PAUSE_S = 0.005


class BackupError(Exception):
    """A backup or restore that failed; the text has the reason and the remedy."""


@dataclass(frozen=True, slots=True)
class Saved:
    """The number of photos in a backup, and how many were copied this time."""

    photos: int
    copied: int


def save(folder: Path) -> Saved:
    """Back up the shop into a folder. Incremental: photos of an earlier backup are kept, and new ones added.

    The shop may run meanwhile. Raises BackupError if the database is not SQLite.
    """
    if connection.vendor != "sqlite":
        raise BackupError(
            "Only SQLite is saved by this command. Save the database with pg_dump, then the folder "
            f"{settings.DATA_DIR / PHOTOS} with rsync or by what your storage offers."
        )
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    save_database(folder / DATABASE)
    copied = copy_photos(settings.DATA_DIR / PHOTOS, folder / PHOTOS)
    if (settings.DATA_DIR / KEY).exists():
        copy_whole(settings.DATA_DIR / KEY, folder / KEY)
    return Saved(photos=sum(1 for _ in files_in(folder / PHOTOS)), copied=copied)


def save_database(path: Path) -> None:
    """Copy a consistent state of the database, online: https://www.sqlite.org/backup.html"""
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    connection.ensure_connection()
    target = sqlite3.connect(part)
    try:
        connection.connection.backup(target, pages=PAGES_AT_ONCE, sleep=PAUSE_S)
    finally:
        target.close()
    part.chmod(0o600)
    sync(part)
    part.replace(path)


def restore(folder: Path) -> int:
    """Restore a backup into the data folder, which must hold no shop yet. Returns how many photos it has.

    Raises BackupError if there is a shop already, or the backup is incomplete or damaged.
    """
    database = Path(settings.DATABASES["default"]["NAME"])
    if database.exists() and database.stat().st_size:
        raise BackupError(f"There is a shop in {settings.DATA_DIR} already. Set SHOP_DATA_DIR to an empty folder.")
    check(folder / DATABASE)
    copied = copy_photos(folder / PHOTOS, settings.DATA_DIR / PHOTOS)
    if (folder / KEY).exists():
        copy_whole(folder / KEY, settings.DATA_DIR / KEY)
    # The database is last: an interrupted restore can be repeated, since only the database makes a folder a shop.
    copy_whole(folder / DATABASE, database)
    return copied


def check(database: Path) -> None:
    """Raise BackupError unless the file is an intact database of a shop."""
    if not database.exists():
        raise BackupError(f"There is no {database}. Name the folder that back_up wrote.")
    try:
        with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as opened:
            (sound,) = opened.execute("PRAGMA integrity_check(1)").fetchone()
            opened.execute("SELECT count(*) FROM catalogue_article")
    except sqlite3.DatabaseError as error:
        raise BackupError(f"{database} is not a database of a shop, or it is damaged: {error}") from error
    if sound != "ok":
        raise BackupError(f"{database} is damaged: {sound}. Take an older backup.")


def copy_photos(source: Path, target: Path) -> int:
    """Copy the files that `target` does not have yet. Returns how many."""
    copied = 0
    for file in files_in(source):
        there = target / file.relative_to(source)
        if there.exists():
            continue
        there.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            copy_whole(file, there)
        except FileNotFoundError:
            # The photo was deleted meanwhile, with its row.
            continue
        copied += 1
    return copied


def files_in(folder: Path) -> Iterator[Path]:
    """Yield the files of a storage, without temporary ones that are still being written."""
    return (file for file in folder.rglob("*") if file.is_file() and not file.name.startswith("."))


def copy_whole(source: Path, target: Path) -> None:
    """Copy a file atomically: write a temporary one, flush it, rename it. Readable by its owner only."""
    part = target.with_name(f".{target.name}.part")
    shutil.copyfile(source, part)
    part.chmod(0o600)
    sync(part)
    part.replace(target)


def sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
