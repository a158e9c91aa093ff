"""Delimited text files (CSV, TSV), as shops and spreadsheets write them."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from catalogue.feeds.rows import FeedError, RowError
from catalogue.feeds.workbooks import is_workbook, open_workbook
from catalogue.messages import Message

if TYPE_CHECKING:
    from _csv import Reader as CsvRecords

DELIMITERS = ",;\t"
# In characters. Bounds memory: a file with a longer line is not a table, or an attack.
LINE_AT_MOST = 4_000_000
# Lines before the header.
SKIPPED_AT_MOST = 1_000
# What Excel writes so that it knows the delimiter again.
_SEPARATOR = re.compile(r'\ufeff?"?sep=([,;|]|\t|)"?', re.IGNORECASE)
# As in the templates of Meta, whose first line says what is required.
_COMMENT = re.compile(r'\ufeff?"?#\s')


@dataclass(frozen=True)
class BadRecord:
    """A record that cannot be read, and its cells as far as they are known."""

    error: RowError
    cells: tuple[str, ...] = ()


# A record's line, and its cells, which may be fewer than the header's.
Records = Iterator[tuple[str, list[str] | BadRecord]]


@dataclass(frozen=True)
class Table:
    """An open file whose header has been read."""

    header: list[str]
    rows: Records

    def records(self) -> Records:
        """Yield the line of each non-empty record, and its cells, one per column, or why it cannot be read."""
        for line, record in self.rows:
            if isinstance(record, BadRecord):
                yield line, record
            elif not any(record):
                continue
            elif any(record[len(self.header) :]):
                message = Message.of("row.too_many_cells", cells=len(record), columns=len(self.header))
                yield line, BadRecord(RowError(line, "", message), tuple(record))
            else:
                # Spreadsheets leave out the empty cells at the end of a line.
                yield line, record[: len(self.header)] + [""] * (len(self.header) - len(record))


@contextmanager
def open_table(path: Path, *, encoding: str | None = None, delimiters: str = DELIMITERS) -> Iterator[Table]:
    """Open a delimited file or an Excel workbook.

    The delimiter is the one of `delimiters` that makes most columns of the header, or what a line `sep=;` before it
    says. Empty lines and comments (`# …`) before the header are skipped. UTF-8 (with or without a byte order mark)
    unless `encoding` is given; UTF-16 is detected by its byte order mark. Raises FeedError, also during iteration, if
    the file cannot be read at all.
    """
    if is_workbook(path):
        with open_workbook(path) as (header, rows):
            yield Table(header, rows)
        return
    encoding = encoding or encoding_by_bom(path)
    try:
        with _open_text(path, encoding) as file:
            skipped, delimiter = _preamble(file, path.name, delimiters)
            # Strict: otherwise an unpaired quotation mark silently turns all lines after it into one cell.
            reader = csv.reader(_lines(file, path.name, skipped), delimiter=delimiter, strict=True)
            header = [name.strip() for name in next(reader, [])]
            yield Table(header, _records(reader, skipped))
    except OSError as error:
        raise FeedError("feed.not_read", file=str(path), error=str(error.strerror)) from error
    except UnicodeError as error:
        raise FeedError(
            "feed.wrong_encoding", file=path.name, encoding=encoding.removesuffix("-sig").upper()
        ) from error
    except csv.Error as error:
        raise FeedError("feed.not_csv", file=path.name, error=str(error)) from error


def _open_text(path: Path, encoding: str) -> TextIO:
    try:
        return path.open(encoding=encoding, newline="")
    except LookupError as error:
        raise FeedError("feed.unknown_encoding", encoding=encoding) from error


def _records(reader: CsvRecords, skipped: int) -> Records:
    while True:
        line = str(reader.line_num + 1 + skipped)
        try:
            yield line, next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield line, BadRecord(RowError(line, "", Message.of("row.quotation_mark", error=str(error))))


def _preamble(file: TextIO, name: str, delimiters: str) -> tuple[int, str]:
    """Read up to the header. Returns how many lines come before it, and the delimiter; the file is at the header."""
    skipped, named = 0, ""
    while True:
        at = file.tell()
        line = file.readline(LINE_AT_MOST)
        if not line or skipped == SKIPPED_AT_MOST or not (_is_skipped(line) or _SEPARATOR.fullmatch(line.strip())):
            break
        if found := _SEPARATOR.fullmatch(line.strip()):
            named = found[1] or "\t"
        skipped += 1
    following = next(filter(str.strip, iter(lambda: file.readline(LINE_AT_MOST), "")), line)
    file.seek(at)

    def score(delimiter: str) -> tuple[int, int]:
        # A heading may have commas of its own, as in "Categories (x,y,z)": those of the next line decide.
        columns = _columns(line, delimiter)
        return min(columns, _columns(following, delimiter)), columns

    return skipped, named or max(delimiters, key=score)


def _is_skipped(line: str) -> bool:
    return not line.strip('\ufeff ,;\t\r\n"') or _COMMENT.match(line) is not None


def _columns(line: str, delimiter: str) -> int:
    """Return the number of delimiters in a header, without those within quotation marks."""
    return re.sub(r'"[^"]*"', "", line).count(delimiter)


def _lines(file: TextIO, name: str, number: int) -> Iterator[str]:
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
