"""How a list of articles is asked for: words, filters and order. One reading of it, for pages and API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import F
from django.db.models.expressions import OrderBy
from django.utils.translation import gettext_lazy as _

from catalogue.browsing.filters import NO_FILTERS, ArticleFilters, apply_filters, is_storable, read_filters
from catalogue.exceptions import InvalidRequestError
from catalogue.messages import Message
from catalogue.models.querysets import ArticleQuerySet

# Articles without a price come last, whichever way: nobody looks for them by price.
ORDERINGS: dict[str, tuple[str | OrderBy, ...]] = {
    "newest": ("-created", "-pk"),
    "price": (F("price").asc(nulls_last=True), "-pk"),
    "-price": (F("price").desc(nulls_last=True), "-pk"),
}
ORDERING_LABELS = {"newest": _("Newest"), "price": _("Price, lowest first"), "-price": _("Price, highest first")}
DEFAULT_ORDERING = "newest"
QUERY_MAX_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class ListQuery:
    """Which articles are listed, and in which order. `ordering` is one of ORDERINGS, or empty: the usual one."""

    text: str = ""
    filters: ArticleFilters = NO_FILTERS
    ordering: str = ""

    def values(self) -> dict[str, list[str]]:
        """Return what was asked for by its names, each with its values as text."""
        words = {"q": [self.text]} if self.text else {}
        order = {"ordering": [self.ordering]} if self.ordering else {}
        return words | self.filters.values() | order


class ListReading(NamedTuple):
    """What of a request makes sense, and messages by the names of what does not."""

    query: ListQuery
    errors: dict[str, list[Message | str]]


def parse_list(data: Mapping[str, Any]) -> ListQuery:
    """Return the list that is asked for. Raises InvalidRequestError, field by field, for values that make no sense."""
    query, errors = read_list(data)
    if errors:
        raise InvalidRequestError(errors)
    return query


def read_list(data: Mapping[str, Any]) -> ListReading:
    """Return the same, with what makes no sense left out and named."""
    text, ordering = data.get("q", ""), data.get("ordering", "")
    filters, errors = read_filters(data)
    if not is_storable(text):
        errors["q"] = [Message.of("request.null_characters")]
    elif len(text) > QUERY_MAX_CHARACTERS:
        errors["q"] = [Message.of("request.query_too_long", limit=QUERY_MAX_CHARACTERS)]
    if ordering and ordering not in ORDERINGS:
        errors["ordering"] = [Message.of("request.ordering", names=list(ORDERINGS))]
    query = ListQuery("" if "q" in errors else text, filters, "" if "ordering" in errors else ordering)
    return ListReading(query, errors)


def listed(query: ListQuery, articles: ArticleQuerySet) -> ArticleQuerySet:
    """Return the articles that mention the words and pass the filters, in the order asked for."""
    found = apply_filters(query.filters, articles).mentioning(query.text)
    return found.order_by(*ORDERINGS[query.ordering or DEFAULT_ORDERING])
