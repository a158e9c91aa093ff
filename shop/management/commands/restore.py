"""Restores a backup into an empty data folder and database, or into a running shop. The index follows by itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from shop.operations.backup import BackupError, restore


class Command(BaseCommand):
    """Restore a backup into an empty data folder and an empty database, or with --replace into a running shop.

    Refuses an incomplete or damaged backup.
    """

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="a folder that back_up wrote")
        parser.add_argument(
            "--replace",
            action="store_true",
            help="undo in a running shop what is newer than the backup; the present database is kept in a folder",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            restored = restore(options["folder"], replace=options["replace"])
        except (BackupError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Restored: the database, and {restored.photos} photos.")
        if restored.replaced is None:
            self.stdout.write("Now start the shop.")
        else:
            self.stdout.write(f"The database that was there is in {restored.replaced}: restore that to go back.")
