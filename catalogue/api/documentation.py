"""Parts of the OpenAPI document that views share: security, filter parameters, examples and error responses."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.utils.translation import override
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse

from catalogue.api.serializers import ProblemSerializer
from catalogue.browsing.filters import HIGHEST_PRICE
from catalogue.browsing.listing import ORDERINGS, QUERY_MAX_CHARACTERS
from catalogue.problems import PROBLEM_TYPES

# Security requirements. Some answers need no key, and look at none.
NO_KEY: list[Any] = [{}]
# Searches are anonymous or with a partner's key; reads also with a staff token.
ANYBODY: list[Any] = [{}, {"partnerKey": []}]
READERS: list[Any] = [*ANYBODY, {"tokenAuth": []}]
# Writes require a staff token.
PARTNERS: list[Any] = [{"partnerKey": []}]
STAFF: list[Any] = [{"tokenAuth": []}]
# The response to an If-None-Match that names the current ETag.
UNCHANGED = OpenApiResponse(description="Not modified: the client's copy (If-None-Match) is current.")
SLUG = {"type": "array", "items": {"type": "string"}}
PRICE = {"type": "number", "minimum": 0, "maximum": HIGHEST_PRICE}

# The filters of catalogue/browsing/filters.py; a test compares the names.
FILTER_PARAMETERS = [
    OpenApiParameter("category", SLUG, description="Slugs; each includes its subcategories. Articles in any of them."),
    OpenApiParameter("colour", SLUG, description="Slugs. Articles with any of them."),
    OpenApiParameter("size", SLUG, description="Sizes as written in articles. Articles with any of them in stock."),
    OpenApiParameter("brand", SLUG, description="Slugs. Articles with any of them."),
    OpenApiParameter("price_min", PRICE, description="The minimum price, in `currency`."),
    OpenApiParameter("price_max", PRICE, description="The maximum price, in `currency`."),
    OpenApiParameter(
        "currency",
        {"type": "string", "pattern": "^[A-Za-z]{3}$"},
        description="Only articles with a price in this currency. Default: prices are compared in the shop's main one.",
    ),
    OpenApiParameter("in_stock", OpenApiTypes.BOOL, description="true: only articles in stock."),
]
FACETS_PARAMETER = OpenApiParameter(
    "facets", OpenApiTypes.BOOL, default=False, description="true: count the articles for each choice of a filter."
)
LIST_PARAMETERS = [
    OpenApiParameter(
        "q",
        {"type": "string", "maxLength": QUERY_MAX_CHARACTERS},
        description="Words to search for, in any form or as synonyms, or an SKU; see `search` in the response.",
    ),
    *FILTER_PARAMETERS,
    OpenApiParameter(
        "ordering", OpenApiTypes.STR, enum=list(ORDERINGS), description="Default: relevance with `q`, otherwise newest."
    ),
    FACETS_PARAMETER,
]

# Errors possible on every request: an Accept header without JSON, and a URL that is too long.
ALWAYS = (406, 414)


def refusals(*statuses: int) -> dict[tuple[int, str], Any]:
    """Return the entries of `responses=` for these error statuses and those possible on every request."""
    return {(status, "application/problem+json"): refusal(status) for status in (*statuses, *ALWAYS)}


def refusal(status: int) -> OpenApiResponse:
    """Return a refusal of this status with an example, in English."""
    # Where several codes have one status, the first is met most. Too long an address is refused before Django.
    code = next((code for code, kind in PROBLEM_TYPES.items() if kind.status == status), "invalid")
    kind = PROBLEM_TYPES.get(code) if status != HTTPStatus.REQUEST_URI_TOO_LONG else None
    with override("en"):
        title = str(kind.title) if kind else HTTPStatus(status).phrase
        value = {
            "type": "about:blank",
            "title": title,
            "status": status,
            "code": code,
            "detail": str(kind.remedy) if kind else "Send a shorter address.",
            "errors": {"limit": ["The number is too high. Give 100 or less."]} if status == 400 else {},
        }
    example = OpenApiExample(code, value=value, response_only=True, status_codes=[str(status)])
    return OpenApiResponse(ProblemSerializer, description=title, examples=[example])


def name_server(result: dict[str, Any], request: Any = None, **kwargs: Any) -> dict[str, Any]:
    """Name the shop that serves the document, for tools that import it: a postprocessing hook of drf-spectacular."""
    address = request.build_absolute_uri("/").removesuffix("/") if request is not None else "/"
    result["servers"] = [{"url": address, "description": "This shop."}]
    return result
