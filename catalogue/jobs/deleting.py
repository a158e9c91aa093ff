"""Deleting what has very many rows behind it: hidden at once, removed by workers in short transactions.

SQLite lets one connection write at a time. One statement that deletes hundreds of thousands of rows holds up everybody
who saves.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

if TYPE_CHECKING:
    from catalogue.models.deleting import Discardable

# Rows deleted per transaction: .1 s on SQLite, with their indexes.
ROWS_AT_ONCE = 2_000
# One clean-up deletes for so long; the next goes on.
AT_MOST_S = 5.0


def discard(model: type[Discardable], keys: list[int]) -> int:
    """Hide rows, for workers to remove. Returns how many there were."""
    return model._base_manager.filter(pk__in=keys, deleting=False).update(deleting=True)


def delete_in_pieces(rows: QuerySet[Any]) -> bool:
    """Delete rows, in transactions of their own, for about AT_MOST_S. Returns whether all are gone.

    Not to be called within a transaction.
    """
    until = time.monotonic() + AT_MOST_S
    rows = rows.order_by("pk")
    while keys := list(rows.values_list("pk", flat=True)[:ROWS_AT_ONCE]):
        rows.model._base_manager.filter(pk__in=keys).delete()
        if time.monotonic() >= until:
            return not rows.exists()
    return True


def remove_discarded(model: type[Discardable], *behind: QuerySet[Any]) -> int:
    """Delete, for some seconds, the rows behind what was discarded, then these. Returns how many of these are gone."""
    discarded = model._base_manager.filter(deleting=True)
    if not discarded.exists() or not all(delete_in_pieces(rows) for rows in behind):
        return 0
    removed = 0
    for one in discarded:
        # What came in meanwhile goes with it.
        one.delete()
        removed += 1
    return removed
