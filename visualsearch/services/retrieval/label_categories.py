"""The shop's categories that a model's labels stand for, kept in each process for a second."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Q

from catalogue.models import Category
from visualsearch.models import LabelMapping


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
    categories |= {row.slug: row for row in Category.objects.filter(slug__in=names)}
    mapped = LabelMapping.objects.filter(label__in=names).select_related("category")
    return categories | {mapping.label: mapping.category for mapping in mapped}


def paths_below(categories: Iterable[Category]) -> dict[int, str]:
    """Return the path of each of the categories and of those below, by id."""
    below = Q(pk__in=[])
    for category in categories:
        below |= Q(path__startswith=category.path)
    return dict(Category.objects.filter(below).values_list("pk", "path"))
