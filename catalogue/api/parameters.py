"""Parameters that a request has and the API does not use: answers name them in a header, in one way everywhere."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar
from urllib.parse import quote

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

HEADER = "X-Unused-Parameters"
# Of the names that somebody sent: so many, and of each so many characters.
MAX_NAMES, MAX_CHARACTERS = 20, 40


class ParametersView(APIView):
    """A view whose answers name the parameters that it did not use, in the query or in the body.

    `query_parameters` and `body_parameters` are those that it uses, by method, as `names_of` has them of the OpenAPI
    document. A view may add to `unused` what it uses for other callers.
    """

    query_parameters: ClassVar[dict[str, frozenset[str]]] = {}
    body_parameters: ClassVar[dict[str, frozenset[str]]] = {}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        self.unused: list[str] = []
        super().initial(request, *args, **kwargs)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Response:
        answer: Response = super().finalize_response(request, response, *args, **kwargs)
        method = "GET" if request.method == "HEAD" else request.method or ""
        sent: list[str] = [*request.query_params]
        unused = [name for name in sent if name not in self.query_parameters.get(method, ())]
        if (known := self.body_parameters.get(method)) is not None and answer.status_code < 400:
            unused += [name for name in request.data if name not in known]
        if unused := [*unused, *getattr(self, "unused", [])]:
            answer.headers[HEADER] = header_of(unused)
        return answer


def names_of(*parameters: OpenApiParameter | type[Serializer[Any]]) -> frozenset[str]:
    """Return the names of parameters of the query, or of a body, as the OpenAPI document is given them."""
    names: set[str] = set()
    for one in parameters:
        if not isinstance(one, OpenApiParameter):
            names |= set(one().fields)
        elif one.location == OpenApiParameter.QUERY:
            names.add(one.name)
    return frozenset(names)


def header_of(names: Iterable[str]) -> str:
    """Return names as a header may hold them: percent-encoded, with commas between, and not too many."""
    distinct = list(dict.fromkeys(names))
    shown = [quote(name[:MAX_CHARACTERS].encode("utf-8", "replace"), safe="") for name in distinct[:MAX_NAMES]]
    return ", ".join([*shown, *(["..."] if len(distinct) > MAX_NAMES else [])])
