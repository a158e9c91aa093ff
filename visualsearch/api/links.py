"""POST /api/links: a short address of a search, to share."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from catalogue.api.authentication import PartnerAuthentication
from catalogue.api.documentation import ANYBODY, refusals
from catalogue.api.parameters import ParametersView, names_of
from catalogue.api.parsers import BoundedJSONParser
from visualsearch.api import examples, requests
from visualsearch.api.rate_limits import LinkThrottle
from visualsearch.exceptions import InvalidTokenError
from visualsearch.services.retrieval.tokens import MAX_LENGTH
from visualsearch.services.search import links

# Of a body whose token may be one: JSON can write a character as \u0041.
BODY_MAX_BYTES = 6 * MAX_LENGTH + 1_000


class LinkBody(serializers.Serializer[Any]):
    """The search to share."""

    token = serializers.CharField(trim_whitespace=False, help_text="Of the search.")


class LinkSerializer(serializers.Serializer[Any]):
    """A short address of a search."""

    address = serializers.URLField(
        help_text="The page of the results. Filters, `q`, `emphasis` and `ordering` can be added as a query string."
    )
    expires = serializers.DateTimeField(help_text="When the link expires.")


class LinksView(ParametersView):
    """Short addresses of searches."""

    authentication_classes = (PartnerAuthentication,)
    parser_classes = (BoundedJSONParser,)
    throttle_classes = (LinkThrottle,)
    body_parameters: ClassVar = {"POST": names_of(LinkBody)}

    @extend_schema(
        operation_id="make_link",
        summary="Create a short link to a search",
        tags=["search"],
        auth=ANYBODY,
        request=LinkBody,
        responses={201: LinkSerializer, **refusals(400, 401, 410, 415, 429)},
        examples=[examples.LINK_BODY, examples.LINK],
    )
    def post(self, request: Request) -> Response:
        """Create a short link to a search, kept for 30 days. The photo is not stored: the token does not contain it.

        The same search has the same address until it expires; posting it again extends it by 30 days. The page is in
        the language of the request.
        """
        if int(request.META.get("CONTENT_LENGTH") or 0) > BODY_MAX_BYTES:
            raise InvalidTokenError("token.invalid")
        sent = LinkBody(data=requests.read_body(request.data))
        sent.is_valid(raise_exception=True)
        link = links.keep(sent.validated_data["token"])
        answer = {"address": request.build_absolute_uri(links.path_of(link)), "expires": link.expires}
        return Response(
            LinkSerializer(answer).data, status=HTTPStatus.CREATED, headers={"Location": str(answer["address"])}
        )
