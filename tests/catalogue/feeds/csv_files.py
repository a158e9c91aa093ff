"""CSV files of tests, and the rows that are read from them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from catalogue.feeds import ArticleRow, CsvReader, RowError
from catalogue.messages import english


def write(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "feed.csv"
    path.write_bytes(text.encode(encoding))
    return path


def rows_of(folder: Path, text: str, **options: Any) -> list[ArticleRow | RowError]:
    return list(CsvReader(write(folder, text), **options))


def reason_of(folder: Path, text: str, **options: Any) -> str:
    (row,) = rows_of(folder, text, **options)
    assert isinstance(row, RowError)
    return english(row.message)
