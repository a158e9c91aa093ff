"""Writes all articles as a CSV file that import_catalogue reads, and copies their photos into a folder."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from catalogue.feeds import export_articles
from catalogue.models import PhotoSource
from catalogue.progress import progress_bar


class Command(BaseCommand):
    """Write all articles as a CSV file that import_catalogue reads, and copy their photos to a folder."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "path", type=Path, metavar="PATH", help="the CSV file to write; an existing one is replaced"
        )
        parser.add_argument(
            "--photos", type=Path, metavar="FOLDER", help="copy the photos there; by default they are only named"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        hidden = options["verbosity"] == 0
        try:
            with progress_bar(unit=" articles", hidden=hidden) as bar:
                for progress in export_articles(options["path"], photos=options["photos"]):
                    bar.total = progress.total
                    bar.update(progress.done - bar.n)
        except OSError as error:
            raise CommandError(f"{error.filename or options['path']} cannot be written: {error.strerror}.") from error
        if not hidden:
            self.stdout.write(f"{progress.done} articles and {progress.photos} photos written.")
            if waiting := PhotoSource.objects.waiting().count():
                self.stdout.write(
                    f"{waiting} pictures are not downloaded yet; they are left out, or as they were before."
                )
        if progress.lost:
            raise CommandError(f"{progress.lost} photos have lost their file and are left out.")
