"""Bulk import: one reader per source format, all yielding the same rows; one writer that saves them. And export.

for progress in import_articles(CsvReader(Path("spring.csv"))):
    print(progress.done, "of", progress.total)
"""

from __future__ import annotations

from catalogue.feeds.csv_reader import CsvReader
from catalogue.feeds.exporting import Exported, export_articles
from catalogue.feeds.folder_reader import FolderReader
from catalogue.feeds.format_detection import FORMATS, open_source, recognise
from catalogue.feeds.google_merchant_tsv import GoogleMerchantTsvReader
from catalogue.feeds.google_merchant_xml import GoogleMerchantXmlReader
from catalogue.feeds.importing import Progress, Seen, import_articles, propose_made
from catalogue.feeds.rows import ArticleRow, FeedError, Reader, RowError
from catalogue.feeds.shopify_csv import ShopifyCsvReader

__all__ = [
    "FORMATS",
    "ArticleRow",
    "CsvReader",
    "Exported",
    "FeedError",
    "FolderReader",
    "GoogleMerchantTsvReader",
    "GoogleMerchantXmlReader",
    "Progress",
    "Reader",
    "RowError",
    "Seen",
    "ShopifyCsvReader",
    "export_articles",
    "import_articles",
    "open_source",
    "propose_made",
    "recognise",
]
