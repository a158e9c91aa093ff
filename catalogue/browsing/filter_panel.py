"""The filter panel of a list: selectable values with counts, active filters as chips, and links to remove them."""

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
from catalogue.browsing.listing import DEFAULT_ORDERING, ORDERING_LABELS, RELEVANCE, ListQuery
from catalogue.browsing.money import written
from catalogue.browsing.offers import Offer
from catalogue.browsing.words import NO_WORDS, SearchWords, Term
from catalogue.models import Named


@dataclass(frozen=True)
class Choice:
    """One value of a filter or an ordering, as shown to a shopper."""

    value: str
    label: str
    chosen: bool
    # The facet count; None for an ordering.
    count: int | None = None
    # Of a colour, as #rrggbb.
    hex: str = ""
    # Of a category: 0 for a root.
    depth: int = 0

    @property
    def steps(self) -> range:
        return range(self.depth)


@dataclass(frozen=True)
class Chip:
    """An active filter. `without` is the query string that removes only this one."""

    label: str
    without: str


@dataclass
class Panel:
    """The form of filters beside a list."""

    # The list's parameters in the URL: words, filters and ordering.
    chosen: QueryDict
    # The labels of parameters that were invalid; they are not in `chosen`.
    left_out: list[str] = field(default_factory=list)
    categories: list[Choice] = field(default_factory=list)
    colours: list[Choice] = field(default_factory=list)
    sizes: list[Choice] = field(default_factory=list)
    brands: list[Choice] = field(default_factory=list)
    orderings: list[Choice] = field(default_factory=list)
    chips: list[Chip] = field(default_factory=list)
    # Of the articles that pass the other filters: number in stock, lowest and highest price in `currency`.
    in_stock: int = 0
    price_min: Decimal | None = None
    price_max: Decimal | None = None
    currency: str = ""
    # To choose from; empty where all prices are in one.
    currencies: list[Choice] = field(default_factory=list)
    # Other parameters of the URL that links must keep, such as a search's token.
    beside: list[tuple[str, str]] = field(default_factory=list)

    @property
    def in_force(self) -> int:
        """The number of active filters."""
        return len(self.chips)

    @property
    def kept(self) -> list[tuple[str, str]]:
        """Parameters that the form sends in hidden fields."""
        return [(name, value) for name in ("q", "category") for value in self.chosen.getlist(name)]

    @property
    def without_filters(self) -> str:
        # The words in the list's own parameters are what was searched for; those beside them are filters.
        return without(self.chosen, FILTER_NAMES, beside=[(name, value) for name, value in self.beside if name != "q"])


def build_panel(
    query: ListQuery,
    offer: Offer,
    *,
    left_out: Iterable[str] = (),
    beside: Iterable[tuple[str, str]] = (),
    words: SearchWords = NO_WORDS,
) -> Panel:
    """Return the panel for a list of what is offered, to which filters were not applied yet.

    `words` are those that may filter too; `beside` has their text as `q`.
    """
    labels: dict[str, Any] = {**FILTER_LABELS, "q": _("Search"), "ordering": _("Order")}
    panel = Panel(as_sent(query), left_out=[str(labels[name]) for name in left_out], beside=list(beside))
    filters = query.filters
    facets = count_facets(words.narrow(filters), offer)
    panel.categories = [
        Choice(one.row.slug, one.row.title, one.row in filters.categories, one.count, depth=one.row.depth - 1)
        for one in facets.categories
    ]
    panel.colours = [
        Choice(one.row.slug, one.row.title, one.row in filters.colours, one.count, hex=one.row.hex)
        for one in facets.colours
    ]
    panel.sizes = [Choice(one.size, one.size, one.size in filters.sizes, one.count) for one in facets.sizes]
    panel.brands = [Choice(one.row.slug, one.row.title, one.row in filters.brands, one.count) for one in facets.brands]
    panel.in_stock, panel.price_min, panel.price_max = facets.in_stock, facets.price_min, facets.price_max
    panel.currency = facets.currency
    if len(facets.currencies) > 1:
        panel.currencies = list(currency_choices(facets.currencies, filters.currency))
    ordering = query.ordering or (RELEVANCE if offer.search else DEFAULT_ORDERING)
    panel.orderings = [
        Choice(value, str(label), value == ordering)
        for value, label in ORDERING_LABELS.items()
        # Without words, no article matches better than another.
        if offer.search or value != RELEVANCE
    ]
    panel.chips = [*chips(filters, panel.chosen, panel.beside), *word_chips(words, filters, panel)]
    return panel


def currency_choices(currencies: list[str], chosen: str) -> Iterable[Choice]:
    """Yield what prices can be compared in. The main currency is no filter unless it was chosen: it sends no value."""
    main = currencies[0]
    for code in currencies:
        value = "" if code == main != chosen else code
        yield Choice(value, code, code == (chosen or main))


def as_sent(query: ListQuery) -> QueryDict:
    """Return the URL parameters of a list."""
    values = QueryDict(mutable=True)
    for name, each in query.values().items():
        values.setlist(name, each)
    return values


def chips(filters: ArticleFilters, chosen: QueryDict, beside: Iterable[tuple[str, str]]) -> Iterable[Chip]:
    """Yield the active filters."""
    several: tuple[tuple[str, Iterable[Named]], ...] = (
        ("category", filters.categories),
        ("colour", filters.colours),
        ("brand", filters.brands),
    )
    for name, rows in several:
        for row in rows:
            yield Chip(row.title, without(chosen, (name,), row.slug, beside=beside))
    for size in filters.sizes:
        yield Chip(_("Size %(size)s") % {"size": size}, without(chosen, ("size",), size, beside=beside))
    for name, price, label in (
        ("price_min", filters.price_min, _("From %(price)s")),
        ("price_max", filters.price_max, _("Up to %(price)s")),
    ):
        if price is not None:
            text = label % {"price": written(price, filters.price_currency or settings.CURRENCY)}
            yield Chip(text, without(chosen, (name,), beside=beside))
    if filters.currency:
        text = _("Prices in %(currency)s") % {"currency": filters.currency}
        yield Chip(text, without(chosen, ("currency",), beside=beside))
    if filters.in_stock:
        yield Chip(_("In stock"), without(chosen, ("in_stock",), beside=beside))


def word_chips(words: SearchWords, filters: ArticleFilters, panel: Panel) -> Iterable[Chip]:
    """Yield the active filters that words name; without one, its words are left out of the text."""
    for term in words.narrowing(filters):
        yield Chip(term.title, without_term(words, term, panel))


def without_term(words: SearchWords, term: Term, panel: Panel) -> str:
    """Return the query string with words from which this one was lifted."""
    rest = [(name, value) for name, value in panel.beside if name != "q"]
    text = words.without(term)
    return without(panel.chosen, (), beside=[*rest, ("q", text)] if text else rest)


def without(
    chosen: QueryDict, names: Iterable[str], value: str | None = None, *, beside: Iterable[tuple[str, str]] = ()
) -> str:
    """Return the query string without these parameters, or without one of their values; "?" if nothing is left."""
    rest = chosen.copy()
    for name in names:
        rest.setlist(name, [] if value is None else [other for other in rest.getlist(name) if other != value])
    for name, text in beside:
        rest[name] = text
    return f"?{rest.urlencode()}"
