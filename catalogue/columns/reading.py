"""Reads the rows of the column table and of photos from the database: all of them, or some."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import chain
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.db.models import QuerySet
from numpy.typing import NDArray

from catalogue.columns.photos import PhotoColumn
from catalogue.columns.rows import NO_PRICE, Ids, Pairs, Rows, Vocabularies, Vocabulary
from catalogue.models import Article, Photo, Variant

# Ids of a statement: SQLite takes 32,766 parameters in some builds.
IDS_AT_ONCE = 2_000
_COLOURS: Any = Article.colours.through
_LISTED: Any = Article.additional_categories.through
_COLUMNS = ("pk", "category_id", "brand_id", "price", "currency", "stock", "created")


def read_rows(vocabularies: Vocabularies, keys: Collection[int] | None = None) -> Rows:
    """Return the published articles, or those among some ids. Four statements for each 2,000 ids, or for all.

    Values that are new to the vocabularies are added to them: let one thread read at a time.
    """
    chosen = None if keys is None else sorted(keys)
    articles = _read(Article.objects.published().values_list(*_COLUMNS), "pk", chosen)
    articles.sort(key=lambda row: row[0])
    columns = list(zip(*articles, strict=True)) or [()] * len(_COLUMNS)
    ids, categories, brands, prices, currencies, stocks, created = columns
    live = {"article__published": True, "article__deleted": None}
    coloured = _read(_COLOURS.objects.filter(**live).values_list("article_id", "colour_id"), "article", chosen)
    listed = _read(_LISTED.objects.filter(**live).values_list("article_id", "category_id"), "article", chosen)
    variants = Variant.objects.in_stock().filter(**live).exclude(size="").order_by()
    sized = _read(variants.values_list("article_id", "size").distinct(), "article", chosen)
    array = np.array(ids, np.int64)
    return Rows(
        ids=array,
        categories=vocabularies.categories.encode(categories),
        brands=vocabularies.brands.encode(brands),
        prices=np.array([NO_PRICE if price is None else round(price * 100) for price in prices], np.int64),
        currencies=vocabularies.currencies.encode(currencies),
        available=np.array([stock is None or stock > 0 for stock in stocks], np.bool_),
        created=_microseconds(created),
        colours=_pairs(array, coloured, vocabularies.colours),
        listed=_pairs(array, listed, vocabularies.categories),
        sizes=_pairs(array, sized, vocabularies.sizes),
    )


def read_photos(keys: Collection[int] | None = None) -> PhotoColumn:
    """Return the photos that are not in the bin, or those among some ids. One statement for each 2,000 ids, or for all.

    400,000 photos: half a second.
    """
    rows = _read(Photo.objects.values_list("pk", "article_id"), "pk", None if keys is None else sorted(keys))
    pairs = np.array(rows, np.int64).reshape(-1, 2)
    pairs = pairs[np.argsort(pairs[:, 0], kind="stable")]
    return PhotoColumn(np.ascontiguousarray(pairs[:, 0]), np.ascontiguousarray(pairs[:, 1]))


def _read(rows: QuerySet[Any, Any], name: str, keys: list[int] | None) -> list[tuple[Any, ...]]:
    """Return the rows, or those of some articles, as the database has them: Django's conversion takes twice as long."""
    if keys is None:
        with _without_time_limit():
            return _fetched(rows)
    parts = (keys[start : start + IDS_AT_ONCE] for start in range(0, len(keys), IDS_AT_ONCE))
    return list(chain.from_iterable(_fetched(rows.filter(**{f"{name}__in": part})) for part in parts))


@contextmanager
def _without_time_limit() -> Iterator[None]:
    """Have statements last longer than those of a request may: all rows are read as a process starts, or beside it."""
    if "statement_timeout" not in connection.settings_dict["OPTIONS"].get("options", ""):
        yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        yield


def _fetched(rows: QuerySet[Any, Any]) -> list[tuple[Any, ...]]:
    sql, parameters = rows.order_by().query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())


def _pairs(ids: Ids, rows: list[tuple[int, Any]], vocabulary: Vocabulary) -> Pairs:
    """Return the pairs of the articles that were read: another statement may see one that is published since."""
    of, values = zip(*rows, strict=True) if rows else ((), ())
    array, codes = np.array(of, np.int64), vocabulary.encode(values)
    known = np.isin(array, ids)
    return Pairs(array[known], codes[known])


def _microseconds(moments: Sequence[datetime]) -> NDArray[np.int64]:
    """Return moments as numbers to compare by. SQLite has them without a zone, which is UTC."""
    naive = [moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment for moment in moments]
    numbers: NDArray[np.int64] = np.array(naive, "datetime64[us]").astype(np.int64)
    return numbers
