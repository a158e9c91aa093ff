"""Brings a backup into the data folder, which must be empty. A shop that starts on it makes the index by itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from shop.operations.backup import BackupError, restore


class Command(BaseCommand):
    """Refuses a folder with a shop in it, and a backup that is not whole."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="that back_up wrote")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            photos = restore(options["folder"])
        except (BackupError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Restored: the database, and {photos} photos. Now start the shop.")
