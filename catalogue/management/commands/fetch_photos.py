"""Fetches, in this process, the pictures that wait at addresses; or lists those that could not be had."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from catalogue import sources
from catalogue.management.printing import printable
from catalogue.messages.rendering import render_stored
from catalogue.models import PhotoSource
from catalogue.progress import progress_bar

# Seconds between updates of the progress bar.
ROUND_S = 5.0


class Command(BaseCommand):
    """Safe beside running workers: a lease keeps two processes from fetching the same picture."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--failed", action="store_true", help="fetch nothing, and list those that failed and why")
        parser.add_argument("--again", action="store_true", help="try those that failed again, too")

    def handle(self, *args: Any, **options: Any) -> None:
        rows = PhotoSource.objects.all()
        if options["again"]:
            self.stdout.write(f"{sources.try_again(rows)} pictures are tried again.")
        if options["failed"]:
            for source in rows.failed().select_related("article").iterator():
                self.stdout.write(printable(f"{source.article.sku} {source.url}: {render_stored(source.error)}"))
        else:
            self._fetch(hidden=options["verbosity"] == 0)
        waiting, fetched, failed = rows.waiting(), rows.fetched(), rows.failed()
        self.stdout.write(f"{fetched.count()} pictures fetched, {waiting.count()} waiting, {failed.count()} failed.")

    def _fetch(self, *, hidden: bool) -> None:
        due = PhotoSource.objects.due()
        with progress_bar(total=due.count(), unit=" pictures", hidden=hidden) as bar:
            # A round without requests ends it: whatever is due is at rate-limited hosts, or leased by the worker.
            while asked := sources.fetch_waiting(for_s=ROUND_S).asked:
                bar.update(asked)
