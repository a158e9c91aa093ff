"""Actions of staff on an import. Each returns whether the state of the import still allowed it."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from catalogue import jobs
from catalogue.feeds.columns import columns_of
from catalogue.imports.kept_columns import keep
from catalogue.imports.worker import COUNTED, KIND
from catalogue.models import ImportRun, MappedBy

State = ImportRun.State

# Releases the lease, and resets the failed attempts and the delay of a retry.
FRESH: dict[str, Any] = {"lease_token": "", "leased_until": None, "attempts": 0, "due": None}


@transaction.atomic
def start(run: ImportRun) -> bool:
    """Start importing a file that was checked."""
    # `total` is kept: the check has counted the rows.
    unread = dict.fromkeys((*COUNTED, "cursor"), 0)
    started = ImportRun.objects.filter(pk=run.pk, state=State.CHECKED).update(
        state=State.IMPORTING, paused=False, **FRESH, **unread
    )
    if started:
        run.refusals.all().delete()
        if run.mapped_by == MappedBy.GUESS:
            # Whoever starts it has seen what the guess makes of the file.
            keep([column["name"] for column in run.table], columns_of(run.columns), by=run.by)
    return bool(started)


def pause(run: ImportRun) -> bool:
    """Pause an import. The batch that a worker is writing is rolled back."""
    return bool(ImportRun.objects.waiting().filter(pk=run.pk).update(paused=True))


def resume(run: ImportRun) -> bool:
    """Resume a paused import where it stopped."""
    paused = ImportRun.objects.filter(pk=run.pk, state__in=ImportRun.WORKING, paused=True)
    return bool(paused.update(paused=False, **FRESH))


def cancel(run: ImportRun) -> bool:
    """Cancel an import. The rows imported so far stay."""
    return jobs.cancel(KIND, run)


def delete(*run_ids: int) -> None:
    """Hide imports; workers remove them with their row errors. What they imported stays."""
    jobs.discard(ImportRun, list(run_ids))
