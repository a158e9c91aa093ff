"""Restores a backup into the data folder, which must hold no shop. The index is rebuilt when the shop starts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from shop.operations.backup import BackupError, restore


class Command(BaseCommand):
    """Refuses a data folder with a shop in it, and an incomplete backup."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="that back_up wrote")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            photos = restore(options["folder"])
        except (BackupError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Restored: the database, and {photos} photos. Now start the shop.")
