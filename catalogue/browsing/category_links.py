"""The categories beside a list or the results of a search by photo: links that keep the other filters, with counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from catalogue.browsing.facets import Counted, offered
from catalogue.browsing.filter_panel import Panel, without
from catalogue.browsing.listing import ListQuery
from catalogue.browsing.offers import Offer, Passing


@dataclass(frozen=True, slots=True)
class CategoryLink:
    """A category; the first has no slug and no count, and leads to all. `depth` is 0 for it and for a root."""

    slug: str
    title: str
    address: str
    chosen: bool
    count: int | None = None
    depth: int = 0


def links_of_list(query: ListQuery, offer: Offer) -> Iterable[CategoryLink]:
    """Yield links to the pages of categories with articles that match a list's words and other filters. No query.

    The offer's category is the one whose page it is.
    """
    rest = replace(query, filters=replace(query.filters, categories=()))
    everywhere = Passing(rest.filters, offer.of_any_category())
    counts = offer.table.count_categories(everywhere.but(), offer.tree)
    here = [offer.category] if offer.category else query.filters.categories
    parameters = QueryDict(mutable=True)
    for name, values in rest.values().items():
        parameters.setlist(name, values)
    suffix = f"?{parameters.urlencode()}" if parameters else ""
    yield CategoryLink("", _("All products"), reverse("catalogue:articles") + suffix, not here)
    for one in offered([Counted(row, counts.get(row.pk, 0)) for row in offer.names.categories], here):
        row = one.row
        yield CategoryLink(
            row.slug, row.title, row.get_absolute_url() + suffix, row in here, one.count, depth=row.depth - 1
        )


def links_of_panel(panel: Panel) -> Iterable[CategoryLink]:
    """Yield links that choose each category of a panel as its filter. No query."""
    yield CategoryLink(
        "",
        _("All products"),
        without(panel.chosen, ("category",), beside=panel.beside),
        not any(choice.chosen for choice in panel.categories),
    )
    for choice in panel.categories:
        address = without(panel.chosen, ("category",), beside=[*panel.beside, ("category", choice.value)])
        yield CategoryLink(choice.value, choice.label, address, choice.chosen, choice.count, choice.depth)
