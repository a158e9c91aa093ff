"""The shop's categories that a model's labels stand for, kept in each process for a second."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.conf import settings

from catalogue.models import Category
from catalogue.prepared import Prepared, instance_of
from visualsearch.models import LabelMapping

_COLUMNS = tuple(field.attname for field in Category._meta.concrete_fields)
_OF_SLUGS = Prepared(lambda slugs: Category.objects.filter(slug__in=slugs).values_list(*_COLUMNS))
_MAPPED = Prepared(
    lambda labels: LabelMapping.objects.filter(label__in=labels).values_list(
        "label", *(f"category__{column}" for column in _COLUMNS)
    )
)
_PATHS = Prepared(lambda: Category.objects.order_by().values_list("pk", "path"))


@dataclass(frozen=True, slots=True)
class LabelCategories:
    """The category of each label, None where the shop has none, and the path of each of these and of those below."""

    by_label: Mapping[str, Category | None]
    path_of: Mapping[int, str]


# So many times as long as an index may be old.
KEPT_FOR_TIMES = 5

# By the labels that were asked for, when they were read (time.monotonic()), and what was read.
_kept: dict[tuple[str, ...], tuple[float, LabelCategories]] = {}


def kept_categories(labels: Iterable[str]) -> LabelCategories:
    """Return the categories of a model's labels, a second old at the most. Nobody may change the rows."""
    key = tuple(labels)
    read_at, kept = _kept.get(key, (0.0, None))
    if kept is None or time.monotonic() - read_at >= KEPT_FOR_TIMES * settings.INDEX_REFRESH_S:
        now = time.monotonic()
        by_label = categories_of(key)
        kept = LabelCategories(by_label, paths_below(filter(None, by_label.values())))
        if len(_kept) > 8:
            # Labels of models that were replaced.
            _kept.clear()
        _kept[key] = now, kept
    return kept


def categories_of(labels: Iterable[str]) -> dict[str, Category | None]:
    """Return the shop's category of each label of a model: as mapped in the admin, else the one with an equal slug."""
    names = list(labels)
    categories: dict[str, Category | None] = dict.fromkeys(names)
    for row in _OF_SLUGS.rows(names):
        category = instance_of(Category, _COLUMNS, row)
        categories[category.slug] = category
    for label, *values in _MAPPED.rows(names):
        categories[label] = None if values[0] is None else instance_of(Category, _COLUMNS, values)
    return categories


def paths_below(categories: Iterable[Category]) -> dict[int, str]:
    """Return the path of each of the categories and of those below, by id."""
    starts = tuple(category.path for category in categories)
    return {pk: path for pk, path in _PATHS.rows() if path.startswith(starts)}
