"""Imports the rows of a reader into the catalogue.

Articles are matched by sku, so an import is idempotent: run again, also after a crash, it writes only differences. Rows
are written in batches. A batch's photos are read, checked and stored first; then everything is written in one short
transaction, since workers write too and SQLite has one writer.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from django.db import DatabaseError, transaction

from catalogue.feeds.batch import Batch
from catalogue.feeds.previews import Preview, RowPreview, refused_row
from catalogue.feeds.rows import ArticleRow, CellError, Reader, RowError, where
from catalogue.feeds.taxonomy import NewTerm, Terms
from catalogue.messages import Message
from catalogue.models import Article, Edit, Photo, PhotoSource
from catalogue.models.recording import Recording, continued, current
from catalogue.signals import articles_of_photos_made, photos_awaited, photos_imported

logger = logging.getLogger(__name__)

# Writing 100 rows with photos takes 50 ms on two busy cores, during which other writers wait.
BATCH_SIZE = 100
# Rows, and changed articles, that are previewed one by one.
PREVIEWED = 20
# Attempts at a batch while concurrent writers change or delete the same articles or terms.
_ATTEMPTS = 3


@dataclass(frozen=True)
class Seen:
    """A row that the source had, imported or refused. `skus`: the articles that it is of, or may be of.

    `states` has the names of the article's attributes that it sets. A refused row without a sku may be of any article.
    """

    skus: tuple[str, ...]
    imported: bool
    states: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Progress:
    """Progress of an import: numbers of rows since its start, and the rows refused since the previous progress."""

    total: int
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    # Pictures that a worker is to fetch.
    awaited: int = 0
    # Categories, brands and colours that were added since the progress before.
    new_terms: tuple[NewTerm, ...] = ()
    refusals: tuple[RowError, ...] = ()
    # The first rows of the source, in its order, and the first articles that changed: PREVIEWED of each in all.
    first_rows: tuple[RowPreview, ...] = ()
    previews: tuple[Preview, ...] = ()
    # The rows since the progress before.
    seen: tuple[Seen, ...] = ()

    @property
    def done(self) -> int:
        return self.created + self.changed + self.unchanged + self.refused


# Called in the transaction that writes a batch, so that both are committed or neither. May raise, to roll it back.
Record = Callable[[Progress], None]


def import_articles(
    reader: Reader,
    *,
    published: bool = True,
    batch_size: int = BATCH_SIZE,
    since: Progress | None = None,
    dry: bool = False,
    record: Record | None = None,
    recorded: Recording | None = None,
) -> Iterator[Progress]:
    """Import the rows of `reader`, yielding the progress at the start and after every batch.

    `published` applies to new articles whose source does not state it. Each batch is committed before its progress is
    yielded; invalid rows are refused one by one and the others written. After each commit `photos_imported` is sent if
    photos have new bytes, and `photos_awaited` if pictures are to be fetched.

    `since` is the progress at which an earlier run ended: its rows are not written again. A `dry` run writes every
    batch and rolls it back, so it refuses and counts exactly what a real run would; `record` is called afterwards.

    What changes is recorded as `recorded`, by default as one change set of a command.

    Raises FeedError if the source cannot be read at all.
    """
    fresh: dict[str, Any] = dict.fromkeys(("refusals", "new_terms", "first_rows", "previews", "seen"), ())
    progress = replace(since, **fresh) if since else Progress(total=reader.count())
    yield progress
    recorded = recorded or current()
    recorded.muted = dry
    skus, terms, rows = _Skus(), Terms(), iter(reader)
    for row in islice(rows, progress.done):
        skus.check(row)
    while batch := list(islice(rows, batch_size)):
        checked = [skus.check(row) for row in batch]
        writing = _Writing(checked, terms, skus, published=published, dry=dry)
        # Around each batch alone: what is done between two yields is the caller's.
        with continued(recorded):
            progress = writing.write(progress, record)
        yield progress


def propose_made(reader: Reader, change_set: Any, *, by: Any = None) -> list[Message]:
    """Announce the articles that an import of photos alone made, by a signal, at its end; safe to repeat.

    Returns what to tell staff about it.
    """
    if not reader.photos_only:
        return []
    made = Edit.objects.filter(change_set=change_set, kind=Edit.Kind.ARTICLE, did=Edit.Did.CREATED)
    keys = list(made.order_by("article_id").values_list("article_id", flat=True))
    answers = (
        articles_of_photos_made.send(sender=Article, article_ids=keys, by=by, change_set=change_set) if keys else []
    )
    return [Message.of("feed.proposed", number=len(keys))] if any(answer for _, answer in answers) else []


class _Skus:
    """The known skus. One that differs from another only in case is refused as a typing error."""

    def __init__(self) -> None:
        self._kept: dict[str, set[str]] = {}
        for sku in Article.objects.values_list("sku", flat=True).iterator():
            self._kept.setdefault(sku.casefold(), set()).add(sku)
        self._lines: dict[str, str] = {}

    def check(self, row: ArticleRow | RowError) -> ArticleRow | RowError:
        """Return `row`, or a RowError if its sku is a duplicate or differs from a known one only in case."""
        if isinstance(row, RowError):
            return row
        if row.sku in self._lines:
            same = CellError("row.duplicate_sku", where=where(self._lines[row.sku]))
            return RowError(row.line, row.sku, row.error_in("sku", same).message)
        alike = self._kept.setdefault(row.sku.casefold(), set())
        if alike and row.sku not in alike:
            differs = CellError("row.sku_case", sku=min(alike))
            return RowError(row.line, row.sku, row.error_in("sku", differs).message)
        alike.add(row.sku)
        self._lines[row.sku] = row.line
        return row

    def alike(self, sku: str) -> tuple[str, ...]:
        """Return the known skus that are this one, but for case."""
        return tuple(self._kept.get(sku.casefold(), ()))


class _Writing:
    """Writes one batch, with retries."""

    def __init__(
        self, checked: Sequence[ArticleRow | RowError], terms: Terms, skus: _Skus, *, published: bool, dry: bool
    ) -> None:
        self._order = [row.line for row in checked]
        self._rows = [row for row in checked if isinstance(row, ArticleRow)]
        self._refused = [row for row in checked if isinstance(row, RowError)]
        self._terms, self._skus = terms, skus
        self._published, self._dry = published, dry

    def write(self, before: Progress, record: Record | None) -> Progress:
        """Write the rows, retrying on database errors such as concurrent writes. Returns the new progress."""
        for left in reversed(range(_ATTEMPTS)):
            batch = Batch(self._rows, published=self._published)
            try:
                return self._attempt(batch, before, record)
            except DatabaseError:
                self._terms.fail()
                if not left:
                    raise
                logger.info("another writer was in the way; the batch starts again")
        raise AssertionError("the last attempt returns or raises")

    def _attempt(self, batch: Batch, before: Progress, record: Record | None) -> Progress:
        written = False
        try:
            batch.prepare()
            with transaction.atomic():
                batch.write(self._terms)
                progress = self._after(before, batch)
                if self._dry:
                    transaction.set_rollback(True)
                elif record:
                    record(progress)
            written = not self._dry
        finally:
            if not written:
                batch.discard_files()
        if self._dry:
            # The terms created for this batch were rolled back.
            self._terms.forget()
            if record:
                record(progress)
        else:
            _announce(batch)
        return progress

    def _after(self, before: Progress, batch: Batch) -> Progress:
        refusals = (*self._refused, *batch.refusals)
        return replace(
            before,
            created=before.created + batch.created,
            changed=before.changed + batch.changed,
            unchanged=before.unchanged + batch.unchanged,
            refused=before.refused + len(refusals),
            awaited=before.awaited + batch.awaited,
            new_terms=self._terms.take_new(),
            first_rows=self._first_rows(batch, refusals, at_most=PREVIEWED - before.done),
            previews=tuple(batch.previews(self._terms, at_most=PREVIEWED - before.changed)),
            refusals=refusals,
            seen=tuple(self._seen(batch)),
        )

    def _seen(self, batch: Batch) -> Iterator[Seen]:
        refused = {error.sku for error in batch.refusals}
        for row in self._rows:
            if row.sku not in refused:
                yield Seen((row.sku,), imported=True, states=frozenset(row.values))
        for error in (*self._refused, *batch.refusals):
            # One of an unknown sku would have been a new article.
            yield Seen(self._skus.alike(error.sku) or (error.sku,) if error.sku else (), imported=False)

    def _first_rows(self, batch: Batch, refusals: Sequence[RowError], *, at_most: int) -> tuple[RowPreview, ...]:
        if at_most <= 0:
            return ()
        rows = [*batch.row_previews(self._terms), *map(refused_row, refusals)]
        place = {line: number for number, line in enumerate(self._order)}
        return tuple(sorted(rows, key=lambda row: place[row.line])[:at_most])


def _announce(batch: Batch) -> None:
    if batch.photo_ids:
        photos_imported.send_robust(sender=Photo, photo_ids=batch.photo_ids)
    if batch.awaited:
        photos_awaited.send_robust(sender=PhotoSource)
