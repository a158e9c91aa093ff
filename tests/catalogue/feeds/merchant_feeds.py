"""Google Merchant feeds of tests, and the rows that are read from them."""

from __future__ import annotations

from pathlib import Path

from catalogue.feeds import (
    ArticleRow,
    GoogleMerchantTsvReader,
    GoogleMerchantXmlReader,
    Reader,
    RowError,
)
from catalogue.messages import english

RSS = '<?xml version="1.0"?>\n<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel><title>Shop</title>'
PICTURES = ("https://cdn.example/a.jpg", "https://cdn.example/b.jpg")


def xml(folder: Path, items: str) -> Reader:
    return document(folder, f"{RSS}\n{items}</channel></rss>".encode())


def document(folder: Path, content: bytes, encoding: str | None = None) -> Reader:
    path = folder / "feed.xml"
    path.write_bytes(content)
    return GoogleMerchantXmlReader(path, encoding=encoding)


def tsv(folder: Path, *lines: str) -> Reader:
    path = folder / "feed.txt"
    path.write_text("\n".join(lines) + "\n")
    return GoogleMerchantTsvReader(path)


def item(**said: str) -> str:
    values = {"id": "D-1", **said}
    return "<item>" + "".join(f"<g:{name}>{text}</g:{name}>" for name, text in values.items()) + "</item>\n"


def only(reader: Reader) -> ArticleRow:
    (row,) = reader
    assert isinstance(row, ArticleRow), row
    return row


def reason(reader: Reader) -> str:
    (row,) = reader
    assert isinstance(row, RowError), row
    return english(row.message)
