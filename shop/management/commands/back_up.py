"""Backs up database, files and secret key into a folder, incrementally, while the shop runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from shop.operations.backup import BackupError, save


class Command(BaseCommand):
    """Back up database, files and secret key into a folder, while the shop runs. Only new files are copied."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="the folder to save into, on another disk")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            saved = save(options["folder"])
        except (BackupError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"Saved into {options['folder']}: the database, and {saved.photos} photos, {saved.copied} of them new."
        )
