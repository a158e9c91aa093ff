"""The filters as a shopper sees them: what can be chosen, what is, and how to take it back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext as _

from catalogue.exceptions import InvalidRequestError
from catalogue.filters import FILTER_NAMES, ArticleFilter
from catalogue.listing import LIST_NAMES, ORDERING_LABELS, QUERY_MAX_CHARACTERS, listed
from catalogue.models import Brand, Category, Colour
from catalogue.money import written
from catalogue.querysets import ArticleQuerySet


@dataclass(frozen=True)
class Choice:
    """One value of a filter or of the order."""

    value: str
    label: str
    chosen: bool
    # A colour's own, as #rrggbb.
    hex: str = ""


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
    colours: list[Choice] = field(default_factory=list)
    brands: list[Choice] = field(default_factory=list)
    orderings: list[Choice] = field(default_factory=list)
    chips: list[Chip] = field(default_factory=list)

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
        return without(self.chosen, FILTER_NAMES)


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


def build_panel(chosen: QueryDict, articles: ArticleQuerySet, *, left_out: Iterable[str]) -> Panel:
    """Return the panel for a list of `articles`, before its filters. Colours and brands are those that occur there."""
    colours = Colour.objects.filter(pk__in=articles.order_by().values("colours"))
    brands = Brand.objects.filter(pk__in=articles.order_by().values("brand"))
    labels = {name: str(each.label) for name, each in ArticleFilter.base_filters.items()}
    labels |= {"q": _("Search"), "ordering": _("Order")}
    panel = Panel(chosen, left_out=[labels[name] for name in left_out])
    panel.colours = [
        Choice(colour.slug, colour.title, colour.slug in chosen.getlist("colour"), colour.hex) for colour in colours
    ]
    panel.brands = [Choice(brand.slug, brand.title, brand.slug in chosen.getlist("brand")) for brand in brands]
    ordering = chosen.get("ordering") or "newest"
    panel.orderings = [Choice(value, str(label), value == ordering) for value, label in ORDERING_LABELS.items()]
    panel.chips = list(chips(chosen))
    return panel


def chips(chosen: QueryDict) -> Iterable[Chip]:
    """Yield what is in force. Values were checked before, so each slug has its row."""
    for name, model in (("category", Category), ("colour", Colour), ("brand", Brand)):
        slugs = chosen.getlist(name)
        for row in model.objects.filter(slug__in=slugs) if slugs else ():
            yield Chip(row.title, without(chosen, (name,), row.slug))
    for name, label in (("price_min", _("From %(price)s")), ("price_max", _("Up to %(price)s"))):
        if chosen.get(name):
            price = written(Decimal(str(chosen[name])), settings.CURRENCY)
            yield Chip(label % {"price": price}, without(chosen, (name,)))
    if chosen.get("in_stock"):
        yield Chip(_("In stock"), without(chosen, ("in_stock",)))


def without(chosen: QueryDict, names: Iterable[str], value: str | None = None) -> str:
    """Return the query string without these names, or without one of their values; "?" if nothing is left."""
    rest = chosen.copy()
    for name in names:
        kept = [] if value is None else [other for other in rest.getlist(name) if other != value]
        rest.setlist(name, kept)
    return f"?{rest.urlencode()}"
