"""Delimited text files (CSV, TSV), as shops and spreadsheets write them."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from catalogue.feeds.rows import FeedError, RowError
from catalogue.messages import Message

if TYPE_CHECKING:
    from _csv import Reader as CsvRecords

DELIMITERS = ",;\t"
# In characters. Bounds memory: a file with a longer line is not a table, or an attack.
LINE_AT_MOST = 4_000_000


@dataclass(frozen=True)
class Table:
    """An open file whose header has been read."""

    reader: CsvRecords
    header: list[str]

    def records(self) -> Iterator[tuple[str, list[str] | RowError]]:
        """Yield the line of each non-empty record, and its cells, one per column, or a RowError if it is malformed."""
        while True:
            line = str(self.reader.line_num + 1)
            try:
                record = next(self.reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield line, RowError(line, "", Message.of("row.quotation_mark", error=str(error)))
                continue
            if not any(record):
                continue
            if len(record) > len(self.header):
                message = Message.of("row.too_many_cells", cells=len(record), columns=len(self.header))
                yield line, RowError(line, "", message)
            else:
                # Spreadsheets leave out the empty cells at the end of a line.
                yield line, record + [""] * (len(self.header) - len(record))


@contextmanager
def open_table(path: Path, *, encoding: str | None = None, delimiters: str = DELIMITERS) -> Iterator[Table]:
    """Open a delimited file; its delimiter is the one of `delimiters` that is most frequent in the first line.

    UTF-8 (with or without a byte order mark) unless `encoding` is given; UTF-16 is detected by its byte order mark.
    Raises FeedError, also during iteration, if the file cannot be read at all.
    """
    encoding = encoding or encoding_by_bom(path)
    try:
        with path.open(encoding=encoding, newline="") as file:
            first = file.readline(csv.field_size_limit())
            file.seek(0)
            # Strict: otherwise an unpaired quotation mark silently turns all lines after it into one cell.
            reader = csv.reader(_lines(file, path.name), delimiter=max(delimiters, key=first.count), strict=True)
            yield Table(reader, [name.strip() for name in next(reader, [])])
    except OSError as error:
        raise FeedError("feed.not_read", file=str(path), error=str(error.strerror)) from error
    except LookupError as error:
        raise FeedError("feed.unknown_encoding", encoding=encoding) from error
    except UnicodeError as error:
        raise FeedError(
            "feed.wrong_encoding", file=path.name, encoding=encoding.removesuffix("-sig").upper()
        ) from error
    except csv.Error as error:
        raise FeedError("feed.not_csv", file=path.name, error=str(error)) from error


def _lines(file: TextIO, name: str) -> Iterator[str]:
    number = 0
    while line := file.readline(LINE_AT_MOST + 1):
        number += 1
        if len(line) > LINE_AT_MOST:
            raise FeedError("feed.line_too_long", line=number, file=name, limit=LINE_AT_MOST)
        yield line


def encoding_by_bom(path: Path) -> str:
    """Return "utf-16" if the file starts with a UTF-16 byte order mark, else "utf-8-sig". Raises FeedError."""
    try:
        with path.open("rb") as file:
            start = file.read(2)
    except OSError as error:
        raise FeedError("feed.not_read", file=str(path), error=str(error.strerror)) from error
    return "utf-16" if start in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE} else "utf-8-sig"
