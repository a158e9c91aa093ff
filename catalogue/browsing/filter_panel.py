"""The filters as a shopper sees them: what can be chosen, what is, and how to take it back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext as _

from catalogue.browsing.facets import count_facets
from catalogue.browsing.filters import FILTER_LABELS, FILTER_NAMES, ArticleFilters
from catalogue.browsing.listing import DEFAULT_ORDERING, ORDERING_LABELS, ListQuery
from catalogue.browsing.money import written
from catalogue.models import Named
from catalogue.models.querysets import ArticleQuerySet


@dataclass(frozen=True)
class Choice:
    """One value of a filter or of the order."""

    value: str
    label: str
    chosen: bool
    # Articles that it leads to; None where that makes no sense.
    count: int | None = None
    # A colour's own, as #rrggbb.
    hex: str = ""
    # How deep below the roots of the tree a category is.
    depth: int = 0

    @property
    def steps(self) -> range:
        return range(self.depth)


@dataclass(frozen=True)
class Chip:
    """A filter in force. `without` is the query string that takes only this one back."""

    label: str
    without: str


@dataclass
class Panel:
    """The form of filters beside a list."""

    # What the address holds of the list: its words, filters and order.
    chosen: QueryDict
    # The labels of what was asked and makes no sense; it is not in `chosen`.
    left_out: list[str] = field(default_factory=list)
    categories: list[Choice] = field(default_factory=list)
    colours: list[Choice] = field(default_factory=list)
    brands: list[Choice] = field(default_factory=list)
    orderings: list[Choice] = field(default_factory=list)
    chips: list[Chip] = field(default_factory=list)
    # Articles in stock, and the lowest and the highest price, of what the other filters leave.
    in_stock: int = 0
    price_min: Decimal | None = None
    price_max: Decimal | None = None
    # What the address has beside the filters, to be kept in links, as a search's token.
    beside: list[tuple[str, str]] = field(default_factory=list)

    @property
    def in_force(self) -> int:
        """How many filters are."""
        return len(self.chips)

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What the form sends along though it has no field for it."""
        return [(name, value) for name in ("q", "category") for value in self.chosen.getlist(name)]

    @property
    def without_filters(self) -> str:
        return without(self.chosen, FILTER_NAMES, beside=self.beside)


def build_panel(
    query: ListQuery,
    articles: ArticleQuerySet,
    *,
    left_out: Iterable[str] = (),
    beside: Iterable[tuple[str, str]] = (),
) -> Panel:
    """Return the panel for a list of `articles`, before its words and filters."""
    labels: dict[str, Any] = {**FILTER_LABELS, "q": _("Search"), "ordering": _("Order")}
    panel = Panel(as_sent(query), left_out=[str(labels[name]) for name in left_out], beside=list(beside))
    filters = query.filters
    facets = count_facets(filters, articles.mentioning(query.text))
    panel.categories = [
        Choice(one.row.slug, one.row.title, one.row in filters.categories, one.count, depth=one.row.depth - 1)
        for one in facets.categories
    ]
    panel.colours = [
        Choice(one.row.slug, one.row.title, one.row in filters.colours, one.count, hex=one.row.hex)
        for one in facets.colours
    ]
    panel.brands = [Choice(one.row.slug, one.row.title, one.row in filters.brands, one.count) for one in facets.brands]
    panel.in_stock, panel.price_min, panel.price_max = facets.in_stock, facets.price_min, facets.price_max
    ordering = query.ordering or DEFAULT_ORDERING
    panel.orderings = [Choice(value, str(label), value == ordering) for value, label in ORDERING_LABELS.items()]
    panel.chips = list(chips(filters, panel.chosen, panel.beside))
    return panel


def as_sent(query: ListQuery) -> QueryDict:
    """Return what an address has to hold for a list."""
    values = QueryDict(mutable=True)
    for name, each in query.values().items():
        values.setlist(name, each)
    return values


def chips(filters: ArticleFilters, chosen: QueryDict, beside: Iterable[tuple[str, str]]) -> Iterable[Chip]:
    """Yield what is in force."""
    several: tuple[tuple[str, Iterable[Named]], ...] = (
        ("category", filters.categories),
        ("colour", filters.colours),
        ("brand", filters.brands),
    )
    for name, rows in several:
        for row in rows:
            yield Chip(row.title, without(chosen, (name,), row.slug, beside=beside))
    for name, price, label in (
        ("price_min", filters.price_min, _("From %(price)s")),
        ("price_max", filters.price_max, _("Up to %(price)s")),
    ):
        if price is not None:
            text = label % {"price": written(price, settings.CURRENCY)}
            yield Chip(text, without(chosen, (name,), beside=beside))
    if filters.in_stock:
        yield Chip(_("In stock"), without(chosen, ("in_stock",), beside=beside))


def without(
    chosen: QueryDict, names: Iterable[str], value: str | None = None, *, beside: Iterable[tuple[str, str]] = ()
) -> str:
    """Return the query string without these names, or without one of their values; "?" if nothing is left."""
    rest = chosen.copy()
    for name in names:
        kept = [] if value is None else [other for other in rest.getlist(name) if other != value]
        rest.setlist(name, kept)
    for name, text in beside:
        rest[name] = text
    return f"?{rest.urlencode()}"
