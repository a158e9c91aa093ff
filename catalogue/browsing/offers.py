"""Which articles of the column table a list is of, and which of them pass its filters."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from catalogue.browsing.filters import ArticleFilters
from catalogue.browsing.tree import tree_of
from catalogue.columns.following import column_table
from catalogue.columns.rows import Mask
from catalogue.columns.table import ColumnTable, Tree
from catalogue.models import Article, Category, Named
from catalogue.models.querysets import ArticleQuerySet
from catalogue.text_search.engines import all_matching_ids
from catalogue.text_search.names import Names, names
from catalogue.text_search.ranking import AVAILABLE
from catalogue.text_search.searching import TextSearch


@dataclass(frozen=True)
class Offer:
    """The published articles, those of a category, or those that something finds, before any filter: as one table."""

    table: ColumnTable
    names: Names
    category: Category | None = None
    search: TextSearch | None = None
    # The rows that were found, by words or by photo; None for all.
    among: Mask | None = None

    @property
    def tree(self) -> Tree:
        return tree_of(self.names)

    def mask(self) -> Mask:
        """Return the rows of the table that are offered."""
        mask = self.table.every()
        if self.category is not None:
            mask &= self.table.in_categories(self.tree.with_those_below([self.category.pk]))
        if self.among is not None:
            mask &= self.among
        return mask

    def articles(self) -> ArticleQuerySet:
        """Return the articles themselves, in no order, as the database has them now."""
        articles = Article.objects.published()
        return articles if self.category is None else articles.in_category(self.category)

    def of_any_category(self) -> Offer:
        return replace(self, category=None)


def published_offer(category: Category | None = None, search: TextSearch | None = None) -> Offer:
    """Return what a list of published articles offers: of a category and those below it, and what words find."""
    table = column_table()
    return Offer(table, names(), category, search, None if search is None else table.with_ids(search.found_ids()))


class Passing:
    """The rows of an offer that pass filters. Those of each filter are found once."""

    def __init__(self, filters: ArticleFilters, offer: Offer) -> None:
        self.offered = offer.mask()
        self._masks = masks_of(filters, offer.table, offer.tree)

    def but(self, *names: str) -> Mask:
        """Return the rows that pass all filters, but for those of these names."""
        mask = self.offered
        for name, passing in self._masks.items():
            if name not in names:
                mask = mask & passing
        return mask


def masks_of(filters: ArticleFilters, table: ColumnTable, tree: Tree) -> dict[str, Mask]:
    """Return the rows that pass each active filter, by its name: as `apply_filters`, which says it to the database."""
    currency = filters.price_currency or str(settings.CURRENCY)
    masks: dict[str, Mask] = {}
    if filters.categories:
        masks["category"] = table.in_categories(tree.with_those_below(keys_of(filters.categories)))
    if filters.colours:
        masks["colour"] = table.in_colours(keys_of(filters.colours))
    if filters.sizes:
        masks["size"] = table.in_sizes(filters.sizes)
    if filters.brands:
        masks["brand"] = table.of_brands(keys_of(filters.brands))
    if filters.price_min is not None:
        masks["price_min"] = table.priced(currency, low=math.ceil(filters.price_min * 100))
    if filters.price_max is not None:
        masks["price_max"] = table.priced(currency, high=math.floor(filters.price_max * 100))
    if filters.currency:
        masks["currency"] = table.priced(filters.currency)
    if filters.in_stock:
        masks["in_stock"] = table.rows.available
    return masks


def scores_of(search: TextSearch, table: ColumnTable) -> NDArray[np.int64]:
    """Return the points that a text search gives each row, as `scored` does. A statement for each clause of a rule."""
    scores = np.where(table.rows.available, AVAILABLE, 0).astype(np.int64)
    for rule in search.rules:
        points_of = np.zeros(len(table), np.int64)
        # The first that is met counts.
        for clause, points in reversed(rule.alternatives):
            points_of[table.with_ids(all_matching_ids(clause))] = points
        scores += points_of
    return scores


def keys_of(rows: Iterable[Named]) -> list[int]:
    return [row.pk for row in rows]


def amount_of(hundredths: int) -> Decimal:
    """Return a price of the table as articles have it."""
    return Decimal(hundredths).scaleb(-2)
