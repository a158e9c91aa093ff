"""A saver process: saves articles with a photo at a constant rate, as the admin does.

    python -m lab.benchmarks.freshness_parts.saving PHOTOS JOURNAL --first 0 --count 600 --rate 10

It is open-loop: a late save does not delay the schedule of those after it. With --go-on, a save that the database
refuses is left out of the journal.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import django
from django.core.files.base import ContentFile
from django.db import Error, connection, transaction

if __name__ == "__main__":
    django.setup()

from catalogue.models import Article
from catalogue.photos.services import add_photo

SKU = "FRESH-{}"


@dataclass(frozen=True, slots=True)
class Save:
    """A photo's number, and when its save was due and committed, in Unix time."""

    number: int
    due: float
    committed: float


class Journal:
    """The saver's log file. `read` returns the saves written since the last call."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = 0

    def write(self, save: Save) -> None:
        with self._path.open("a") as file:
            file.write(json.dumps(asdict(save)) + "\n")

    def read(self) -> list[Save]:
        if not self._path.exists():
            return []
        with self._path.open("rb") as file:
            file.seek(self._read)
            # The last piece is an incomplete line or empty.
            *lines, _ = file.read().split(b"\n")
        self._read += sum(len(line) + 1 for line in lines)
        return [Save(**json.loads(line)) for line in lines]


def save_article(number: int, photo: bytes) -> float:
    """Save an article with a photo in one transaction, and return the Unix time of the commit."""
    moments: list[float] = []
    with transaction.atomic():
        # Registered first, so that it runs before the callback that enqueues the task.
        transaction.on_commit(lambda: moments.append(time.time()))
        article = Article.objects.create(sku=SKU.format(number), name=f"Fresh article {number}", price="10.00")
        add_photo(article, ContentFile(photo, name="photo.jpg"))
    return moments[0]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("photos", type=Path)
    parser.add_argument("journal", type=Path)
    parser.add_argument("--first", type=int, required=True)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--rate", type=float, required=True)
    parser.add_argument("--go-on", action="store_true")
    options = parser.parse_args()
    journal, started = Journal(options.journal), time.time()
    for place in range(options.count):
        number, due = options.first + place, started + place / options.rate
        time.sleep(max(0.0, due - time.time()))
        photo = (options.photos / f"{number}.jpg").read_bytes()
        try:
            committed = save_article(number, photo)
        except Error:
            if not options.go_on:
                raise
            connection.close()
        else:
            journal.write(Save(number, due, committed))


if __name__ == "__main__":
    main()
