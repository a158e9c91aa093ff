"""Restores a backup into the data folder, which must be empty of a shop. The index is rebuilt when the shop starts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from shop.operations.backup import BackupError, restore


class Command(BaseCommand):
    """Restore a backup into an empty data folder. Refuses an incomplete backup, or a folder with a shop in it."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="a folder that back_up wrote")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            photos = restore(options["folder"])
        except (BackupError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Restored: the database, and {photos} photos. Now start the shop.")
