"""Files as staff hand them in, and what is left of them."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import openpyxl
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from catalogue import imports
from catalogue.models import ImportRun

FEED = """<?xml version="1.0"?>
<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel>
<item><g:id>G-1</g:id><g:title>Coat</g:title><g:price>20.00 EUR</g:price></item>
</channel></rss>"""
BOMB = """<?xml version="1.0"?>
<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<rss version="2.0"><channel><item><title>&b;</title></item></channel></rss>"""


def table(rows: int, *, bad: int = 0) -> str:
    """Return a CSV file of so many good articles, and of so many rows after them that are refused."""
    good = [f"S-{n:05d},Article {n},9.90" for n in range(rows)]
    return "\n".join(["sku,name,price", *good, *(f"B-{n:05d},Bad {n},dear" for n in range(bad))])


def workbook(*rows: list[object]) -> bytes:
    """Return an Excel workbook of these rows."""
    book, content = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(content)
    return content.getvalue()


def archive(*names: str) -> bytes:
    """Return a ZIP file of files with these names, whose content says nothing."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        for name in names or ("photo.jpg",):
            file.writestr(name, "\0")
    return content.getvalue()


def sent(text: str | bytes, name: str = "spring.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode() if isinstance(text, str) else text)


def handed_in(text: str | bytes, name: str = "spring.csv", **options: object) -> ImportRun:
    return imports.receive(sent(text, name), **options)  # type: ignore[arg-type]  # whatever is asked for


def checked(text: str | bytes, name: str = "spring.csv") -> ImportRun:
    """Return an import whose file has been checked to its end."""
    run = handed_in(text, name)
    while imports.run_slice(run.pk, for_s=60):
        pass
    run.refresh_from_db()
    return run


def kept_files() -> list[str]:
    return [path.name for path in (Path(settings.DATA_DIR) / "files").rglob("*") if path.is_file()]
