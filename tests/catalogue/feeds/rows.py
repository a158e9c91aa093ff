"""Rows to import, and what an import leaves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from catalogue.feeds import ArticleRow, Progress, Reader, RowError, import_articles
from catalogue.models import Photo


class Rows(Reader):
    """A source that has these rows."""

    def __init__(self, *rows: ArticleRow | RowError) -> None:
        self.rows = rows

    def count(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[ArticleRow | RowError]:
        return iter(self.rows)


def row(sku: str = "D-1", **fields: Any) -> ArticleRow:
    return ArticleRow(f"line of {sku}", sku, **fields)


def bring_in(*rows: ArticleRow | RowError, **options: Any) -> Progress:
    *_, last = import_articles(Rows(*rows), **options)
    return last


def numbers(progress: Progress) -> tuple[int, int, int, int]:
    return progress.created, progress.changed, progress.unchanged, progress.refused


def content_of(photo: Photo) -> bytes:
    with photo.file.open("rb") as file:
        return bytes(file.read())
