"""How a list of articles is asked for: words, filters and order. One reading of it, for pages and API."""

from __future__ import annotations

from django.db.models import F
from django.db.models.expressions import OrderBy
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from catalogue.browsing.filters import FILTER_NAMES, is_storable, matching
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
QUERY_MAX_CHARACTERS = 200
LIST_NAMES = ("q", *FILTER_NAMES, "ordering")


def listed(chosen: QueryDict, articles: ArticleQuerySet) -> ArticleQuerySet:
    """Return the articles that mention the words of `q` and pass the filters, in the order of `ordering`.

    Raises InvalidRequestError for a value that makes no sense.
    """
    text, ordering = chosen.get("q", ""), chosen.get("ordering") or "newest"
    if not is_storable(text):
        raise InvalidRequestError({"q": [Message.of("request.null_characters")]})
    if len(text) > QUERY_MAX_CHARACTERS:
        raise InvalidRequestError({"q": [Message.of("request.query_too_long", limit=QUERY_MAX_CHARACTERS)]})
    if ordering not in ORDERINGS:
        raise InvalidRequestError({"ordering": [Message.of("request.ordering", names=list(ORDERINGS))]})
    return matching(chosen, articles).mentioning(text).order_by(*ORDERINGS[ordering])
