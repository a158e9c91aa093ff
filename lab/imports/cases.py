"""Runs the cases of `cases.toml`: each imports small files into an empty catalogue, and compares what comes of them."""

from __future__ import annotations

import io
import tempfile
import tomllib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
from django.db import transaction
from PIL import Image

from catalogue.feeds import FeedError, RowError, import_articles, open_source, recognise
from catalogue.feeds.columns import read_columns
from catalogue.messages import english
from catalogue.models import Article, Category

FILE = Path(__file__).with_name("cases.toml")


@dataclass(frozen=True)
class Case:
    """Files to import, and what must come of the last one; cases.toml describes the fields."""

    name: str
    text: str = ""
    rows: list[list[Any]] = field(default_factory=list)
    zip: dict[str, str] = field(default_factory=dict)
    first: list[str] = field(default_factory=list)
    format: str = "csv"
    columns: str = ""
    articles: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    error: str = ""


@cache
def read_cases() -> tuple[Case, ...]:
    return tuple(Case(**case) for case in tomllib.loads(FILE.read_text(encoding="utf-8"))["case"])


def differences(case: Case) -> list[str]:
    """Import a case's files, and return how the result differs from what it must be. The database is left as it is."""
    with transaction.atomic():
        try:
            return list(_differences(case))
        finally:
            transaction.set_rollback(True)


def _differences(case: Case) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        for number, text in enumerate(case.first):
            _import(_write(Path(folder) / f"{number}.csv", text), "")
        path = Path(folder) / "case"
        if case.rows:
            workbook = openpyxl.Workbook()
            for row in case.rows:
                workbook.active.append(row)
            workbook.save(path)
        elif case.zip:
            _pack(path, case.zip)
        else:
            _write(path, case.text)
        known = "csv" if case.columns and not case.zip else recognise(path)
        if known != case.format:
            yield f"recognised as {known}, not {case.format}"
        try:
            refusals, notes = _import(path, case.columns)
        except FeedError as error:
            if not case.error or case.error not in english(error.message):
                yield f"refused: {english(error.message)}"
            return
    if case.error:
        yield "not refused"
    yield from _compare("refused", case.refused, [f"{row.line}: {english(row.message)}" for row in refusals])
    yield from _compare("note", case.notes, notes)
    yield from _compare_articles(case)


def _write(path: Path, text: str) -> Path:
    path.write_text(text.removeprefix("\n"), encoding="utf-8", newline="")
    return path


def _pack(path: Path, files: dict[str, str]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name), _picture() if name.lower().endswith(".jpg") else text.lstrip("\n"))


def _picture() -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (32, 48), "navy").save(content, "JPEG")
    return content.getvalue()


def _import(path: Path, columns: str) -> tuple[list[RowError], list[str]]:
    mapping, known = read_columns(columns), recognise(path)
    kind = "csv" if mapping and known != "zip" else known
    reader = open_source(path, kind=kind, columns=mapping, alone=True)
    refusals = [row for progress in import_articles(reader) for row in progress.refusals]
    return refusals, [english(note) for note in reader.notes()]


def _compare(what: str, expected: list[str], found: list[str]) -> Iterator[str]:
    """Compare texts with the line and the words that they must have."""
    for number in range(max(len(expected), len(found))):
        wanted = expected[number] if number < len(expected) else None
        text = found[number] if number < len(found) else ""
        line, _, words = (wanted or "").partition(": ") if what == "refused" and wanted else ("", "", wanted or "")
        if wanted is None or words not in text or not text.startswith(line):
            yield f"{what}: {text or 'nothing'}, not {wanted or 'nothing'}"


def _compare_articles(case: Case) -> Iterator[str]:
    articles = {article.sku: article for article in Article.objects.order_by("pk")}
    for expected in case.articles:
        sku, _, fields = expected.partition(": ")
        article = articles.pop(sku, None)
        if article is None:
            yield f"{sku} is not there"
            continue
        for pair in fields.split("; "):
            name, _, value = pair.partition("=")
            if (found := said(article, name)) != value:
                yield f"{sku}: {name} is {found!r}, not {value!r}"
    yield from (f"{sku} is there" for sku in articles)


def said(article: Article, name: str) -> str:
    """Return a field of an article as cases.toml has it."""
    match name:
        case "category":
            return (
                " > ".join(
                    category.name for category in [*Category.objects.get_ancestors(article.category), article.category]
                )
                if article.category
                else ""
            )
        case "additional_categories":
            return ", ".join(sorted(category.name for category in article.additional_categories.all()))
        case "brand":
            return article.brand.name if article.brand else ""
        case "colours":
            return ", ".join(sorted(colour.name for colour in article.colours.all()))
        case "sizes":
            return ", ".join(article.sizes)
        case "files":
            return str(article.photos.count())
        case "variants":
            rows = article.variants.all()
            said_of = ((row.size, row.sku, row.barcode, "" if row.stock is None else str(row.stock)) for row in rows)
            return ", ".join(" ".join(filter(None, parts)) for parts in said_of)
        case "photos":
            return str(article.photo_sources.count())
        case "price" | "regular_price":
            price = getattr(article, name)
            return "" if price is None else f"{price:.2f}"
        case _:
            value = getattr(article, name)
            return "" if value is None else str(value)
