"""Bulk import: one reader a kind of source, all yielding the same rows; one writer that brings them in.

for progress in import_articles(CsvReader(Path("spring.csv"))):
    print(progress.done, "of", progress.total)
"""

from __future__ import annotations

from catalogue.feeds.csv_reader import CsvReader
from catalogue.feeds.folder_reader import FolderReader
from catalogue.feeds.importing import Progress, import_articles
from catalogue.feeds.rows import ArticleRow, FeedError, Reader, RefusedRow

__all__ = [
    "ArticleRow",
    "CsvReader",
    "FeedError",
    "FolderReader",
    "Progress",
    "Reader",
    "RefusedRow",
    "import_articles",
]
