"""Backup and restore of database, photos, what staff have not finished, models, and secret key.

Everything else is derived from them, or is not to be kept: photos that shoppers shared are deleted after 90 days. The
database is copied before the files, so each row of the copy has its file, unless it was deleted meanwhile.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from shop.operations.backup.base import BackupError, DatabaseBackup
from shop.operations.backup.postgresql import PostgresqlBackup
from shop.operations.backup.sqlite import SqliteBackup
from shop.operations.files import copy_whole, files_in
from shop.operations.places import Place, copy_missing, folder_place, present_place

__all__ = ["BackupError", "Restored", "Saved", "restore", "save"]

PHOTOS, KEY = "photos", "secret-key"
# Storages whose files have names that are never given again: photos, those of forms and piles that are not saved yet,
# uploaded import files, and registered models.
STORAGES = (PHOTOS, "photo_drafts", "pile_photos", "default", "models")
DATABASES: dict[str, type[DatabaseBackup]] = {"sqlite": SqliteBackup, "postgresql": PostgresqlBackup}


@dataclass(frozen=True, slots=True)
class Saved:
    """The number of photos in a backup, and how many were copied this time."""

    photos: int
    copied: int


@dataclass(frozen=True, slots=True)
class Restored:
    """How many photos were copied, and where the database is kept that was replaced, if one was."""

    photos: int
    replaced: Path | None = None


def save(folder: Path) -> Saved:
    """Back up the shop into a folder. Incremental: photos of an earlier backup are kept, and new ones added.

    The shop may run meanwhile. Raises BackupError if the database cannot be saved, or the folder has a backup of
    another kind of database.
    """
    database = database_backup()
    if others := others_in(folder, database):
        raise BackupError(f"{folder} has a backup of another kind of database ({others[0]}). Name a new folder.")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    database.save(folder / database.FILE)
    copied = copy_files({name: (present_place(name), folder_place(name, folder)) for name in STORAGES})
    if (settings.DATA_DIR / KEY).exists():
        copy_whole(settings.DATA_DIR / KEY, folder / KEY)
    return Saved(photos=sum(1 for _ in files_in(folder / PHOTOS)), copied=copied)


def restore(folder: Path, *, replace: bool = False) -> Restored:
    """Restore a backup into a data folder and a database that hold no shop yet, or into a running shop by `replace`.

    What `replace` takes the place of is saved first, as a backup without photos: no photo's file is removed. The
    secret key stays then. Raises BackupError, and changes nothing, if the backup is incomplete or damaged, if there is
    a shop already, or, with `replace`, none or one of another version.
    """
    database = database_backup()
    saved = folder / database.FILE
    if not saved.exists():
        others = others_in(folder, database)
        kind = f" {folder / others[0]} is of another kind of database: set DATABASE_URL to one." if others else ""
        raise BackupError(f"There is no {saved}. Name the folder that back_up wrote.{kind}")
    if database.has_shop() and not replace:
        raise BackupError(
            f"There is a shop in {settings.DATA_DIR} already. Set SHOP_DATA_DIR to an empty folder, and DATABASE_URL, "
            "if it is set, to an empty database. Or add --replace: what is newer than the backup is undone then."
        )
    migrations = database.check(saved)
    kept: Path | None = None
    if replace:
        # Processes that run have the tables of their own version in mind.
        if migrations != frozenset(MigrationRecorder(connection).applied_migrations()):
            raise BackupError(
                "The backup is of another version of the shop than the one that is there. Restore it into an empty "
                "folder and an empty database, and start the shop there."
            )
        kept = Path(mkdtemp(prefix=f"replaced-{time.strftime('%Y%m%dT%H%M%S')}-", dir=settings.DATA_DIR))
        database.save(kept / database.FILE)
    copied = copy_files({name: (folder_place(name, folder), present_place(name)) for name in STORAGES})
    if kept is not None:
        database.replace(saved)
        return Restored(copied, kept)
    if (folder / KEY).exists():
        copy_whole(folder / KEY, settings.DATA_DIR / KEY)
    # The database is last: an interrupted restore can be repeated, since only the database makes a folder a shop.
    database.restore(saved)
    return Restored(copied)


def copy_files(places: Mapping[str, tuple[Place, Place]]) -> int:
    """Copy the files that are missing at the second place of each storage. Returns how many photos were copied."""
    copied = {name: copy_missing(source, target) for name, (source, target) in places.items()}
    return copied[PHOTOS]


def database_backup() -> DatabaseBackup:
    """Return how the database is saved that settings name. Raises BackupError for one of another kind."""
    try:
        return DATABASES[connection.vendor](connection)
    except KeyError:
        raise BackupError(f"A database of the kind {connection.vendor} is not saved by this command.") from None


def others_in(folder: Path, database: DatabaseBackup) -> list[str]:
    """Return the files of a backup that are of other kinds of databases."""
    return [one.FILE for one in DATABASES.values() if not isinstance(database, one) and (folder / one.FILE).exists()]
