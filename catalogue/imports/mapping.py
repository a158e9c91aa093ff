"""Which columns of an import's table hold which fields: looked at, guessed, and chosen by staff."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import transaction

from catalogue.feeds import FeedError
from catalogue.feeds.column_guess import guess
from catalogue.feeds.columns import Columns, chosen_of, column_names, columns_of, mapping_of, problems
from catalogue.feeds.csv_reader import FIELDS
from catalogue.feeds.table_reader import some
from catalogue.feeds.tables import BadRecord, open_table
from catalogue.imports.actions import FRESH
from catalogue.imports.kept_columns import forget_kept, keep, kept_for
from catalogue.imports.worker import COUNTED
from catalogue.messages.message import shorten
from catalogue.models import ImportRun, MappedBy

State = ImportRun.State

# Columns that staff choose fields for: those behind them are read as they are called.
COLUMNS_AT_MOST = 300
# Records that are searched for samples; samples of a column, and their length.
_RECORDS, _SAMPLES, _SAMPLE_LENGTH = 50, 3, 60
# In which states the columns may be chosen: before anything is written.
OPEN = (State.MAPPING, State.CHECKING, State.CHECKED)


def look(path: Path, *, encoding: str | None) -> list[dict[str, Any]]:
    """Return the columns of a table as ImportRun.table has them. Raises FeedError if it has none."""
    with open_table(path, encoding=encoding) as table:
        if not any(heading.strip() for heading in table.header):
            raise FeedError("feed.no_column", file=path.name, column="sku", columns=table.header, field="sku")
        names = column_names(table.header)
        records = (record for _, record in islice(table.records(), _RECORDS))
        rows = [record for record in records if not isinstance(record, BadRecord)]
    return [{"name": name, "samples": _samples(rows, index)} for index, name in enumerate(names)]


def _samples(rows: Sequence[Sequence[str]], index: int) -> list[str]:
    texts = (" ".join(row[index].split()) for row in rows)
    return [shorten(text, _SAMPLE_LENGTH) for text in list(dict.fromkeys(filter(None, texts)))[:_SAMPLES]]


def names_of(run: ImportRun) -> list[str]:
    return [column["name"] for column in run.table]


def chosen(run: ImportRun) -> list[str]:
    """Return the field that each column of an import's table has, "" for none."""
    return chosen_of(names_of(run), columns_of(run.columns), FIELDS)


def guessed(table: Sequence[dict[str, Any]]) -> Columns:
    names = [column["name"] for column in table]
    return mapping_of(names, guess(names, [column["samples"] for column in table], FIELDS), FIELDS)


def prepare(run: ImportRun, table: Sequence[dict[str, Any]]) -> None:
    """Set the columns of a table that is not saved yet, and whether it can be read.

    They are those that the import states, those of the last time, or a guess. What nobody looks at before it is
    imported is not guessed: its columns are what they are called. Raises FeedError if none of them is the sku.
    """
    run.table = list(table[:COLUMNS_AT_MOST])
    kept = kept_for(names_of(run))
    if run.columns:
        run.mapped_by = MappedBy.STAFF
    elif kept is not None:
        run.columns, run.mapped_by = kept, MappedBy.KEPT
    elif run.state == State.IMPORTING:
        if "sku" not in chosen(run):
            raise FeedError("feed.columns_never_chosen", file=run.name, columns=some(names_of(run)))
    else:
        run.columns, run.mapped_by = guessed(table), MappedBy.GUESS
        run.state = State.CHECKING if run.columns.get("sku") else State.MAPPING


def choose(run: ImportRun, fields: Sequence[str], *, by: Any = None) -> bool:
    """Read an import as a table whose columns have these fields ("" for none), store that, and check it again.

    Returns whether the state of the import still allowed it. Call it with fields of which `problems` finds nothing.
    """
    if problems(fields):
        raise ValueError("These columns cannot be read.")
    names = names_of(run)
    columns = mapping_of(names, fields, FIELDS)
    with transaction.atomic():
        if not _check_anew(run, kind=_table_kind(run), columns=columns, mapped_by=MappedBy.STAFF):
            return False
        keep(names, columns, by=by)
    return True


def read_as_recognised(run: ImportRun) -> bool:
    """Read an import as the format that it was recognised as. Returns whether its state still allowed it."""
    if run.recognised == "csv":
        return False
    kind = "zip" if run.kind == "zip" else run.recognised
    return _check_anew(run, kind=kind, columns={}, mapped_by="")


def read_as_table(run: ImportRun) -> bool:
    """Read an import of a known format as a table, with the columns of the last time or a guess."""
    fresh = ImportRun()
    prepare(fresh, run.table)
    values: dict[str, Any] = {"columns": fresh.columns, "mapped_by": fresh.mapped_by, "state": fresh.state}
    return _check_anew(run, kind=_table_kind(run), **values)


def forget(run: ImportRun) -> bool:
    """Forget the columns that were kept for an import's headings, and guess. Returns whether its state allowed it."""
    with transaction.atomic():
        columns = guessed(run.table)
        state = State.CHECKING if columns.get("sku") else State.MAPPING
        guess_anew: dict[str, Any] = {"columns": columns, "mapped_by": MappedBy.GUESS, "state": state}
        if not _check_anew(run, kind=_table_kind(run), **guess_anew):
            return False
        forget_kept(names_of(run))
    return True


def _table_kind(run: ImportRun) -> str:
    """Return the format of an import that is read as a table: one within a ZIP has the photos beside it."""
    return "zip" if run.kind == "zip" else "csv"


@transaction.atomic
def _check_anew(run: ImportRun, *, state: str = State.CHECKING, **values: Any) -> bool:
    unread = dict.fromkeys((*COUNTED, "cursor"), 0)
    empty: dict[str, Any] = {"notes": [], "new_terms": [], "previews": [], "first_rows": [], "total": None}
    open_runs = ImportRun.objects.filter(pk=run.pk, state__in=OPEN).exclude(table=[])
    # A worker that is at it loses its lease, and what it would have written.
    changed = open_runs.update(state=state, paused=False, **FRESH, **unread, **empty, **values)
    if changed:
        run.refusals.all().delete()
    return bool(changed)
