"""Receives an uploaded file: an invalid beginning is reported at once, and then nothing is stored."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Mapping
from pathlib import PurePath
from typing import Any

from django.core.files.base import File
from django.db import transaction

from catalogue.feeds import FeedError
from catalogue.feeds.archives import MAGICS
from catalogue.imports.readers import kind_of, local_file, named_as_sent, reader_of
from catalogue.models import ImportRun

# Byte order marks of UTF-16, the only supported text with null bytes.
_WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_LOOKED_AT = 8_192


def receive(
    file: File[bytes],
    *,
    by: Any = None,
    columns: Mapping[str, str] | None = None,
    encoding: str = "",
    published: bool = True,
) -> ImportRun:
    """Store a file and return the import that a worker is to check. Raises FeedError, and then stores nothing."""
    run = ImportRun(encoding=encoding, columns=dict(columns or {}), published=published, by=by)
    store(run, file)
    return run


def store(run: ImportRun, file: File[bytes], *, record: Callable[[], None] = lambda: None) -> None:
    """Save an import with its file. `record` is called in the transaction that saves it.

    The format is recognised unless the import states it. Raises FeedError, and whatever `record` raises; then nothing
    is stored.
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
    """Set `run.kind` to the format of the file. Raises FeedError unless its header is valid and it has a row."""
    with local_file(run) as path, named_as_sent(run, path):
        run.kind = kind_of(path, run)
        if reader_of(run, path).peek() is None:
            raise FeedError("feed.no_rows", file=run.name)
