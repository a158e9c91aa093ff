"""Downloads pending photos from their addresses, in this process; or lists those that failed."""

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
    """Download pending photos from their addresses, in this process. Safe while workers run."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--failed", action="store_true", help="download nothing; list those that failed, and why")
        parser.add_argument("--again", action="store_true", help="retry those that failed, too")

    def handle(self, *args: Any, **options: Any) -> None:
        rows = PhotoSource.objects.all()
        if options["again"]:
            self.stdout.write(f"{sources.try_again(rows)} pictures will be retried.")
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
