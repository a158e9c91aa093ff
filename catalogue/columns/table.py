"""The column table: what published articles are filtered, ordered and counted by, as arrays. No Django, no statement.

A table is immutable. What changed is read anew and put in the place of the old rows in a new table, so that threads
that work with the old one are not disturbed.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from catalogue.columns.rows import NO_PRICE, Codes, Ids, Mask, Pairs, Rows, Vocabularies, Vocabulary

V = TypeVar("V", bound=Hashable)


@dataclass(frozen=True)
class Tree:
    """The category tree: the ids of each category and of those above it, the root first."""

    lineages: Mapping[int, tuple[int, ...]]

    @cached_property
    def below(self) -> dict[int, set[int]]:
        """The ids of each category and of those below it."""
        below: dict[int, set[int]] = {key: set() for key in self.lineages}
        for key, lineage in self.lineages.items():
            for above in lineage:
                below[above].add(key)
        return below

    def with_those_below(self, keys: Iterable[int]) -> set[int]:
        return {below for key in keys for below in self.below.get(key, {key})}


class ColumnTable:
    """The published articles."""

    def __init__(self, rows: Rows, vocabularies: Vocabularies) -> None:
        self.rows, self.vocabularies = rows, vocabularies
        self.ids = rows.ids
        # Computed once for each.
        self._price_orders: dict[tuple[str, bool], NDArray[np.int64]] = {}
        self._listings: tuple[Tree, NDArray[np.int64], Codes] | None = None

    def __len__(self) -> int:
        return len(self.ids)

    def replaced(self, ids: Ids, rows: Rows) -> ColumnTable:
        """Return a table in which these rows stand for those of some ids."""
        return ColumnTable(self.rows.replaced(ids, rows), self.vocabularies)

    @cached_property
    def colour_places(self) -> NDArray[np.int64]:
        """The row of the article of each of `rows.colours`."""
        return np.searchsorted(self.ids, self.rows.colours.ids)

    @cached_property
    def listed_places(self) -> NDArray[np.int64]:
        """The row of the article of each of `rows.listed`."""
        return np.searchsorted(self.ids, self.rows.listed.ids)

    @cached_property
    def size_places(self) -> NDArray[np.int64]:
        """The row of the article of each of `rows.sizes`."""
        return np.searchsorted(self.ids, self.rows.sizes.ids)

    # Masks.

    def every(self) -> Mask:
        return np.ones(len(self), np.bool_)

    def with_ids(self, ids: Iterable[int]) -> Mask:
        """Return which rows have one of the ids."""
        mask = np.zeros(len(self), np.bool_)
        wanted = np.fromiter(ids, np.int64)
        if len(self):
            places = np.minimum(np.searchsorted(self.ids, wanted), len(self) - 1)
            mask[places[self.ids[places] == wanted]] = True
        return mask

    def in_categories(self, keys: Collection[int]) -> Mask:
        """Return which rows are of one of the categories, or are listed in one of them. Name those below too."""
        wanted = _chosen(self.vocabularies.categories, keys)
        mask: Mask = wanted[self.rows.categories]
        mask[self.listed_places[wanted[self.rows.listed.codes]]] = True
        return mask

    def of_brands(self, keys: Collection[int]) -> Mask:
        mask: Mask = _chosen(self.vocabularies.brands, keys)[self.rows.brands]
        return mask

    def in_colours(self, keys: Collection[int]) -> Mask:
        return self._with_any(_chosen(self.vocabularies.colours, keys), self.rows.colours, self.colour_places)

    def in_sizes(self, sizes: Collection[str]) -> Mask:
        """Return which rows have one of the sizes in stock."""
        return self._with_any(_chosen(self.vocabularies.sizes, sizes), self.rows.sizes, self.size_places)

    def priced(self, currency: str, low: int | None = None, high: int | None = None) -> Mask:
        """Return which rows have a price in a currency, not below `low` nor above `high`, in hundredths."""
        mask: Mask = (self.rows.currencies == self.vocabularies.currencies.get(currency, -1)) & (
            self.rows.prices != NO_PRICE
        )
        if low is not None:
            mask &= self.rows.prices >= low
        if high is not None:
            mask &= self.rows.prices <= high
        return mask

    def _with_any(self, wanted: Mask, pairs: Pairs, places: NDArray[np.int64]) -> Mask:
        mask = np.zeros(len(self), np.bool_)
        mask[places[wanted[pairs.codes]]] = True
        return mask

    # Counts, by the value itself; those without any row are left out.

    def count_brands(self, mask: Mask) -> dict[Hashable, int]:
        return _counted(self.vocabularies.brands, self.rows.brands[mask])

    def count_colours(self, mask: Mask) -> dict[Hashable, int]:
        return _counted(self.vocabularies.colours, self.rows.colours.codes[mask[self.colour_places]])

    def count_sizes(self, mask: Mask) -> dict[Hashable, int]:
        return _counted(self.vocabularies.sizes, self.rows.sizes.codes[mask[self.size_places]])

    def count_categories(self, mask: Mask, tree: Tree) -> dict[int, int]:
        """Return the number of rows of each category and of those below it.

        A row of several categories counts once in each, and once in every category above them.
        """
        totals: dict[int, int] = {}
        for key, count in _counted(self.vocabularies.categories, self.rows.categories[mask]).items():
            for above in tree.lineages.get(key, ()) if isinstance(key, int) else ():
                totals[above] = totals.get(above, 0) + count
        places, codes = self._listed_beside(tree)
        for key, count in _counted(tree.lineages, codes[mask[places]]).items():
            totals[key] = totals.get(key, 0) + count
        return totals

    def _listed_beside(self, tree: Tree) -> tuple[NDArray[np.int64], Codes]:
        """Return the rows and categories of listings, and of all above them, that the rows' own categories lack.

        Each pair once; categories as places in the tree.
        """
        known = self._listings
        if known is None or known[0] is not tree:
            known = self._listings = tree, *self._find_listed_beside(tree)
        return known[1:]

    def _find_listed_beside(self, tree: Tree) -> tuple[NDArray[np.int64], Codes]:
        # Places in the tree: one above may be of no article, and a vocabulary grows under the reader's lock alone.
        numbers = {key: number for number, key in enumerate(tree.lineages)}
        known = list(self.vocabularies.categories)
        above = np.full((len(known), max(map(len, tree.lineages.values()), default=1)), -1, np.int32)
        for code, key in enumerate(known):
            lineage = tree.lineages.get(key, ()) if isinstance(key, int) else ()
            above[code, : len(lineage)] = [numbers[each] for each in lineage]
        places = self.listed_places
        theirs, own = above[self.rows.listed.codes], above[self.rows.categories[places]]
        pair, depth = np.nonzero((theirs >= 0) & (theirs != own))
        several = max(len(numbers), 1)
        joined = np.unique(places[pair] * several + theirs[pair, depth])
        return joined // several, (joined % several).astype(np.int32)

    def price_range(self, mask: Mask) -> tuple[int, int] | None:
        """Return the lowest and the highest price of rows that all have one, in hundredths; None without a row."""
        prices = self.rows.prices[mask]
        return (int(prices.min()), int(prices.max())) if len(prices) else None

    # Orders: the rows, each once.

    @cached_property
    def currencies(self) -> list[str]:
        """The currencies in which there are prices, by their codes."""
        codes = np.unique(self.rows.currencies[self.rows.prices != NO_PRICE])
        values = list(self.vocabularies.currencies)
        return sorted(str(values[code]) for code in codes)

    @cached_property
    def newest(self) -> NDArray[np.int64]:
        """The newest first; of those created at one time, the one with the highest id."""
        return np.lexsort((self.ids, self.rows.created))[::-1]

    def best(self, scores: NDArray[np.int64]) -> NDArray[np.int64]:
        """Those of the highest scores first; of one score, as `newest`."""
        return self.newest[np.argsort(-scores[self.newest], kind="stable")]

    def newest_of(self, mask: Mask, most: int) -> list[int]:
        """Return the ids of the newest rows that pass a mask, at most so many."""
        found: list[int] = []
        start, size = 0, 1_000
        while len(found) < most and start < len(self):
            part = self.newest[start : start + size]
            found += self.ids[part[mask[part]]].tolist()
            start, size = start + size, 4 * size
        return found[:most]

    def passing(self, mask: Mask, ids: Collection[int]) -> set[int]:
        """Return those of the ids whose rows pass a mask."""
        return set(self.ids[mask & self.with_ids(ids)].tolist())

    def by_price(self, main: str, *, descending: bool) -> NDArray[np.int64]:
        """By price in the main currency, then in each other one; at last those without a price. Else as `newest`."""
        if (main, descending) not in self._price_orders:
            self._price_orders[main, descending] = self._ordered_by_price(main, descending=descending)
        return self._price_orders[main, descending]

    def _ordered_by_price(self, main: str, *, descending: bool) -> NDArray[np.int64]:
        values = [str(value) for value in self.vocabularies.currencies]
        rank_of = {value: rank for rank, value in enumerate(sorted(values, key=lambda value: (value != main, value)))}
        ranks = np.array([rank_of[value] for value in values] or [0])[self.rows.currencies]
        if len(self.currencies) < 2:
            # Nothing is priced in the others.
            ranks[:] = 0
        none = self.rows.prices == NO_PRICE
        if none.any():
            # Theirs are by the code of the currency alone.
            alone = {value: rank for rank, value in enumerate(sorted(values))}
            codes = np.array([alone[value] for value in values])[self.rows.currencies]
            ranks = np.where(none, len(values) + (codes if len(self.currencies) > 1 else 0), ranks)
        prices = -self.rows.prices if descending else self.rows.prices
        return np.lexsort((-self.ids, np.where(none, 0, prices), ranks))


def _chosen(vocabulary: Vocabulary, values: Iterable[Hashable]) -> Mask:
    """Return which codes are of one of the values."""
    # First: the vocabulary may grow meanwhile.
    codes = vocabulary.known(values)
    chosen = np.zeros(max(len(vocabulary), 1), np.bool_)
    chosen[codes] = True
    return chosen


def _counted(vocabulary: Iterable[V], codes: Codes) -> dict[V, int]:
    values = list(vocabulary)
    return {values[code]: int(count) for code, count in enumerate(np.bincount(codes)) if count}
