"""The filters as a shopper sees them: what can be chosen, what is, and how to take it back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext as _

from catalogue.browsing.facets import count_facets
from catalogue.browsing.filters import FILTER_NAMES, ArticleFilter
from catalogue.browsing.listing import LIST_NAMES, ORDERING_LABELS, QUERY_MAX_CHARACTERS, listed
from catalogue.browsing.money import written
from catalogue.exceptions import InvalidRequestError
from catalogue.models import Brand, Category, Colour
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


def read_list(sent: QueryDict, articles: ArticleQuerySet) -> tuple[ArticleQuerySet, QueryDict, list[str]]:
    """Return the articles asked for, what of the request was used, and the names of what was not.

    A list is shown whatever was sent: a filter that makes no sense is left out.
    """
    used = QueryDict(mutable=True)
    for name in LIST_NAMES:
        values = [value for value in sent.getlist(name) if value]
        if values:
            used.setlist(name, values if name in FILTER_NAMES else values[-1:])
    if "q" in used:
        used["q"] = str(used["q"])[:QUERY_MAX_CHARACTERS]
    try:
        return listed(used, articles), used, []
    except InvalidRequestError as error:
        for name in error.errors:
            used.pop(name, None)
        return listed(used, articles), used, list(error.errors)


def build_panel(
    chosen: QueryDict,
    articles: ArticleQuerySet,
    *,
    left_out: Iterable[str] = (),
    beside: Iterable[tuple[str, str]] = (),
) -> Panel:
    """Return the panel for a list of `articles`, before its words and filters."""
    labels = {name: str(each.label) for name, each in ArticleFilter.base_filters.items()}
    labels |= {"q": _("Search"), "ordering": _("Order")}
    panel = Panel(chosen, left_out=[labels[name] for name in left_out], beside=list(beside))
    facets = count_facets(chosen, articles.mentioning(chosen.get("q", "")))
    panel.categories = [
        Choice(row.slug, row.title, row.slug in chosen.getlist("category"), count, depth=row.depth - 1)
        for row, count in ((one.row, one.count) for one in facets.categories)
    ]
    panel.colours = [
        Choice(row.slug, row.title, row.slug in chosen.getlist("colour"), count, hex=row.hex)
        for row, count in ((one.row, one.count) for one in facets.colours)
    ]
    panel.brands = [
        Choice(row.slug, row.title, row.slug in chosen.getlist("brand"), count)
        for row, count in ((one.row, one.count) for one in facets.brands)
    ]
    panel.in_stock, panel.price_min, panel.price_max = facets.in_stock, facets.price_min, facets.price_max
    ordering = chosen.get("ordering") or "newest"
    panel.orderings = [Choice(value, str(label), value == ordering) for value, label in ORDERING_LABELS.items()]
    panel.chips = list(chips(chosen, panel.beside))
    return panel


def chips(chosen: QueryDict, beside: Iterable[tuple[str, str]]) -> Iterable[Chip]:
    """Yield what is in force. Values were checked before, so each slug has its row."""
    for name, model in (("category", Category), ("colour", Colour), ("brand", Brand)):
        slugs = chosen.getlist(name)
        for row in model.objects.filter(slug__in=slugs) if slugs else ():
            yield Chip(row.title, without(chosen, (name,), row.slug, beside=beside))
    for name, label in (("price_min", _("From %(price)s")), ("price_max", _("Up to %(price)s"))):
        if chosen.get(name):
            price = written(Decimal(str(chosen[name])), settings.CURRENCY)
            yield Chip(label % {"price": price}, without(chosen, (name,), beside=beside))
    if chosen.get("in_stock"):
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
