"""Receives an uploaded file: an invalid beginning is reported at once, and then nothing is stored."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from pathlib import Path, PurePath
from typing import Any

from django.core.files.base import File
from django.db import transaction

from catalogue.feeds import FeedError
from catalogue.feeds.archives import MAGICS
from catalogue.feeds.format_detection import table_in
from catalogue.feeds.table_reader import TableReader
from catalogue.feeds.tables import open_table
from catalogue.feeds.zip_reader import ArchivedTableReader
from catalogue.imports import mapping
from catalogue.imports.readers import kind_of, local_file, named_as_sent, reader_of
from catalogue.models import ImportRun

# Byte order marks of UTF-16, the only supported text with null bytes.
_WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_LOOKED_AT = 8_192


def receive(
    file: File[bytes],
    *,
    by: Any = None,
    encoding: str = "",
    published: bool = True,
) -> ImportRun:
    """Store a file and return its import: one to be checked by a worker, or one whose columns staff have to choose.

    Raises FeedError, and then stores nothing.
    """
    run = ImportRun(encoding=encoding, published=published, by=by)
    store(run, file)
    return run


def store(run: ImportRun, file: File[bytes], *, record: Callable[[], None] = lambda: None) -> None:
    """Save an import with its file. `record` is called in the transaction that saves it.

    The format and the columns are recognised unless the import states them. One that is to be checked waits for staff
    where the columns are not known. Raises FeedError, and whatever `record` raises; then nothing is stored.
    """
    run.name = PurePath(file.name or "").name[-200:] or "?"
    run.size = file.size
    check_is_text(file, run.name)
    try:
        run.file.save(run.name, file, save=False)
    except OSError as error:
        raise FeedError("feed.not_kept", file=run.name, error=str(error.strerror)) from error
    kept = False
    try:
        check_beginning(run)
        with transaction.atomic():
            run.save()
            record()
        kept = True
    finally:
        if not kept:
            run.file.delete(save=False)


def check_is_text(file: File[bytes], name: str) -> None:
    file.seek(0)
    start = file.read(_LOOKED_AT)
    file.seek(0)
    if not start.strip():
        raise FeedError("feed.empty", file=name)
    if b"\0" in start and not start.startswith((*_WIDE_MARKS, *MAGICS)):
        raise FeedError("feed.not_text", file=name)


def check_beginning(run: ImportRun) -> None:
    """Set the format of the file, and the columns of a table. Raises FeedError unless it can be read and has a row."""
    encoding = run.encoding or None
    with local_file(run) as path, named_as_sent(run, path):
        run.kind = run.recognised = kind_of(path, run)
        with table_in(path, kind=run.kind, encoding=encoding, name=run.name) as table:
            if table is not None:
                _look_at(run, *table)
        if run.state == ImportRun.State.MAPPING:
            return
        reader = reader_of(run, path)
        inner = reader.inner if isinstance(reader, ArchivedTableReader) else reader
        if isinstance(inner, TableReader):
            for column in run.table:
                column["used"] = inner.field_of(column["name"]) is not None
        if reader.peek() is None:
            raise FeedError("feed.no_rows", file=run.name)


def _look_at(run: ImportRun, path: Path, recognised: str) -> None:
    """Set the columns of the table of an import, which may be within a ZIP."""
    run.recognised = recognised
    table = mapping.look(path, encoding=run.encoding or None)
    run.table = table[: mapping.COLUMNS_AT_MOST]
    if run.kind == "csv" or (run.kind == "zip" and (recognised == "csv" or run.columns)):
        mapping.prepare(run, table)
    if run.state == ImportRun.State.MAPPING:
        with open_table(path, encoding=run.encoding or None) as opened:
            if next(opened.records(), None) is None:
                raise FeedError("feed.no_rows", file=run.name)
