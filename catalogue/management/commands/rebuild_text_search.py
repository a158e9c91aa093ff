"""`manage.py rebuild_text_search`: rewrite the documents of text search, or check them."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalogue.models import Article
from catalogue.progress import progress_bar
from catalogue.text_search import documents

SHOWN = 10


class Command(BaseCommand):
    """Rebuilds or checks the documents, while searches go on."""

    help = (
        "Rewrite the documents of text search from the articles. The shop keeps them up to date by itself: this is for "
        "rows that another program wrote into the database. --check only says which differ."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a document is out of date")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["check"]:
            self._check()
            return
        with progress_bar(total=Article.all_objects.count(), desc="Articles", unit="article") as bar:
            done = documents.rebuild(lambda count: bar.update(count - bar.n))
        self.stdout.write(f"{done} documents written.")

    def _check(self) -> None:
        wrong = list(documents.differing())
        if wrong:
            some = ", ".join(map(str, wrong[:SHOWN]))
            raise CommandError(
                f"{len(wrong)} articles are not found by what they say, as those with the ids {some}. "
                "Remedy: manage.py rebuild_text_search"
            )
        self.stdout.write("All documents are up to date.")
