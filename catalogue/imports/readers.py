"""Opens the file of an import with its reader."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from catalogue.feeds import FeedError, Reader, open_source, recognise
from catalogue.messages import Message
from catalogue.models import ImportRun


@contextmanager
def local_file(run: ImportRun) -> Iterator[Path]:
    """Yield a local path of the file: a temporary copy if the storage is remote."""
    try:
        path = Path(run.file.path)
    except NotImplementedError:
        path = None
    if path is not None:
        # Outside of the try: an error of whoever reads the file is theirs.
        yield path
    else:
        with tempfile.NamedTemporaryFile(suffix=Path(run.file.name or "").suffix) as copy:
            with run.file.open("rb") as kept:
                shutil.copyfileobj(kept, copy)
            copy.flush()
            yield Path(copy.name)


@contextmanager
def named_as_sent(run: ImportRun, path: Path) -> Iterator[None]:
    """Give the file its uploaded name in any FeedError raised within."""
    try:
        yield
    except FeedError as error:
        named = {"file": run.name} if "file" in error.message.params else {}
        raise FeedError(Message.of(error.message.code, **{**error.message.params, **named})) from error


def kind_of(path: Path, run: ImportRun) -> str:
    if run.kind:
        return run.kind
    known = recognise(path, encoding=run.encoding or None)
    # With columns, any table is read as one of no known format, also within a ZIP.
    return "csv" if run.columns and known != "zip" else known


def reader_of(run: ImportRun, path: Path) -> Reader:
    return open_source(
        path, kind=run.kind, columns=run.columns, encoding=run.encoding or None, alone=True, name=run.name
    )
