"""`manage.py draw_examples`: redraws the example query photos in static/search/examples."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from lab.drawings.examples import draw_example, examples
from visualsearch.services.examples import EXAMPLES_FOLDER

# Chosen for at most 40 kB each, since the page shows all of them.
SIZE = (600, 800)
QUALITY = 62


class Command(BaseCommand):
    """Needed only when the demo assortment changes: the files are under version control."""

    help = "Draw the photos to try the search with into static/search/examples."

    def handle(self, *args: Any, **options: Any) -> None:
        folder = settings.BASE_DIR / "static" / EXAMPLES_FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        for example in examples():
            path = folder / f"{example.slug}.webp"
            draw_example(example, size=SIZE).save(path, "WEBP", quality=QUALITY, method=6)
            self.stdout.write(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")
