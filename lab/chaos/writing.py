"""A writer process: changes articles and photos through the shop's services, and records each write in a journal.

python -m lab.chaos.writing JOURNAL --seed S --writer 0 --writers 2 --upto 5000 --rate 5
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import django
from django.core.files.base import ContentFile
from django.db import transaction

if __name__ == "__main__":
    django.setup()

from catalogue.feeds.importing import import_articles
from catalogue.feeds.rows import ArticleRow, Reader, RowError
from catalogue.models import Article, Photo
from catalogue.photos.services import add_photo
from lab.chaos.journal import Journal, Ledger, Stock, Write
from lab.chaos.pictures import digest, picture
from visualsearch.services.indexing import embedding

# Weights of the kinds of writes; one that fits no article becomes "add".
KINDS = {"add": 45, "import": 7, "replace": 17, "hide": 9, "show": 6, "delete photo": 8, "delete article": 8}
# Picture numbers reserved for each write.
PICTURES_A_WRITE = 4
# Backpressure: writers pause while this many photos are pending, since an ever-growing queue would test nothing else.
BACKLOG = 300
BACKLOG_ASKED_EVERY = 10
SKU = "CHAOS-{}"


def choose(rng: random.Random, number: int, stock: dict[str, Stock | None]) -> Write:
    """Return the next write: a random kind by weight, applied to a random article that it fits."""
    new = [number * PICTURES_A_WRITE + place for place in range(PICTURES_A_WRITE)]
    (kind,) = rng.choices(list(KINDS), weights=list(KINDS.values()))
    fitting = [(sku, kept) for sku, kept in stock.items() if kept is not None and fits(kind, kept)]
    if kind in {"add", "import"} or not fitting:
        count = rng.choice((1, 1, 1, 2, 3))
        return Write(number, kind if kind == "import" else "add", SKU.format(number), Stock(tuple(new[:count]), True))
    sku, kept = rng.choice(fitting)
    place = rng.randrange(len(kept.pictures)) if kept.pictures else 0
    others = kept.pictures[:place] + kept.pictures[place + 1 :]
    after: dict[str, Stock | None] = {
        "replace": Stock((*others, new[0]), kept.published),
        "hide": Stock(kept.pictures, False),
        "show": Stock(kept.pictures, True),
        "delete photo": Stock(others, kept.published),
        "delete article": None,
    }
    return Write(number, kind, sku, after[kind])


def fits(kind: str, kept: Stock) -> bool:
    if kind in {"hide", "show"}:
        return kept.published == (kind == "hide")
    return kind == "delete article" or bool(kept.pictures)


def carry_out(write: Write, before: Stock | None) -> None:
    """Apply the write to the shop's article, in one transaction."""
    VERBS[write.kind](write, before)


def add(write: Write, before: Stock | None) -> None:
    with transaction.atomic():
        article = Article.objects.create(sku=write.sku, name=write.sku, price="10.00")
        for number in pictures_after(write):
            add_photo(article, ContentFile(picture(number), name="photo.jpg"))


def bring_in(write: Write, before: Stock | None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{number}.jpg" for number in pictures_after(write)]
        for path, number in zip(paths, pictures_after(write), strict=True):
            path.write_bytes(picture(number))
        row = ArticleRow("chaos", write.sku, {"name": write.sku}, photos=tuple(paths))
        refused = [refusal for progress in import_articles(OneRow(row)) for refusal in progress.refusals]
    if refused:
        raise RuntimeError(f"an import refused {refused}")


def replace(write: Write, before: Stock | None) -> None:
    photo = gone_photo(write, before)
    (new,) = set(pictures_after(write)) - set(before.pictures if before else ())
    photo.file = ContentFile(picture(new), name="photo.jpg")
    photo.save()


def hide(write: Write, before: Stock | None) -> None:
    # update() sends no signal, as in the admin's action.
    Article.objects.filter(sku=write.sku).update(published=False)


def show(write: Write, before: Stock | None) -> None:
    article = Article.objects.get(sku=write.sku)
    article.published = True
    article.save()


def delete_photo(write: Write, before: Stock | None) -> None:
    gone_photo(write, before).delete()


def delete_article(write: Write, before: Stock | None) -> None:
    Article.objects.get(sku=write.sku).delete()


VERBS: dict[str, Callable[[Write, Stock | None], None]] = {
    "add": add,
    "import": bring_in,
    "replace": replace,
    "hide": hide,
    "show": show,
    "delete photo": delete_photo,
    "delete article": delete_article,
}


class OneRow(Reader):
    """An import source with one article."""

    def __init__(self, row: ArticleRow) -> None:
        self._row = row

    def count(self) -> int:
        return 1

    def __iter__(self) -> Iterator[ArticleRow | RowError]:
        yield self._row


def pictures_after(write: Write) -> tuple[int, ...]:
    return write.after.pictures if write.after else ()


def gone_photo(write: Write, before: Stock | None) -> Photo:
    """Return the photo that the write removes or replaces."""
    (number,) = set(before.pictures if before else ()) - set(pictures_after(write))
    return Photo.objects.get(article__sku=write.sku, sha256=digest(number))


def settle(ledger: Ledger, journal: Journal) -> None:
    """Acknowledge or void the write that a kill interrupted. Raises RuntimeError if it was half applied."""
    for write in list(ledger.open.values()):
        before, found = ledger.stock.get(write.sku), in_rows(write.sku)
        if found == described(write.after):
            journal.acknowledge(write)
        elif found == described(before):
            journal.void(write)
        else:
            raise RuntimeError(f"{write.sku} is neither as before nor as after write {write.number}: {found}")


def described(stock: Stock | None) -> tuple[bool, list[str]] | None:
    return None if stock is None else (stock.published, stock.digests)


def in_rows(sku: str) -> tuple[bool, list[str]] | None:
    """Return whether the article is published, and the digests of its photos; None if there is no such article."""
    article = Article.objects.filter(sku=sku).first()
    if article is None:
        return None
    return article.published, sorted(article.photos.values_list("sha256", flat=True))


def wait_for_workers() -> None:
    while len(embedding.waiting_ids(limit=BACKLOG)) >= BACKLOG:
        time.sleep(0.5)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("journal", type=Path)
    for name in ("--seed", "--writer", "--writers", "--upto"):
        parser.add_argument(name, type=int, required=True)
    parser.add_argument("--rate", type=float, required=True)
    options = parser.parse_args()
    journal, ledger = Journal(options.journal), Ledger(options.journal)
    ledger.read()
    settle(ledger, journal)
    ledger.read()
    first = options.writer if ledger.last_number < 0 else ledger.last_number + options.writers
    for number in range(first, options.upto, options.writers):
        started = time.monotonic()
        rng = random.Random(f"{options.seed}-{number}")  # noqa: S311  (no secret)
        write = choose(rng, number, ledger.stock)
        journal.begin(write)
        carry_out(write, ledger.stock.get(write.sku))
        journal.acknowledge(write)
        ledger.read()
        if number // options.writers % BACKLOG_ASKED_EVERY == 0:
            wait_for_workers()
        time.sleep(max(0.0, 1 / options.rate - (time.monotonic() - started)))


if __name__ == "__main__":
    main()
