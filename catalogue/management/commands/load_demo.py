"""Fills the catalogue with a demo: clothes, prices and photos."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from catalogue.demo.assortment import DemoArticle, read_assortment
from catalogue.demo.fetching import Photographs, StoppedError
from catalogue.demo.loading import Pictures, drawn, load, loaded, missing
from catalogue.demo.photographed import DATASET_URL, LICENCE_URL, read_photographed
from catalogue.models import Article
from catalogue.problems import storage_problem
from catalogue.progress import progress_bar

THANKS = f"""The photos are from the clothing dataset, {DATASET_URL},
public domain by CC0 1.0, {LICENCE_URL}.
Thanks to Alexey Grigorev, Kenes Shangereyev, Tagias.com and all who contributed their photos."""
# Failures that are printed one by one.
SHOWN = 10


class Command(BaseCommand):
    """Add demo articles with prices and photos.

    There are two demos: `load_demo` adds one with drawn pictures, from files of the project; `load_demo --real` adds
    one with photographs, which it downloads from the Internet. Each adds only its own missing articles and leaves all
    others alone, so a shop may have both. `--instead` moves the articles of the other demo to the bin, where staff can
    restore them; those that staff renamed stay.
    """

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--real",
            action="store_true",
            help="add 400 articles with photographs of real clothes (11 MB, CC0 1.0), fetched from "
            "raw.githubusercontent.com; it can be interrupted and run again",
        )
        parser.add_argument(
            "--instead",
            action="store_true",
            help="once all are there, move the articles of the other demo to the bin",
        )
        parser.add_argument(
            "--if-empty",
            action="store_true",
            help="do nothing if the shop has articles, except to finish a load that was interrupted",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        real = options["real"]
        # Marks an interrupted load, which is resumed, unlike a demo shop whose staff removed articles.
        unfinished = settings.DATA_DIR / ("demo-real-unfinished" if real else "demo-unfinished")
        if options["if_empty"] and Article.objects.exists() and not unfinished.exists():
            return
        unfinished.touch()
        shown = options["verbosity"] > 0
        if real:
            self.load_real(shown=shown)
        else:
            added = self.add(read_assortment().articles, drawn, shown=shown)
            if shown:
                self.stdout.write(f"{added} photos added.")
        unfinished.unlink(missing_ok=True)
        if options["instead"]:
            self.put_away(read_assortment().articles if real else read_photographed().articles, shown=shown)
            if real:
                # What was interrupted is no longer wanted.
                (settings.DATA_DIR / "demo-unfinished").unlink(missing_ok=True)

    def load_real(self, *, shown: bool) -> None:
        photographed = read_photographed()
        photographs = Photographs(photographed.digests)
        if shown:
            self.stdout.write(THANKS)
        added = self.add(photographed.articles, photographs, shown=shown)
        if photographs.failed:
            causes = [f"{url}: {error}" for url, error in photographs.failed.items()]
            more = [f"and {len(causes) - SHOWN} more"] if len(causes) > SHOWN else []
            raise CommandError(
                f"{added} photos added. {len(causes)} could not be fetched, and their articles were left out; run the "
                "command again to try once more:\n  " + "\n  ".join([*causes[:SHOWN], *more])
            )
        if shown:
            self.stdout.write(f"{added} photos added.")

    def add(self, articles: Sequence[DemoArticle], pictures: Pictures, *, shown: bool) -> int:
        """Add what is missing of the articles, and return how many photos were added.

        Raises CommandError where that ends early.
        """
        wanted, added = sum(map(len, missing(articles).values())), 0
        bar = progress_bar(total=wanted, desc="Demo shop", unit=" photos", hidden=not shown)
        try:
            with bar:
                for count in load(articles, pictures):
                    added += count
                    bar.update(count)
        except KeyboardInterrupt as error:
            raise CommandError(
                f"{added} photos added, {wanted - added} to go. Run the command again to go on."
            ) from error
        except StoppedError as error:
            raise CommandError(
                f"{added} photos added, {wanted - added} to go. {error.url}: {error}\n"
                "Check that this machine reaches the Internet without a proxy, and run the command again: it goes on "
                "where it stopped."
            ) from error
        except (OSError, DatabaseError) as error:
            if storage_problem(error) is None:
                raise
            raise CommandError(
                f"{added} photos added, {wanted - added} to go: the shop's disk is full. Make room on it, and run the "
                "command again: it goes on where it stopped."
            ) from error
        return added

    def put_away(self, articles: Sequence[DemoArticle], *, shown: bool) -> None:
        """Put those of the articles that the catalogue has into the bin."""
        found, _ = loaded(articles).delete()
        if shown:
            self.stdout.write(f"{found} articles of the other demo moved to the bin.")
