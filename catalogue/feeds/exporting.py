"""Writes the catalogue as a CSV file that `CsvReader` reads: imported into an empty shop, it gives the same articles.

The columns are those of `csv_reader`. Articles are in order of creation, so both shops list them alike. Not exported:
pictures that are not fetched yet; categories, brands and colours without articles; the times at which an article was
created and changed. Formulas are escaped (`formulas`).
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from uuid import uuid4

from catalogue.feeds.csv_fields import PATH_SEPARATOR, SEPARATOR
from catalogue.feeds.csv_reader import FIELDS
from catalogue.feeds.formulas import escape_formula
from catalogue.feeds.html_text import as_source
from catalogue.feeds.lists import join
from catalogue.models import Article, Category, Named, Photo, Variant, photo_storage

# Articles held in memory at once.
_AT_ONCE = 200


@dataclass(frozen=True)
class Exported:
    """Progress of an export, in articles; photos exported, and photos left out since their file is missing (`lost`)."""

    total: int
    done: int = 0
    photos: int = 0
    lost: int = 0


def export_articles(path: Path, *, photos: Path | None = None) -> Iterator[Exported]:
    """Write all articles to `path`, and copy their photos into the folder `photos`, yielding the progress.

    Photos keep their names in the storage; without a folder none are copied, and one that is there already is not
    copied again. `path` is replaced atomically at the end. Raises OSError if a file cannot be written.
    """
    articles = Article.objects.order_by("created", "pk").select_related("category", "brand")
    found = articles.prefetch_related("photos", "colours", "variants__colour", "additional_categories")
    progress = Exported(total=articles.count())
    yield progress
    categories = {category.path: category for category in Category.objects.all()}
    with _written_whole(path) as part, part.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow(FIELDS)
        for article in found.iterator(chunk_size=_AT_ONCE):
            shown = [photo for photo in article.photos.all() if photos is None or _copy(photo, photos)]
            others = [_path_of(other, categories) for other in article.additional_categories.all()]
            cells = _cells(article, _path_of(article.category, categories), others, shown)
            writer.writerow([escape_formula(cells[name]) for name in FIELDS])
            progress = Exported(
                progress.total,
                progress.done + 1,
                progress.photos + len(shown),
                progress.lost + len(article.photos.all()) - len(shown),
            )
            yield progress
        _flush(file)


def _cells(article: Article, path: list[Category], others: list[list[Category]], photos: list[Photo]) -> dict[str, str]:
    colours = list(article.colours.all())
    return {
        "sku": article.sku,
        "name": as_source(article.name),
        "name_fr": as_source(article.name_fr),
        "slug": article.slug,
        "style_number": as_source(article.style_number),
        "description": as_source(article.description),
        "description_fr": as_source(article.description_fr),
        "price": "" if article.price is None else f"{article.price:.2f}",
        "regular_price": "" if article.regular_price is None else f"{article.regular_price:.2f}",
        "currency": article.currency,
        "size": join([as_source(str(size)) for size in article.sizes], SEPARATOR),
        "stock": "" if article.stock is None else str(article.stock),
        **_variants(list(article.variants.all())),
        "published": "yes" if article.published else "no",
        **_terms("category", path, PATH_SEPARATOR),
        **_paths(others),
        # An article has one brand: the cell is no list, so separators are not escaped.
        **dict(zip(("brand", "brand_fr", "brand_slug"), _said(article.brand), strict=True)),
        **_terms("colour", colours, SEPARATOR),
        "colour_hex": join([colour.hex for colour in colours], SEPARATOR),
        "photo": join([photo.file.name or "" for photo in photos], SEPARATOR),
        # Pictures at addresses are files of the shop by now.
        "photo_url": "",
        "photo_alt": _joined([as_source(photo.alt) for photo in photos], SEPARATOR),
    }


def _variants(variants: list[Variant]) -> dict[str, str]:
    """Return the columns of variants; empty where they say no more than the sizes do."""
    told = [] if all(variant.plain for variant in variants) else variants
    by_column = {
        "variant_size": [as_source(variant.size) for variant in told],
        "variant_colour": [as_source(variant.colour.name) if variant.colour else "" for variant in told],
        "variant_sku": [variant.sku for variant in told],
        "variant_barcode": [variant.barcode for variant in told],
        "variant_stock": ["" if variant.stock is None else str(variant.stock) for variant in told],
    }
    return {name: _joined(parts, SEPARATOR) for name, parts in by_column.items()}


def _said(term: Named | None) -> tuple[str, str, str]:
    return ("", "", "") if term is None else (as_source(term.name), as_source(term.name_fr), term.slug)


def _terms(column: str, terms: list[Any], separator: str) -> dict[str, str]:
    said = [_said(term) for term in terms]
    return {
        name: _joined([term[i] for term in said], separator)
        for i, name in enumerate((column, f"{column}_fr", f"{column}_slug"))
    }


def _paths(paths: list[list[Category]]) -> dict[str, str]:
    """Return the columns of additional categories."""
    column = "additional_category"
    each = [_terms(column, path, PATH_SEPARATOR) for path in paths]
    return {name: _joined([terms[name] for terms in each], SEPARATOR) for name in _terms(column, [], PATH_SEPARATOR)}


def _joined(parts: list[str], separator: str) -> str:
    return join(parts, separator) if any(parts) else ""


def _path_of(category: Category | None, categories: dict[str, Category]) -> list[Category]:
    """Return a category and its ancestors, the root first, without a database query."""
    if category is None:
        return []
    steps = range(Category.steplen, len(category.path) + 1, Category.steplen)
    return [categories[category.path[:step]] for step in steps if category.path[:step] in categories]


def _copy(photo: Photo, folder: Path) -> bool:
    """Copy a photo's file into the folder, unless it is there. Returns False if the file is missing."""
    name = photo.file.name or ""
    target = folder / name
    if not name or not target.resolve().is_relative_to(folder.resolve()):
        return False
    try:
        # The storage never reuses a name for other bytes, so a file of the same size is the same file.
        if target.exists() and target.stat().st_size == photo.file.size:
            return True
        target.parent.mkdir(parents=True, exist_ok=True)
        kept = photo_storage().open(name)
    except FileNotFoundError:
        return False
    with kept, _written_whole(target) as part, part.open("wb") as file:
        for chunk in kept.chunks():
            file.write(chunk)
        _flush(file)
    return True


@contextmanager
def _written_whole(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`; at the end it is renamed to `path`, or deleted on an exception."""
    part = path.with_name(f".{path.name[:100]}.{uuid4().hex}")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _flush(file: IO[Any]) -> None:
    file.flush()
    os.fsync(file.fileno())
