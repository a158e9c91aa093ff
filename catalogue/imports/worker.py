"""Imports as jobs: a worker processes some rows per slice, so that other jobs get the worker too.

Progress is recorded in the transaction that writes the rows, and only while this worker holds the lease. So after a
crash another worker resumes exactly there, and a worker that was only slow has its batch rolled back.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction

from catalogue import jobs
from catalogue.feeds import FeedError, Progress, import_articles, propose_made
from catalogue.imports.feed_articles import record_seen
from catalogue.imports.readers import local_file, named_as_sent, reader_of
from catalogue.messages import Message
from catalogue.models import Article, ChangeSet, FeedFetch, ImportRefusal, ImportRun, ImportRunQuerySet
from catalogue.models.recording import Recording

State = ImportRun.State

COUNTED = ("created", "changed", "unchanged", "refused", "awaited")
# The first of these are kept as rows for staff to read, the others counted.
ERRORS_AT_MOST = 10_000
NEW_TERMS_AT_MOST = 1_000
# The code of the note on articles in the bin, and how many of them it names.
IN_BIN, NAMED_AT_MOST = "feed.in_bin", 5


class Imports(jobs.JobKind[ImportRun]):
    """Imports; a unit is a batch of rows. An ImportRun stays, as history for staff; its file is deleted at the end."""

    # Resuming in the middle of a file means reading everything before it.
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
        """Delete the import's file after the commit, and have the fetch that brought it settled."""
        FeedFetch.objects.filter(run=job.pk, state=FeedFetch.State.IMPORTING).update(state=FeedFetch.State.SETTLING)
        ImportRun.objects.filter(pk=job.pk).update(file="", paused=False)
        if name := job.file.name:
            transaction.on_commit(lambda: default_storage.delete(name), robust=True)

    def interrupted(self, job: ImportRun, times: int) -> Message:
        return Message.of("import.interrupted", file=job.name, times=times, row=job.done + 1)

    def remove_expired(self) -> int:
        """Remove imports that staff deleted, with their row errors."""
        return jobs.remove_discarded(ImportRun, ImportRefusal.objects.filter(run__deleting=True))

    def remove_lost_files(self) -> int:
        """Delete orphaned files, left by a process killed during an upload, and return their number."""
        named = ImportRun.objects.values_list("file", flat=True)
        return jobs.remove_unknown_files(default_storage, "imports", lambda: named, older_than=self.LOST_AFTER)


KIND = Imports()


def run_slice(run_id: int, *, for_s: float) -> bool:
    """Process rows of an import for about `for_s` seconds, and return whether there are more. Idempotent."""
    return jobs.run_slice(KIND, run_id, for_s=for_s)


def _read(lease: jobs.Lease[ImportRun]) -> Generator[None, None, None]:
    run = lease.job
    with local_file(run) as path, named_as_sent(run, path):
        reader = reader_of(run, path)
        reader.heartbeat = lambda: jobs.renew(lease)
        recorded = _recording_of(run)
        readings = import_articles(
            reader,
            published=run.published,
            since=_progress_of(run),
            dry=run.state == State.CHECKING,
            record=lambda progress: _note(lease, progress),
            recorded=recorded,
        )
        # The first progress holds the total; recorded before the first batch.
        _note(lease, next(readings))
        for _ in readings:
            yield
        notes = [*reader.notes(), *(note for note in map(Message.from_json, run.notes) if note.code == IN_BIN)]
        if reader.photos_only and run.published and run.state == State.CHECKING:
            notes.append(Message.of("feed.photos_alone"))
        with transaction.atomic():
            if not run.held().update(notes=[note.as_json() for note in notes]):
                raise jobs.LeaseLostError
            if run.state == State.IMPORTING and (more := propose_made(reader, recorded.key, by=run.by)):
                run.held().update(notes=[note.as_json() for note in (*notes, *more)])


def _recording_of(run: ImportRun) -> Recording:
    """Return the recording of an import, which goes on over all slices, whichever worker does them."""
    begun = run.change_sets.filter(how=ChangeSet.How.IMPORT).values_list("pk", flat=True).first()
    values = {"import_run": run, "params": {"name": run.name}}
    made = Recording(ChangeSet.How.IMPORT, user=lambda: run.by, values=values)
    if begun is not None:
        made.key, made.stored = begun, True
    return made


def _progress_of(run: ImportRun) -> Progress | None:
    if run.total is None:
        return None
    return Progress(run.total, run.created, run.changed, run.unchanged, run.refused, run.awaited)


def _in_bin(progress: Progress) -> list[str]:
    """Return the SKUs of a batch that articles in the bin have, and none that is not."""
    skus = {sku for row in progress.seen if row.imported for sku in row.skus}
    binned = set(Article.all_objects.binned().filter(sku__in=skus).values_list("sku", flat=True))
    return sorted(binned.difference(Article.objects.filter(sku__in=binned).values_list("sku", flat=True)))


def _noted(run: ImportRun, binned: list[str]) -> Message:
    """Return the note on articles in the bin, with those of the batches before."""
    nothing: dict[str, Any] = {"number": 0, "skus": []}
    before: dict[str, Any] = next((note["params"] for note in run.notes if note["code"] == IN_BIN), nothing)
    named = [sku for sku in before["skus"] if sku != "…"]
    skus = [*named, *binned]
    more = before["number"] + len(binned) > NAMED_AT_MOST
    shown = [*skus[:NAMED_AT_MOST], *(["…"] if more else [])]
    return Message.of(IN_BIN, number=before["number"] + len(binned), skus=shown)


@transaction.atomic
def _note(lease: jobs.Lease[ImportRun], progress: Progress) -> None:
    """Record the progress of an import and its row errors. Raises LeaseLostError, which rolls the batch back."""
    counted: dict[str, Any] = {name: getattr(progress, name) for name in COUNTED}
    if progress.new_terms and lease.job.state == State.CHECKING:
        new = [*lease.job.new_terms, *([term.kind, term.name] for term in progress.new_terms)]
        counted["new_terms"] = new[:NEW_TERMS_AT_MOST]
    if progress.first_rows and lease.job.state == State.CHECKING:
        counted["first_rows"] = [*lease.job.first_rows, *map(asdict, progress.first_rows)]
    if progress.previews and lease.job.state == State.CHECKING:
        counted["previews"] = [*lease.job.previews, *map(asdict, progress.previews)]
    if progress.seen and lease.job.state == State.CHECKING and (binned := _in_bin(progress)):
        counted["notes"] = [_noted(lease.job, binned).as_json()]
    jobs.advance(lease, cursor=progress.done, total=progress.total, **counted)
    ImportRefusal.objects.bulk_create(
        ImportRefusal(run=lease.job, line=row.line, sku=row.sku, error=row.message.as_json())
        for row in progress.refusals[: max(0, ERRORS_AT_MOST - progress.refused + len(progress.refusals))]
    )
    if lease.job.state == State.IMPORTING and progress.seen:
        record_seen(lease.job, progress.seen)
