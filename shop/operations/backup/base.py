"""What each kind of database does for a backup."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar

from django.db.backends.base.base import BaseDatabaseWrapper

# An app and the name of one of its migrations.
Migrations = frozenset[tuple[str, str]]


class BackupError(Exception):
    """A backup or restore that failed; the text has the reason and the remedy."""


class DatabaseBackup(ABC):
    """Saves the database of a connection into a file, and restores it."""

    # The name of the file in a backup.
    FILE: ClassVar[str]

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.connection = connection

    @abstractmethod
    def save(self, path: Path) -> None:
        """Save the database as it is at one moment, while others write. The file is whole, or as it was before."""

    @abstractmethod
    def check(self, path: Path) -> Migrations:
        """Return the migrations of a saved database, having read all of it. Raises BackupError if it is damaged."""

    @abstractmethod
    def has_shop(self) -> bool:
        """Whether there is anything in the database already."""

    @abstractmethod
    def restore(self, path: Path) -> None:
        """Restore a saved database into an empty one: all of it or nothing."""

    @abstractmethod
    def replace(self, path: Path) -> None:
        """Put a saved database in the place of the present one, which others may use: all of it or nothing."""
