"""Parts of the OpenAPI document that views share: security, filter parameters, examples and error responses."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse

from catalogue.api.serializers import ProblemSerializer
from catalogue.browsing.filters import HIGHEST_PRICE
from catalogue.browsing.listing import ORDERINGS, QUERY_MAX_CHARACTERS

# Security requirements. Searches are anonymous or with a partner's key; reads also with a staff token.
ANYBODY: list[Any] = [{}, {"partnerKey": []}]
READERS: list[Any] = [*ANYBODY, {"tokenAuth": []}]
# Writes require a staff token.
STAFF: list[Any] = [{"tokenAuth": []}]
# The response to an If-None-Match that names the current ETag.
UNCHANGED = OpenApiResponse(description="What the client has, by its If-None-Match, is still the answer.")
SLUG = {"type": "array", "items": {"type": "string"}}
PRICE = {"type": "number", "minimum": 0, "maximum": HIGHEST_PRICE}

# The filters of catalogue/browsing/filters.py; a test compares the names.
FILTER_PARAMETERS = [
    OpenApiParameter("category", SLUG, description="Slugs; each with all categories below it. Any of them."),
    OpenApiParameter("colour", SLUG, description="Slugs. Any of them."),
    OpenApiParameter("size", SLUG, description="Sizes as articles write them, in stock. Any of them."),
    OpenApiParameter("brand", SLUG, description="Slugs. Any of them."),
    OpenApiParameter("price_min", PRICE, description="The price or more, in `currency`."),
    OpenApiParameter("price_max", PRICE, description="The price or less, in `currency`."),
    OpenApiParameter(
        "currency",
        {"type": "string", "pattern": "^[A-Za-z]{3}$"},
        description="Only articles with a price in it. Without one, prices are compared in the shop's main one.",
    ),
    OpenApiParameter("in_stock", OpenApiTypes.BOOL, description="true: only what can be had now."),
]
FACETS_PARAMETER = OpenApiParameter(
    "facets", OpenApiTypes.BOOL, default=False, description="true: count the articles that each choice leads to."
)
LIST_PARAMETERS = [
    OpenApiParameter(
        "q",
        {"type": "string", "maxLength": QUERY_MAX_CHARACTERS},
        description="Words that articles have, in any form or as a synonym, or an SKU; see `search` in the answer.",
    ),
    *FILTER_PARAMETERS,
    OpenApiParameter(
        "ordering", OpenApiTypes.STR, enum=list(ORDERINGS), description="By default relevance with `q`, else newest."
    ),
    FACETS_PARAMETER,
]

# Errors possible on every request: an Accept header without JSON, and a URL that is too long.
ALWAYS = (406, 414)

ARTICLE_EXAMPLE = {
    "id": 17,
    "sku": "D-0017",
    "name": "Linen summer dress",
    "url": "/articles/linen-summer-dress-17/",
    "category": "dress",
    "brand": "Maison Claire",
    "price": {"amount": "39.90", "currency": "EUR"},
    "regular_price": {"amount": "59.90", "currency": "EUR"},
    "in_stock": True,
    "image": "/media/42/3f2d44f72a47b43d-320.webp",
}
LIST_EXAMPLE = OpenApiExample(
    "A page of articles",
    value={"count": 1, "next": None, "previous": None, "results": [ARTICLE_EXAMPLE]},
    response_only=True,
    status_codes=["200"],
)


def refusals(*statuses: int) -> dict[tuple[int, str], Any]:
    """Return the entries of `responses=` for these error statuses and those possible on every request."""
    return {(status, "application/problem+json"): ProblemSerializer for status in (*statuses, *ALWAYS)}
