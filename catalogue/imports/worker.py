"""What a worker does for an import: some rows at a time, so that others have the worker too.

Rows are noted in the transaction that writes them, and only while this worker holds the import's lease: one that died
is followed by another exactly where it stood, and one that was only slow finds its batch taken back.
"""

from __future__ import annotations

from collections.abc import Generator
from datetime import timedelta

from django.core.files.storage import default_storage
from django.db import transaction

from catalogue import jobs
from catalogue.feeds import FeedError, Progress, import_articles
from catalogue.imports.readers import local_file, named_as_sent, reader_of
from catalogue.messages import Message
from catalogue.models import ImportRefusal, ImportRun, ImportRunQuerySet

State = ImportRun.State

COUNTED = ("created", "changed", "unchanged", "refused", "awaited")


class Imports(jobs.JobKind[ImportRun]):
    """Imports, a batch of rows a unit. Their rows stay, as the history that staff see; their files do not."""

    # Reading on from the middle of a file means reading all before it.
    TIMES_ITS_START = 4
    LOST_AFTER = timedelta(days=1)

    def rows(self) -> ImportRunQuerySet:
        return ImportRun.objects.all()

    def units(self, lease: jobs.Lease[ImportRun]) -> Generator[None, None, None]:
        try:
            yield from _read(lease)
        except FeedError as error:
            raise jobs.JobFailedError(error.message) from error

    def finish(self, lease: jobs.Lease[ImportRun]) -> str:
        return State.CHECKED if lease.job.state == State.CHECKING else State.FINISHED

    def at_end(self, job: ImportRun, state: str) -> None:
        """Remove the file of an import: nothing comes after its end."""
        ImportRun.objects.filter(pk=job.pk).update(file="", paused=False)
        if name := job.file.name:
            transaction.on_commit(lambda: default_storage.delete(name), robust=True)

    def interrupted(self, job: ImportRun, times: int) -> Message:
        return Message.of("import.interrupted", file=job.name, times=times, row=job.done + 1)

    def remove_lost_files(self) -> int:
        """Remove files of imports that have no row: a process killed while receiving leaves such."""
        named = ImportRun.objects.values_list("file", flat=True)
        return jobs.remove_unknown_files(default_storage, "imports", lambda: named, older_than=self.LOST_AFTER)


KIND = Imports()


def run_slice(run_id: int, *, for_s: float) -> bool:
    """Deal with rows of an import for about so many seconds, and return whether there are more. Safe to repeat."""
    return jobs.run_slice(KIND, run_id, for_s=for_s)


def _read(lease: jobs.Lease[ImportRun]) -> Generator[None, None, None]:
    run = lease.job
    with local_file(run) as path, named_as_sent(run, path):
        reader = reader_of(run, path)
        reader.heartbeat = lambda: jobs.renew(lease)
        readings = import_articles(
            reader,
            published=run.published,
            since=_progress_of(run),
            dry=run.state == State.CHECKING,
            record=lambda progress: _note(lease, progress),
        )
        # What was counted, before the first batch.
        _note(lease, next(readings))
        for _ in readings:
            yield


def _progress_of(run: ImportRun) -> Progress | None:
    if run.total is None:
        return None
    return Progress(run.total, run.created, run.changed, run.unchanged, run.refused, run.awaited)


@transaction.atomic
def _note(lease: jobs.Lease[ImportRun], progress: Progress) -> None:
    """Note how far an import is. Raises LeaseLostError, which takes the batch back, if it is not to go on."""
    counted = {name: getattr(progress, name) for name in COUNTED}
    jobs.advance(lease, cursor=progress.done, total=progress.total, **counted)
    ImportRefusal.objects.bulk_create(
        ImportRefusal(run=lease.job, line=row.line, sku=row.sku, error=row.message.as_json())
        for row in progress.refusals
    )
