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
from typing import Generic, TypeVar

from django.db.models import Count, Max, Min

from catalogue.browsing.currencies import price_currencies
from catalogue.browsing.filters import COLOURED, ArticleFilters, apply_filters
from catalogue.browsing.sizes import size_key
from catalogue.browsing.tree import count_by_path
from catalogue.models import Brand, Category, Colour, Named, Variant
from catalogue.models.querysets import ArticleQuerySet

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


def count_facets(filters: ArticleFilters, articles: ArticleQuerySet) -> Facets:
    """Count the values of every filter among `articles`, to which no filter was applied yet.

    Eleven queries, and one more than there are currencies.
    """

    def without(*names: str) -> ArticleQuerySet:
        return apply_filters(filters, articles, but=names).order_by()

    categories = count_by_path(without("category"))
    brands = dict(without("brand").values_list("brand").annotate(Count("pk")))
    coloured = COLOURED.objects.filter(article__in=without("colour"))
    colours = dict(coloured.values_list("colour").annotate(Count("pk")))
    available = Variant.objects.in_stock().filter(article__in=without("size")).exclude(size="")
    sizes = dict(available.order_by().values_list("size").annotate(Count("article", distinct=True)))
    currencies = price_currencies()
    currency = filters.currency or filters.price_currency or currencies[0]
    prices = (
        without("price_min", "price_max", "currency")
        .filter(currency=currency)
        .aggregate(low=Min("price"), high=Max("price"))
    )
    return Facets(
        categories=offered(
            [Counted(row, categories.get(row.path, 0)) for row in Category.objects.order_by("path")], filters.categories
        ),
        colours=offered([Counted(row, colours.get(row.pk, 0)) for row in Colour.objects.all()], filters.colours),
        sizes=[CountedSize(size, sizes.get(size, 0)) for size in sorted({*sizes, *filters.sizes}, key=size_key)],
        brands=offered([Counted(row, brands.get(row.pk, 0)) for row in Brand.objects.all()], filters.brands),
        in_stock=without("in_stock").in_stock().count(),
        price_min=prices["low"],
        price_max=prices["high"],
        currency=currency,
        currencies=currencies,
    )


def offered(every: Iterable[Counted[Row]], in_force: Collection[Row]) -> list[Counted[Row]]:
    """Leave out values without articles, except active ones, which must stay visible to be removed."""
    return [one for one in every if one.count or one.row in in_force]
