"""What staff decide about an import. Each says whether it was still possible."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from catalogue import jobs
from catalogue.imports.worker import COUNTED, KIND
from catalogue.models import ImportRun

State = ImportRun.State

# No worker is at it any more, nor counts what another one before it failed at.
FRESH: dict[str, Any] = {"lease_token": "", "leased_until": None, "attempts": 0, "due": None}


@transaction.atomic
def start(run: ImportRun) -> bool:
    """Have a file that was checked imported."""
    # The total stays: it was counted.
    unread = dict.fromkeys((*COUNTED, "cursor"), 0)
    started = ImportRun.objects.filter(pk=run.pk, state=State.CHECKED).update(
        state=State.IMPORTING, paused=False, **FRESH, **unread
    )
    if started:
        run.refusals.all().delete()
    return bool(started)


def pause(run: ImportRun) -> bool:
    """Have the worker stop after the batch that it is writing, which is then not written."""
    return bool(ImportRun.objects.waiting().filter(pk=run.pk).update(paused=True))


def resume(run: ImportRun) -> bool:
    """Have a worker go on where it stopped."""
    paused = ImportRun.objects.filter(pk=run.pk, state__in=ImportRun.WORKING, paused=True)
    return bool(paused.update(paused=False, **FRESH))


def cancel(run: ImportRun) -> bool:
    """End an import. What it brought in so far stays."""
    return jobs.cancel(KIND, run)
