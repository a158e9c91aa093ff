"""Lists of articles: search words, filters and ordering, parsed in one way for pages and API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Case, F
from django.db.models.expressions import OrderBy
from django.utils.translation import gettext_lazy as _

from catalogue.browsing.currencies import by_price
from catalogue.browsing.filters import NO_FILTERS, ArticleFilters, apply_filters, is_storable, read_filters
from catalogue.exceptions import InvalidRequestError
from catalogue.messages import Message
from catalogue.models.querysets import ArticleQuerySet
from catalogue.text_search.searching import TextSearch

RELEVANCE = "relevance"
ORDERING_LABELS = {
    RELEVANCE: _("Best match"),
    "newest": _("Newest"),
    "price": _("Price, lowest first"),
    "-price": _("Price, highest first"),
}
ORDERINGS = tuple(ORDERING_LABELS)
# Of a list without words; one with words has the best matches first.
DEFAULT_ORDERING = "newest"
QUERY_MAX_CHARACTERS = 200
NEWEST_FIRST = ("-created", "-pk")


@dataclass(frozen=True, slots=True)
class ListQuery:
    """The parsed parameters of a list. `ordering` is one of ORDERINGS, or empty for DEFAULT_ORDERING."""

    text: str = ""
    filters: ArticleFilters = NO_FILTERS
    ordering: str = ""

    def values(self) -> dict[str, list[str]]:
        """Return the active parameters by name, each with its values as text."""
        words = {"q": [self.text]} if self.text else {}
        order = {"ordering": [self.ordering]} if self.ordering else {}
        return words | self.filters.values() | order


class ListReading(NamedTuple):
    """The valid parameters of a request, and error messages by the name of each invalid one."""

    query: ListQuery
    errors: dict[str, list[Message | str]]


def parse_list(data: Mapping[str, Any]) -> ListQuery:
    """Return the list's parameters. Raises InvalidRequestError, field by field, for invalid values."""
    query, errors = read_list(data)
    if errors:
        raise InvalidRequestError(errors)
    return query


def read_list(data: Mapping[str, Any]) -> ListReading:
    """Return the valid parameters, and error messages for the invalid ones, which are left out."""
    text, ordering = data.get("q", ""), data.get("ordering", "")
    filters, errors = read_filters(data)
    if error := text_error(text):
        errors["q"] = [error]
    if ordering and ordering not in ORDERINGS:
        errors["ordering"] = [Message.of("request.ordering", names=list(ORDERINGS))]
    query = ListQuery("" if "q" in errors else text, filters, "" if "ordering" in errors else ordering)
    return ListReading(query, errors)


def text_error(text: str) -> Message | None:
    """Return what is wrong with the words of a search, None if nothing is."""
    if not is_storable(text):
        return Message.of("request.null_characters")
    if len(text) > QUERY_MAX_CHARACTERS:
        return Message.of("request.query_too_long", limit=QUERY_MAX_CHARACTERS)
    return None


def listed(
    query: ListQuery, articles: ArticleQuerySet, search: TextSearch | None = None, *, any_articles: bool = False
) -> ArticleQuerySet:
    """Return the articles that the text search finds and that pass the filters, in the requested order.

    `search` is that of the query's text. `any_articles`: also those that are not published.
    """
    matching = apply_filters(query.filters, articles)
    ordering = query.ordering or (RELEVANCE if search else DEFAULT_ORDERING)
    if search is not None and ordering == RELEVANCE:
        return by_relevance(search, matching)
    if search is not None:
        matching = search.apply(matching)
    return matching.order_by(*order_terms(ordering, query.filters, any_articles=any_articles))


def by_relevance(search: TextSearch, articles: ArticleQuerySet) -> ArticleQuerySet:
    """Return those of the articles that a text search finds, the best matches first."""
    return search.scored(articles).order_by(F("score").desc(), *NEWEST_FIRST)


def order_terms(
    ordering: str, filters: ArticleFilters = NO_FILTERS, *, any_articles: bool = False
) -> tuple[str | OrderBy | Case, ...]:
    """Return what `order_by` takes for one of ORDERINGS; for an empty text, that of DEFAULT_ORDERING.

    The articles passed `filters`. Without words, no article matches better than another: the newest come first.
    """
    if (ordering or DEFAULT_ORDERING) in {"newest", RELEVANCE}:
        return NEWEST_FIRST
    one = bool(filters.currency or filters.price_currency)
    return by_price(descending=ordering == "-price", one=one, any_articles=any_articles)
