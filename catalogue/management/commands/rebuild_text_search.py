"""`manage.py rebuild_text_search`: write the documents of the text search anew, or look whether they are true."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalogue.models import Article
from catalogue.progress import progress_bar
from catalogue.text_search import documents

SHOWN = 10


class Command(BaseCommand):
    """Rebuilds or checks the documents. Searches go on meanwhile."""

    help = (
        "Write what the text search looks in anew, from the articles. It follows every change of an article by itself: "
        "this is for rows that another program wrote into the database. --check only says which differ."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 if a document is not true")

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
        self.stdout.write("All documents are true.")
