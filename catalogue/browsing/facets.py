"""Facets: the number of articles of each filter value, for pages, API and search by photo.

Disjunctive faceting (Algolia's term; Solr: multi-select faceting): the values of a filter are counted with all other
filters applied, but not itself, so other brands stay visible once one is selected.

A search by photo ranks all articles that it can show by similarity and cuts none off. Its facets are counted over all
of them: also those of a colour that none of the nearest articles has.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Generic, TypeVar

from catalogue.browsing.currencies import currencies_of
from catalogue.browsing.filters import ArticleFilters
from catalogue.browsing.offers import Offer, Passing, amount_of
from catalogue.browsing.sizes import size_key
from catalogue.models import Brand, Category, Colour, Named

Row = TypeVar("Row", bound=Named)


@dataclass(frozen=True, slots=True)
class Counted(Generic[Row]):
    """A filter value, and the number of articles that have it."""

    row: Row
    count: int


@dataclass(frozen=True, slots=True)
class CountedSize:
    """A size, and the number of articles that have it in stock."""

    size: str
    count: int


@dataclass(frozen=True, slots=True)
class Facets:
    """The values with at least one article, and the active ones. Categories include their descendants, in tree order.

    `in_stock` is the number of available articles. The prices are the lowest and highest in `currency`, None if no
    article has one: the main currency, unless the filters name another. `currencies` are all that the shop has prices
    in, the main one first.
    """

    categories: list[Counted[Category]]
    colours: list[Counted[Colour]]
    sizes: list[CountedSize]
    brands: list[Counted[Brand]]
    in_stock: int
    price_min: Decimal | None
    price_max: Decimal | None
    currency: str
    currencies: list[str]


def count_facets(filters: ArticleFilters, offer: Offer) -> Facets:
    """Count the values of every filter among what is offered. No statement, but one for a text search that finds much.

    A change of an article that was committed before the offer was made is counted: see `catalogue.columns.following`.
    """
    table, known, passing = offer.table, offer.names, Passing(filters, offer)
    categories = table.count_categories(passing.but("category"), offer.tree)
    colours = table.count_colours(passing.but("colour"))
    sizes: Any = table.count_sizes(passing.but("size"))
    brands = table.count_brands(passing.but("brand"))
    currencies = currencies_of(table)
    currency = filters.currency or filters.price_currency or currencies[0]
    prices = table.price_range(passing.but("price_min", "price_max", "currency") & table.priced(currency))
    low, high = (None, None) if prices is None else map(amount_of, prices)
    return Facets(
        categories=offered([Counted(row, categories.get(row.pk, 0)) for row in known.categories], filters.categories),
        colours=offered([Counted(row, colours.get(row.pk, 0)) for row in by_name(known.colours)], filters.colours),
        sizes=[CountedSize(size, sizes.get(size, 0)) for size in sorted({*sizes, *filters.sizes}, key=size_key)],
        brands=offered([Counted(row, brands.get(row.pk, 0)) for row in known.brands], filters.brands),
        in_stock=int((passing.but("in_stock") & table.rows.available).sum()),
        price_min=low,
        price_max=high,
        currency=currency,
        currencies=currencies,
    )


def by_name(rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: row.name)


def offered(every: Iterable[Counted[Row]], in_force: Collection[Row]) -> list[Counted[Row]]:
    """Leave out values without articles, except active ones, which must stay visible to be removed."""
    return [one for one in every if one.count or one.row in in_force]
