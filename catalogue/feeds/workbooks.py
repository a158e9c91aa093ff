"""Excel workbooks (.xlsx) as tables: the first sheet, each cell as the text that a CSV file would have."""

from __future__ import annotations

import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date, datetime, time
from pathlib import Path
from typing import IO, Any

import openpyxl

from catalogue.feeds.archives import DirectoryFile
from catalogue.feeds.rows import FeedError

_MAGIC = b"PK\x03\x04"
# A workbook is a ZIP file, whose few bytes can become gigabytes. In bytes, unpacked: all of it, and its table of texts,
# which is held in memory.
UNPACKED_AT_MOST, TEXTS_AT_MOST = 1_000_000_000, 150_000_000
_SHEETS = "xl/worksheets/"
# Those of Excel. A file may say that a row comes after any number of empty ones.
ROWS_AT_MOST = 1_048_576
# Of a header.
COLUMNS_AT_MOST = 1_000


def is_workbook(path: Path) -> bool:
    """Return whether a file is an Excel workbook. Raises FeedError if it cannot be read."""
    try:
        with path.open("rb") as start:
            if start.read(4) != _MAGIC:
                return False
        with DirectoryFile(path) as file, zipfile.ZipFile(file) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except OSError as error:
        raise FeedError("feed.not_read", file=str(path), error=str(error.strerror)) from error
    # zipfile implements no version of ZIP later than 6.3: whatever that holds, it is no workbook that can be read.
    except (zipfile.BadZipFile, NotImplementedError):
        return False


@contextmanager
def open_workbook(path: Path) -> Iterator[tuple[list[str], Iterator[tuple[str, list[str]]]]]:
    """Yield the header of the first sheet, and the number and the cells of each row below it.

    Empty rows above the header are skipped. Raises FeedError if the workbook is damaged or too large.
    """
    with _damage_told(path):
        _check_size(path)
        # A file, since a name must end in .xlsx.
        file = path.open("rb")
    with file:
        with _damage_told(path):
            workbook = _load(file)
            sheet = workbook.worksheets[0]
            some = (row for row in _rows(sheet, path, columns=COLUMNS_AT_MOST) if any(row[1]))
            number, header = next(some, (1, []))
        with closing(workbook):
            while header and not header[-1].strip():
                header.pop()
            # One cell more, so that a row with too many is noticed.
            rows = _rows(sheet, path, first=number + 1, columns=len(header) + 1)
            yield [name.strip() for name in header], ((str(row), _trimmed(cells)) for row, cells in rows)


@contextmanager
def _damage_told(path: Path) -> Iterator[None]:
    """Turn what openpyxl raises for a damaged file into a FeedError: it checks little, so that may be anything."""
    try:
        yield
    except FeedError:
        raise
    except OSError as error:
        raise FeedError("feed.not_read", file=str(path), error=str(error.strerror or error)) from error
    except (
        ArithmeticError,
        AttributeError,
        EOFError,
        LookupError,
        RuntimeError,
        SyntaxError,
        TypeError,
        ValueError,
        zipfile.BadZipFile,
        zlib.error,
    ) as error:
        raise FeedError("feed.bad_workbook", file=path.name) from error


def _load(file: IO[bytes]) -> Any:
    with warnings.catch_warnings():
        # Of parts that are left out, such as validation of cells.
        warnings.simplefilter("ignore", UserWarning)
        return openpyxl.load_workbook(file, read_only=True, data_only=True)


def _check_size(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
    # Sheets are read row by row, all other parts at once, whatever they are called.
    held = (part.file_size for part in parts if not part.filename.startswith(_SHEETS))
    if sum(part.file_size for part in parts) > UNPACKED_AT_MOST or any(size > TEXTS_AT_MOST for size in held):
        raise FeedError("feed.workbook_too_large", file=path.name)


def _rows(sheet: Any, path: Path, *, first: int = 1, columns: int) -> Iterator[tuple[int, list[str]]]:
    """Yield the number and the cells of each row. Raises FeedError for a damaged file, and for too many rows."""
    # A file's own statements of its size and of its row numbers may be false.
    sheet.reset_dimensions()
    rows = enumerate(sheet.iter_rows(min_row=first, max_col=columns, values_only=True), start=first)
    while True:
        with _damage_told(path):
            number, cells = next(rows, (0, ()))
        if not number:
            return
        if number > ROWS_AT_MOST:
            raise FeedError("feed.workbook_too_large", file=path.name)
        yield number, [_text(cell) for cell in cells]


def _trimmed(cells: list[str]) -> list[str]:
    """Return the cells without the last one, if it is empty."""
    return cells if cells and cells[-1] else cells[:-1]


def _text(value: object) -> str:
    """Return a cell's value as a CSV file would have it."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float() if value.is_integer():
            return str(int(value))
        case float():
            # Fifteen digits are what Excel keeps: 39.9 may be stored as 39.899999999999999.
            return f"{value:.15g}"
        case datetime() | date() | time():
            return value.isoformat()
        case _:
            return str(value)
