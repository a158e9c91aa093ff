"""Articles from a ZIP: photos alone, read as a folder of photos is, or one table and the photos that it names."""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import IO

from catalogue.feeds.archives import Archive, ArchivedFile
from catalogue.feeds.folder_reader import row_of_photo
from catalogue.feeds.rows import ArticleRow, FeedError, Reader, RowError
from catalogue.feeds.table_reader import some
from catalogue.messages import Message
from catalogue.messages.message import shorten

_TABLES = {".csv", ".tsv", ".xlsx", ".xml"}


class ArchivedPhotosReader(Reader):
    """Reads a ZIP of photos: each file is an article, its folders the category. Its members are read where they lie."""

    photos_only = True

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def count(self) -> int:
        return len(self._archive.files)

    def __iter__(self) -> Iterator[ArticleRow | RowError]:
        for path, file in self._archive.files.items():
            yield row_of_photo(str(path), path, partial(_itself, file))

    def notes(self) -> list[Message]:
        return _left_out(self._archive.left_out)


class PhotosOfTable:
    """The photos of a ZIP, as the table in it names them; and which it does not name."""

    def __init__(self, archive: Archive, table: ArchivedFile) -> None:
        self._archive, self._table = archive, table
        self._named: set[ArchivedFile] = set()

    def find(self, name: str) -> ArchivedFile:
        found = self._archive.find(name, below=self._table.path.parent)
        self._named.add(found)
        return found

    def notes(self) -> list[Message]:
        """Return what of the ZIP was not used; true once the table was read."""
        used = {self._table, *self._named}
        unused = [str(path) for path, file in self._archive.files.items() if file not in used]
        return _left_out([*unused, *self._archive.left_out])


class ArchivedTableReader(Reader):
    """Reads the table of a ZIP with a reader of its own."""

    def __init__(self, inner: Reader, photos: PhotosOfTable) -> None:
        self.inner, self._photos = inner, photos

    def peek(self) -> object | None:
        return self.inner.peek()

    def count(self) -> int:
        self.inner.heartbeat = self.heartbeat
        return self.inner.count()

    def __iter__(self) -> Iterator[ArticleRow | RowError]:
        self.inner.heartbeat = self.heartbeat
        return iter(self.inner)

    def notes(self) -> list[Message]:
        return [*self.inner.notes(), *self._photos.notes()]


def find_table(archive: Archive) -> ArchivedFile | None:
    """Return the one table of a ZIP; None if it has none. Raises FeedError if there are several."""
    tables = [file for file in archive.files.values() if file.path.suffix.lower() in _TABLES]
    if len(tables) > 1:
        raise FeedError("feed.archive_tables", file=archive.name, names=some([str(table.path) for table in tables]))
    return tables[0] if tables else None


def copy_of(table: ArchivedFile, archive: Archive, *, owner: object) -> Path:
    """Return the path of a temporary copy, which is there as long as `owner` is. Raises FeedError."""
    try:
        copy = tempfile.NamedTemporaryFile(suffix=table.path.suffix)  # noqa: SIM115  (closed with its owner)
    except OSError as error:
        raise FeedError("feed.not_kept", file=archive.name, error=str(error.strerror)) from error
    weakref.finalize(owner, copy.close)
    try:
        with table.open() as member:
            while content := member.read(1_000_000):
                _write(copy, content, archive)
    except OSError as error:
        # Of the member: what the copy raises is a FeedError.
        raise FeedError("feed.bad_archive", file=archive.name) from error
    return Path(copy.name)


def _write(copy: IO[bytes], content: bytes, archive: Archive) -> None:
    try:
        copy.write(content)
        copy.flush()
    except OSError as error:
        raise FeedError("feed.not_kept", file=archive.name, error=str(error.strerror)) from error


def _itself(file: ArchivedFile) -> ArchivedFile:
    return file


def _left_out(names: list[str]) -> list[Message]:
    shown = some([shorten(name, 100) for name in names])
    return [Message.of("feed.archive_left_out", number=len(names), names=shown)] if names else []
