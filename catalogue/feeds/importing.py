"""Brings the rows of a reader into the catalogue.

Articles are known by their sku, so an import can be run again, also after it was killed: what is there already is left
as it is. Rows are written in batches. A batch's photos are read, checked and stored first; then everything is written
in one short transaction, since workers write too and SQLite has one writer.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from django.db import DatabaseError, transaction

from catalogue.feeds.batch import Batch
from catalogue.feeds.rows import ArticleRow, Reader, RefusedRow
from catalogue.feeds.terms import Terms
from catalogue.models import Article, Photo, PhotoSource
from catalogue.signals import photos_awaited, photos_imported

logger = logging.getLogger(__name__)

# 100 rows with photos are written in 50 ms on two busy cores, for which other writers wait.
BATCH_SIZE = 100
# How often a batch is begun because someone else wrote or deleted the same articles or terms at the same time.
_ATTEMPTS = 3


@dataclass(frozen=True)
class Progress:
    """How far an import is: numbers of rows since its beginning, and the rows refused since the progress before."""

    total: int
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    # Pictures at addresses, which the worker fetches.
    awaited: int = 0
    refusals: tuple[RefusedRow, ...] = ()

    @property
    def done(self) -> int:
        return self.created + self.changed + self.unchanged + self.refused


def import_articles(reader: Reader, *, published: bool = True, batch_size: int = BATCH_SIZE) -> Iterator[Progress]:
    """Bring in the rows of `reader`, yielding the progress at the beginning and after every batch.

    `published` is for new articles whose source does not say. Each batch is committed when its progress is yielded; bad
    rows are refused one by one and the others kept. After each commit `photos_imported` is sent, and `photos_awaited`
    if pictures are to be fetched.

    Raises FeedError where the source cannot be read at all.
    """
    progress = Progress(total=reader.count())
    yield progress
    skus, terms, rows = _Skus(), Terms(), iter(reader)
    while batch := list(islice(rows, batch_size)):
        good: list[ArticleRow] = []
        refusals: list[RefusedRow] = []
        for row in batch:
            checked = row if isinstance(row, RefusedRow) else skus.check(row)
            if isinstance(checked, RefusedRow):
                refusals.append(checked)
            else:
                good.append(checked)
        written = _write(good, terms, published=published)
        refusals += written.refusals
        progress = replace(
            progress,
            created=progress.created + written.created,
            changed=progress.changed + written.changed,
            unchanged=progress.unchanged + written.unchanged,
            refused=progress.refused + len(refusals),
            awaited=progress.awaited + written.awaited,
            refusals=tuple(refusals),
        )
        yield progress


class _Skus:
    """The skus there are. Two that differ only in capitals are one that was mistyped."""

    def __init__(self) -> None:
        self._kept: dict[str, set[str]] = {}
        for sku in Article.objects.values_list("sku", flat=True).iterator():
            self._kept.setdefault(sku.casefold(), set()).add(sku)
        self._places: dict[str, str] = {}

    def check(self, row: ArticleRow) -> ArticleRow | RefusedRow:
        """Return `row`, or why its sku will not do."""
        if row.sku in self._places:
            reason = f"sku: {self._places[row.sku]} has the same. Give each article a number of its own"
            return RefusedRow(row.place, row.sku, reason)
        alike = self._kept.setdefault(row.sku.casefold(), set())
        if alike and row.sku not in alike:
            reason = f"sku: {min(alike)!r} differs in capitals only. Write it the same, or give another"
            return RefusedRow(row.place, row.sku, reason)
        alike.add(row.sku)
        self._places[row.sku] = row.place
        return row


def _write(rows: list[ArticleRow], terms: Terms, *, published: bool) -> Batch:
    """Write the rows, beginning anew if someone else is writing the same."""
    for left in reversed(range(_ATTEMPTS)):
        batch = Batch(rows, published=published)
        written = False
        try:
            batch.prepare()
            with transaction.atomic():
                batch.write(terms)
            written = True
        except DatabaseError:
            terms.forget()
            if not left:
                raise
            logger.info("another writer was in the way; the batch begins anew")
        finally:
            if not written:
                batch.discard_files()
        if written:
            break
    batch.remove_left_files()
    if batch.photo_ids:
        photos_imported.send_robust(sender=Photo, photo_ids=batch.photo_ids)
    if batch.awaited:
        photos_awaited.send_robust(sender=PhotoSource)
    return batch
