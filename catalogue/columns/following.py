"""The column table of this process, which follows the history of changes.

Every change of an article is an edit, written in its transaction (catalogue.models.recording). Before it gives the
table, a process reads the edits that are new since, and the rows of the articles that they name. Numbers of edits are
given before the commit, so that one may appear behind others that were read: numbers that were passed over are looked
for again, for LATE_S. A database that was restored is known by the change set of the last edit, which is another.

Statements past the models are no edits: what they change is seen when all rows are read anew, every REREAD_EVERY_S, or
when a list notices that its rows are others (`doubt`). That is so much later that such an article is counted, or found,
as it was; what is shown of it, and whether, is decided by the statement that reads its row.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable
from uuid import UUID

import numpy as np
from django.db import connection
from django.db.models import Q

from catalogue.columns.photos import PhotoColumn
from catalogue.columns.reading import read_photos, read_rows
from catalogue.columns.rows import Vocabularies
from catalogue.columns.table import ColumnTable
from catalogue.models import Article, Brand, Category, Colour, Edit, Photo
from catalogue.text_search.names import forget_names

logger = logging.getLogger(__name__)

# Changes past the models are seen so late, if nothing else shows them.
REREAD_EVERY_S = 300.0
# Reading all rows takes this share of the time at the most.
REREAD_SHARE = 0.05
# From so many articles on all rows are read anew by a thread beside the requests (100,000: 0.6 s), and changes are
# looked for at most this often: each makes new arrays (100,000: 10 ms).
LARGE, FOLLOWED_EVERY_S = 20_000, 0.25
# More edits than these cost more than reading all rows.
EDITS_AT_MOST = 10_000
# Numbers that were passed over, as ranges of them, belong to transactions that are not committed yet, or never will be.
LATE_S, RANGES_AT_MOST = 600.0, 100
_NAMED = {Brand.KIND, Category.KIND, Colour.KIND}


class Follower:
    """Holds the table, and keeps it as true as the module says. Safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._table: ColumnTable | None = None
        self._photos: PhotoColumn | None = None
        # The last edit that was read, and its change set; 0 and None before the first.
        self._last: tuple[int, UUID | None] = (0, None)
        # Numbers that were passed over, first and last, and when.
        self._passed_over: list[tuple[int, int, float]] = []
        self._read_at = self._followed_at = self._took_s = 0.0
        self._doubted = False
        self._rereading: threading.Thread | None = None

    def table(self) -> ColumnTable:
        """Return the published articles as they are committed. One statement; more where something changed.

        The first call in a process reads all rows. Large shops: changes of the last FOLLOWED_EVERY_S may be missing.
        """
        with self._lock:
            now = time.monotonic()
            if self._table is None:
                return self._read()
            if len(self._table) < LARGE or now - self._followed_at >= FOLLOWED_EVERY_S:
                self._followed_at = now
                if not self._follow(self._table) or self._is_due(now):
                    self._reread()
            return self._table

    def photos(self) -> PhotoColumn:
        """Return whose each photo is, as committed when `table` was last called. The first call reads all rows."""
        with self._lock:
            if self._photos is None:
                self._photos = read_photos()
            return self._photos

    def doubt(self) -> None:
        """Have all rows read anew, soon: a list that was made from the table shows that some have changed."""
        self._doubted = True

    def forget(self) -> None:
        """Have all rows read by the next call."""
        with self._lock:
            self._table = self._photos = None

    def _is_due(self, now: float) -> bool:
        age = now - self._read_at
        return (self._doubted or age >= REREAD_EVERY_S) and age * REREAD_SHARE >= self._took_s

    def _reread(self) -> None:
        if self._table is not None and len(self._table) < LARGE:
            self._read()
        elif self._rereading is None or not self._rereading.is_alive():
            self._rereading = threading.Thread(target=self._reread_beside, name="column-table", daemon=True)
            self._rereading.start()

    def _reread_beside(self) -> None:
        """Read all rows while requests go on with the present table, then follow what was changed meanwhile."""
        fresh = Follower()
        fresh._photos = self._photos
        try:
            fresh.table()
        # Of any kind: this thread has no caller, and the present table goes on serving.
        except Exception:
            logger.exception("the column table cannot be read anew; the present one stays")
            return
        finally:
            connection.close()
        with self._lock:
            if self._table is not None:
                self._take(fresh)

    def _take(self, other: Follower) -> None:
        self._table, self._last, self._passed_over = other._table, other._last, other._passed_over
        # Those that were first asked for meanwhile are as new as the other's.
        self._photos = other._photos or self._photos
        self._read_at, self._took_s, self._doubted = other._read_at, other._took_s, False
        self._followed_at = 0.0

    def _read(self) -> ColumnTable:
        started = time.monotonic()
        # Before the rows: what is committed while they are read is followed afterwards.
        newest = list(Edit.objects.order_by("-pk").values_list("pk", "change_set_id")[:EDITS_AT_MOST])
        vocabularies = Vocabularies()
        table = ColumnTable(read_rows(vocabularies), vocabularies)
        if self._photos is not None:
            self._photos = read_photos()
        self._table, self._last, self._passed_over = table, (newest[-1][0] - 1, None) if newest else (0, None), []
        self._read_at = self._followed_at = time.monotonic()
        self._note_passed_over([number for number, _ in reversed(newest)], self._read_at)
        self._last = newest[0] if newest else (0, None)
        self._took_s, self._doubted = self._read_at - started, False
        return table

    def _follow(self, table: ColumnTable) -> bool:
        """Put the rows of changed articles in the table's place. Returns whether that is possible."""
        number, change_set = self._last
        now = time.monotonic()
        self._passed_over = [entry for entry in self._passed_over if now - entry[2] < LATE_S]
        wanted = Q(pk__gte=number)
        for first, last, _ in self._passed_over:
            wanted |= Q(pk__range=(first, last))
        rows = Edit.objects.filter(wanted).order_by("pk").values_list("pk", "change_set_id", "kind", "row_id")
        edits = list(rows[: EDITS_AT_MOST + 1])
        of_last = next((edit for edit in edits if edit[0] == number), None)
        if number and (of_last is None or of_last[1] != change_set):
            # Another database, or old changes were forgotten.
            return False
        edits = [edit for edit in edits if edit[0] != number]
        if len(edits) > EDITS_AT_MOST:
            return False
        if not edits:
            return True
        if any(edit[2] in _NAMED for edit in edits):
            forget_names()
        changed = {edit[3] for edit in edits if edit[2] == Article.KIND}
        if changed:
            rows_now = read_rows(table.vocabularies, changed)
            self._table = table.replaced(np.array(sorted(changed), np.int64), rows_now)
        photos = {edit[3] for edit in edits if edit[2] == Photo.KIND}
        if photos and self._photos is not None:
            self._photos = self._photos.replaced(np.array(sorted(photos), np.int64), read_photos(photos))
        # Last: where rows cannot be read, the same edits are read by the next call.
        self._note_passed_over([edit[0] for edit in edits], now)
        self._last = max(self._last, edits[-1][:2], key=lambda last: last[0])
        return True

    def _note_passed_over(self, numbers: Iterable[int], now: float) -> None:
        """Take the numbers out of those that were passed over, and add what is missing between them."""
        before = self._last[0]
        ranges = list(self._passed_over)
        for number in numbers:
            if number > before:
                if number > before + 1:
                    ranges.append((before + 1, number - 1, now))
                before = number
                continue
            ranges = [part for entry in ranges for part in _without(entry, number)]
        if len(ranges) > RANGES_AT_MOST:
            # The oldest are most likely those of changes that failed.
            self._doubted = True
        self._passed_over = ranges[-RANGES_AT_MOST:]


def _without(entry: tuple[int, int, float], number: int) -> list[tuple[int, int, float]]:
    first, last, since = entry
    if not first <= number <= last:
        return [entry]
    return [part for part in ((first, number - 1, since), (number + 1, last, since)) if part[0] <= part[1]]


_follower = Follower()


def column_table() -> ColumnTable:
    """Return this process's table of the published articles, as `Follower.table` does."""
    return _follower.table()


def photo_column() -> PhotoColumn:
    """Return whose each photo is, as `Follower.photos` does. Ask for the table first: it follows what changed."""
    return _follower.photos()


def doubt_table() -> None:
    _follower.doubt()


def forget_table() -> None:
    _follower.forget()
