"""`manage.py draw_demo`: redraws the demo shop's photos, or checks that the committed files are up to date."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from catalogue.demo.assortment import ARTICLES_FILE, PICTURES
from catalogue.progress import progress_bar
from lab.drawings.assortment import ASSORTMENT
from lab.drawings.demo_files import MAX_DIFFERENCE, articles_text, compare_photos, draw_photos, list_faults


class Command(BaseCommand):
    """Needed only when the assortment or its drawing changes: the files are under version control."""

    help = "Write the demo shop's articles and photos into catalogue/demo, from lab/drawings."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="write nothing; fail unless the files match what would be drawn"
        )
        parser.add_argument(
            "--processes",
            type=int,
            default=os.cpu_count() or 1,
            metavar="N",
            help="drawing processes (default: one per core)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        drawn = progress_bar(
            draw_photos(processes=options["processes"]),
            total=sum(len(article.photos) for article in ASSORTMENT),
            desc="Drawing",
            unit=" photos",
            hidden=options["verbosity"] == 0,
            file=self.stderr,
        )
        if options["check"]:
            self.check_files(drawn)
        else:
            self.write_files(drawn)

    def write_files(self, drawn: Iterable[tuple[str, bytes]]) -> None:
        PICTURES.mkdir(exist_ok=True)
        ARTICLES_FILE.write_text(articles_text(), encoding="utf-8")
        written = set()
        for name, content in drawn:
            (PICTURES / name).write_bytes(content)
            written.add(name)
        for file in PICTURES.iterdir():
            if file.name not in written:
                file.unlink()
        faults = list_faults(ARTICLES_FILE, PICTURES)
        if faults:
            raise CommandError("\n".join(faults))
        total = sum(file.stat().st_size for file in PICTURES.iterdir())
        self.stdout.write(f"{len(written)} photos, {total / 1e6:.2f} MB.")

    def check_files(self, drawn: Iterable[tuple[str, bytes]]) -> None:
        differences = dict(compare_photos(drawn, PICTURES))
        faults = list_faults(ARTICLES_FILE, PICTURES)
        faults += [
            f"{name} differs from its drawing by {difference:.2f} of 255; {MAX_DIFFERENCE:g} is allowed."
            for name, difference in differences.items()
            if difference > MAX_DIFFERENCE
        ]
        if faults:
            raise CommandError("\n".join(faults))
        worst = max(differences.values())
        self.stdout.write(f"{len(differences)} photos match; the largest difference is {worst:.3f} of 255.")
