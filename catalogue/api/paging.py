"""Paging of all lists of the API: `limit` and `offset`, answered with `count`, `next`, `previous` and `results`.

`page` and `page_size`, by which lists were paged before, work for one more version; answers to them say so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param
from rest_framework.views import APIView

from catalogue.messages import Message
from catalogue.messages.rendering import render

MAX_LIMIT, MAX_OFFSET = 100, 10_000_000
FORMER = ("page", "page_size")
# When `page` was deprecated (RFC 9745: seconds since 1970), and where it is explained.
DEPRECATION = {"Deprecation": "@1796083200", "Link": '</api/docs>; rel="deprecation"; type="text/html"'}


class Pages(LimitOffsetPagination):
    """A list in pages. A subclass sets `default_limit`."""

    default_limit = 24
    max_limit = MAX_LIMIT
    # Set as a list is asked for.
    request: Request
    count: int
    limit: int
    offset: int

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> list[Any]:
        """Return the page's rows; at an offset past the end, none. Raises ValidationError, field by field."""
        self.request = request
        self.former = uses_former(request.query_params)
        self.limit, self.offset = (
            self._former_page(request) if self.former else read_page(request.query_params, self.default_limit)
        )
        self.count = self.get_count(queryset)
        if self.former and self.offset and self.offset >= self.count:
            raise NotFound(render(Message.of("request.no_such_page")))
        return list(queryset[self.offset : self.offset + self.limit]) if self.offset < self.count else []

    def get_paginated_response(self, data: Any) -> Response:
        page = page_of(self.request, data, count=self.count, limit=self.limit, offset=self.offset)
        return Response(page, headers=DEPRECATION if self.former else None)

    def _former_page(self, request: Request) -> tuple[int, int]:
        """Return limit and offset of a page by its number, as lists were asked for before."""
        query = request.query_params
        if any(query.get(name) for name in ("limit", "offset")):
            raise ValidationError({"page": render(Message.of("request.page_or_offset"))})
        size = _number(query, "page_size", self.default_limit, least=1, most=self.max_limit)
        try:
            number = _number(query, "page", 1, least=1, most=MAX_OFFSET)
        except ValidationError as error:
            raise NotFound(render(Message.of("request.no_such_page"))) from error
        return size, (number - 1) * size


def uses_former(query: Mapping[str, Any]) -> bool:
    return any(query.get(name) for name in FORMER)


def read_page(query: Mapping[str, Any], default_limit: int) -> tuple[int, int]:
    """Return `limit` and `offset` of a query. Raises ValidationError, field by field."""
    errors: dict[str, Any] = {}
    numbers = []
    for name, default, least, most in (("limit", default_limit, 1, MAX_LIMIT), ("offset", 0, 0, MAX_OFFSET)):
        try:
            numbers.append(_number(query, name, default, least=least, most=most))
        except ValidationError as error:
            errors |= error.detail  # type: ignore[arg-type]  # a dict, as it was raised
    if errors:
        raise ValidationError(errors)
    return numbers[0], numbers[1]


def page_of(request: Request, results: Any, *, count: int, limit: int, offset: int) -> dict[str, Any]:
    """Return a page as every list is answered; `next` and `previous` are absolute addresses, or null."""
    return {
        "count": count,
        "next": address_of_page(request, limit, offset + limit) if offset + limit < count else None,
        "previous": address_of_page(request, limit, max(offset - limit, 0)) if offset > 0 else None,
        "results": results,
    }


def address_of_page(request: Request, limit: int, offset: int) -> str:
    """Return the address of another page of the list that is asked for."""
    address = request.build_absolute_uri()
    for name in FORMER:
        address = remove_query_param(address, name)
    address = str(replace_query_param(address, "limit", limit))
    return str(replace_query_param(address, "offset", offset) if offset else remove_query_param(address, "offset"))


def _number(query: Mapping[str, Any], name: str, default: int, *, least: int, most: int) -> int:
    sent = query.get(name)
    if sent is None or sent == "":
        return default
    try:
        number: int = serializers.IntegerField(min_value=least, max_value=most).run_validation(sent)
    except ValidationError as error:
        raise ValidationError({name: error.detail}) from error
    return number


def page_parameters(default_limit: int, *, former: bool = False) -> list[OpenApiParameter]:
    """Return the OpenAPI parameters of a list in pages; `former`: those by which it was paged before too."""
    limit = {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": default_limit}
    offset = {"type": "integer", "minimum": 0, "maximum": MAX_OFFSET, "default": 0}
    page = {"type": "integer", "minimum": 1, "default": 1}
    said = "Deprecated: use `limit` and `offset`. Responses have a Deprecation header."
    return [
        OpenApiParameter("limit", limit, description="The maximum number of results in a response."),
        OpenApiParameter("offset", offset, description="How many results to skip."),
        *([OpenApiParameter("page", page, deprecated=True, description=said)] if former else []),
        *([OpenApiParameter("page_size", limit, deprecated=True, description=said)] if former else []),
    ]


class PageSerializer(serializers.Serializer[Any]):
    """What every page of a list has, for the schema; a subclass adds `results`."""

    count = serializers.IntegerField(help_text="Results on all pages.")
    next = serializers.URLField(allow_null=True, help_text="The address of the next page; null on the last one.")
    previous = serializers.URLField(
        allow_null=True, help_text="The address of the previous page; null on the first one."
    )
