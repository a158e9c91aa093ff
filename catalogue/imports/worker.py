"""What a worker does for an import: some rows at a time, so that others have the worker too.

Rows are noted in the transaction that writes them, and only while this worker holds the import's lease: one that died
is followed by another exactly where it stood, and one that was only slow finds its batch taken back.
"""

from __future__ import annotations

import logging
import time
from datetime import timedelta
from uuid import uuid4

from django.core.files.storage import default_storage
from django.db.models import F, Q
from django.utils import timezone

from catalogue.feeds import FeedError, Progress, import_articles
from catalogue.imports.actions import end
from catalogue.imports.readers import local_file, named_as_sent, reader_of
from catalogue.models import ImportRefusal, ImportRun, ImportRunQuerySet

logger = logging.getLogger(__name__)

State = ImportRun.State

# A worker that was not heard of for so long is taken for dead. It is heard of every second or so.
DEAD_AFTER = timedelta(seconds=30)
# An import at which workers die again and again is given up.
ATTEMPTS = 5
# Reading on from the middle of a file means reading all before it, so a slice lasts several times as long as that.
TIMES_ITS_START = 4
# A file is kept before its row is, so a new one without a row may be about to get it.
LOST_AFTER = timedelta(days=1)


class StoppedError(Exception):
    """The import was paused, cancelled, or given to another worker."""


def waiting_ids() -> list[int]:
    """Return the imports that no living worker is at and one should be."""
    return list(_free(ImportRun.objects.working()).values_list("pk", flat=True))


def run_slice(run_id: int, *, for_s: float) -> bool:
    """Deal with rows of an import for about so many seconds, and return whether there are more.

    Does nothing for one that is gone, has ended or is paused, or at which another worker is.
    """
    lease = uuid4().hex
    mine = _free(ImportRun.objects.working()).filter(pk=run_id)
    if not mine.update(lease=lease, heard=timezone.now(), attempts=F("attempts") + 1):
        return False
    run = ImportRun.objects.get(pk=run_id)
    try:
        if run.attempts > ATTEMPTS:
            raise FeedError("import.interrupted", file=run.name, times=ATTEMPTS, row=run.done + 1)
        return _read_slice(run, for_s=for_s)
    except StoppedError:
        return False
    except FeedError as error:
        end(run, State.FAILED, error=error.message, lease=lease)
        return False
    finally:
        ImportRun.objects.filter(pk=run_id, lease=lease).update(lease="")


def remove_lost_files() -> int:
    """Remove files of imports that have no row, and return how many: a process killed while receiving leaves such."""
    try:
        _, names = default_storage.listdir("imports")
    except FileNotFoundError:
        return 0
    kept = set(ImportRun.objects.values_list("file", flat=True))
    lost = [name for name in (f"imports/{name}" for name in names) if name not in kept and _is_old(name)]
    for name in lost:
        default_storage.delete(name)
    return len(lost)


def _is_old(name: str) -> bool:
    try:
        return default_storage.get_modified_time(name) < timezone.now() - LOST_AFTER
    except FileNotFoundError:
        return False


def _free(runs: ImportRunQuerySet) -> ImportRunQuerySet:
    return runs.filter(Q(lease="") | Q(heard__lt=timezone.now() - DEAD_AFTER))


def _read_slice(run: ImportRun, *, for_s: float) -> bool:
    dry = run.state == State.CHECKING
    with local_file(run) as path, named_as_sent(run, path):
        reader = reader_of(run, path)
        reader.heartbeat = lambda: _hold(run)
        began = time.monotonic()
        readings = import_articles(
            reader,
            published=run.published,
            since=_progress_of(run),
            dry=dry,
            record=lambda progress: _note(run, progress),
        )
        _note(run, next(readings))
        started_s = None
        for _ in readings:
            took = time.monotonic() - began
            started_s = took if started_s is None else started_s
            if took >= max(for_s, TIMES_ITS_START * started_s):
                return True
    if dry:
        _hold(run, state=State.CHECKED)
    else:
        end(run, State.FINISHED, lease=run.lease)
    return False


def _progress_of(run: ImportRun) -> Progress | None:
    if run.total is None:
        return None
    return Progress(run.total, run.created, run.changed, run.unchanged, run.refused, run.awaited)


def _note(run: ImportRun, progress: Progress) -> None:
    """Note how far an import is. Raises StoppedError, which takes the batch back, if it is not to go on."""
    counted = {
        name: getattr(progress, name) for name in ("total", "created", "changed", "unchanged", "refused", "awaited")
    }
    if progress.done > run.done:
        counted["attempts"] = 0
    _hold(run, **counted)
    ImportRefusal.objects.bulk_create(
        ImportRefusal(run=run, line=row.line, sku=row.sku, error=row.message.as_json()) for row in progress.refusals
    )


def _hold(run: ImportRun, **noted: object) -> None:
    """Show that the worker lives. Raises StoppedError if the import is no longer its to go on with."""
    held = ImportRun.objects.working().filter(pk=run.pk, lease=run.lease, state=run.state)
    if not held.update(heard=timezone.now(), **noted):
        raise StoppedError
