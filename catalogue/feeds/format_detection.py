"""Detects the format of a source by its content, and opens its reader."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from catalogue.feeds import prestashop, woocommerce
from catalogue.feeds.archives import Archive, is_archive
from catalogue.feeds.csv_reader import CsvReader
from catalogue.feeds.folder_reader import FolderReader
from catalogue.feeds.google_merchant_tsv import GoogleMerchantTsvReader, attribute_of
from catalogue.feeds.google_merchant_xml import GoogleMerchantXmlReader
from catalogue.feeds.magento import MagentoReader
from catalogue.feeds.prestashop import PrestaShopReader
from catalogue.feeds.rows import FeedError, PhotoOrigin, Reader
from catalogue.feeds.shopify_csv import ShopifyCsvReader, column_of
from catalogue.feeds.tables import encoding_by_bom, open_table
from catalogue.feeds.woocommerce import WooCommerceReader
from catalogue.feeds.workbooks import is_workbook
from catalogue.feeds.zip_reader import ArchivedPhotosReader, ArchivedTableReader, PhotosOfTable, copy_of, find_table

# The values of `--format`.
FORMATS = ("folder", "zip", "csv", "google-xml", "google-tsv", "shopify", "woocommerce", "prestashop", "magento")

_FEEDS: Mapping[str, Callable[..., Reader]] = {
    "google-xml": GoogleMerchantXmlReader,
    "google-tsv": GoogleMerchantTsvReader,
    "shopify": ShopifyCsvReader,
    "woocommerce": WooCommerceReader,
    "prestashop": PrestaShopReader,
    "magento": MagentoReader,
}


def recognise(path: Path, *, encoding: str | None = None) -> str:
    """Return the format of a source; "csv" if no other fits, since its reader then reports which column is missing.

    Raises FeedError for a file that cannot be read.
    """
    if path.is_dir():
        return "folder"
    if is_workbook(path):
        return _of_table(path, encoding)
    if is_archive(path):
        return "zip"
    try:
        with path.open(encoding=encoding or encoding_by_bom(path), errors="replace", newline="") as file:
            start = file.read(1_000)
    except OSError as error:
        raise FeedError("feed.not_read", file=str(path), error=str(error.strerror)) from error
    except (LookupError, UnicodeError):
        return "csv"
    if start.lstrip("\ufeff\r\n\t ").startswith("<"):
        return "google-xml"
    return _of_table(path, encoding)


def _of_table(path: Path, encoding: str | None) -> str:
    try:
        with open_table(path, encoding=encoding) as table:
            header = table.header
    except FeedError:
        return "csv"
    if {"id", "image_link"} <= {attribute_of(name) for name in header}:
        return "google-tsv"
    if {"handle", "title"} <= {column_of(name) for name in header}:
        return "shopify"
    if {"type", "sku", "name"} <= {woocommerce.field_of(name) for name in header} and _looks_like_woocommerce(header):
        return "woocommerce"
    if {"sku", "product_type", "attribute_set_code"} <= {name.strip().lower() for name in header}:
        return "magento"
    if _looks_like_prestashop(header):
        return "prestashop"
    return "csv"


def _looks_like_woocommerce(header: list[str]) -> bool:
    fields = {woocommerce.field_of(name) for name in header}
    return "price" in fields or "parent" in fields or "visibility" in fields


def _looks_like_prestashop(header: list[str]) -> bool:
    if "sku" in {name.strip().lower() for name in header}:
        # Our own columns.
        return False
    fields = {prestashop.field_of(name) for name in header}
    return {"sku", "name"} <= fields and not fields.isdisjoint({"price", "net", "category"}) and "id" in fields


def open_source(
    path: Path,
    *,
    kind: str,
    photos: Path | Callable[[str], PhotoOrigin] | None = None,
    columns: Mapping[str, str | Sequence[str]] | None = None,
    encoding: str | None = None,
    alone: bool = False,
    name: str = "",
) -> Reader:
    """Return the reader of a source of the format `kind`, one of FORMATS.

    `photos`, `columns` and `alone` are for CSV files; `name` is what people call the file, if not as the path says.
    """
    if kind == "folder":
        return FolderReader(path)
    if kind == "zip":
        return _open_archive(Archive(path, name=name, encoding=encoding), columns=columns, encoding=encoding)
    if kind == "csv":
        return CsvReader(path, photos=photos, columns=columns, encoding=encoding, alone=alone)
    return _FEEDS[kind](path, encoding=encoding)


@contextmanager
def table_in(path: Path, *, kind: str, encoding: str | None, name: str = "") -> Iterator[tuple[Path, str] | None]:
    """Yield where the table of a source of the format `kind` is, and its own format; None if it has none.

    XML is none, nor are photos alone. The table of a ZIP is copied to a temporary file. Raises FeedError.
    """
    if kind == "folder":
        yield None
        return
    if kind == "zip":
        archive = Archive(path, name=name, encoding=encoding)
        table = find_table(archive)
        if table is None:
            yield None
            return
        path = copy_of(table, archive, owner=archive)
    known = recognise(path, encoding=encoding)
    yield None if known in {"zip", "google-xml"} else (path, known)


def _open_archive(
    archive: Archive, *, columns: Mapping[str, str | Sequence[str]] | None, encoding: str | None
) -> Reader:
    """Return the reader of a ZIP: of its one table, with the photos beside it, or of photos alone."""
    table = find_table(archive)
    if table is None:
        if columns:
            raise FeedError("feed.archive_without_table", file=archive.name)
        return ArchivedPhotosReader(archive)
    photos = PhotosOfTable(archive, table)
    path = copy_of(table, archive, owner=photos)
    kind = "csv" if columns else recognise(path, encoding=encoding)
    if kind == "zip":
        raise FeedError("feed.archive_nested", file=archive.name, member=str(table.path))
    inner = open_source(path, kind=kind, photos=photos.find, columns=columns, encoding=encoding)
    return ArchivedTableReader(inner, photos)
