"""An import's file as a reader."""

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
    """Yield where the file lies on this machine, bringing it here if it is kept elsewhere. Raises FeedError."""
    try:
        yield Path(run.file.path)
    except NotImplementedError:
        with tempfile.NamedTemporaryFile(suffix=Path(run.file.name or "").suffix) as copy:
            with run.file.open("rb") as kept:
                shutil.copyfileobj(kept, copy)
            copy.flush()
            yield Path(copy.name)


@contextmanager
def named_as_sent(run: ImportRun, path: Path) -> Iterator[None]:
    """Within, a FeedError calls the file what staff call it."""
    try:
        yield
    except FeedError as error:
        named = {"file": run.name} if "file" in error.message.params else {}
        raise FeedError(Message.of(error.message.code, **{**error.message.params, **named})) from error


def kind_of(path: Path, run: ImportRun) -> str:
    # Whoever says which columns mean what has a file of no known kind.
    return "csv" if run.columns else recognise(path, encoding=run.encoding or None)


def reader_of(run: ImportRun, path: Path) -> Reader:
    return open_source(path, kind=run.kind, columns=run.columns, encoding=run.encoding or None, alone=True)
