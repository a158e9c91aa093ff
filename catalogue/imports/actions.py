"""What staff decide about an import. Each says whether it was still possible."""

from __future__ import annotations

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from catalogue.messages import Message
from catalogue.models import ImportRun

State = ImportRun.State

# Of a reading that begins.
UNREAD = {"created": 0, "changed": 0, "unchanged": 0, "refused": 0, "awaited": 0}


@transaction.atomic
def start(run: ImportRun) -> bool:
    """Have a file that was checked imported."""
    # The total stays: it was counted.
    started = ImportRun.objects.filter(pk=run.pk, state=State.CHECKED).update(
        state=State.IMPORTING, paused=False, attempts=0, **UNREAD
    )
    if started:
        run.refusals.all().delete()
    return bool(started)


def pause(run: ImportRun) -> bool:
    """Have the worker stop after the batch that it is writing, which is then not written."""
    return bool(ImportRun.objects.working().filter(pk=run.pk).update(paused=True))


def resume(run: ImportRun) -> bool:
    """Have the worker go on where it stopped."""
    paused = ImportRun.objects.filter(pk=run.pk, state__in=ImportRun.WORKING, paused=True)
    return bool(paused.update(paused=False, attempts=0))


def cancel(run: ImportRun) -> bool:
    """End an import. What it brought in so far stays."""
    return end(run, State.CANCELLED)


def end(run: ImportRun, state: str, *, error: Message | None = None, lease: str | None = None) -> bool:
    """Bring an import to its end and remove its file, unless it has ended; with `lease`, only if that still holds."""
    going = ImportRun.objects.exclude(state__in=ImportRun.ENDED).filter(pk=run.pk)
    if lease is not None:
        going = going.filter(lease=lease)
    why = error.as_json() if error else None
    ended = going.update(state=state, paused=False, error=why, ended=timezone.now(), file="")
    if ended and run.file.name:
        name = run.file.name
        transaction.on_commit(lambda: default_storage.delete(name), robust=True)
    return bool(ended)
