"""Fills the catalogue with a demo shop: clothes, prices and photos, from files of the project."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from catalogue.demo.loading import load, missing
from catalogue.models import Article
from catalogue.progress import progress_bar


class Command(BaseCommand):
    """`manage.py load_demo`."""

    help = "Add the demo articles and photos that are missing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--if-empty",
            action="store_true",
            help="do nothing if there is any article, unless they come from a loading that was cut short",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        # Marks an interrupted load, which is resumed, unlike a demo shop whose staff removed articles.
        unfinished = settings.DATA_DIR / "demo-unfinished"
        if options["if_empty"] and Article.objects.exists() and not unfinished.exists():
            return
        unfinished.touch()
        wanted = sum(map(len, missing().values()))
        hidden = options["verbosity"] == 0
        with progress_bar(total=wanted, desc="Demo shop", unit=" photos", hidden=hidden, file=self.stderr) as bar:
            for added in load():
                bar.update(added)
        unfinished.unlink(missing_ok=True)
        if not hidden:
            self.stdout.write(f"{wanted} photos added.")
