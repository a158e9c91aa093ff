"""What every request passes before Django sees it: the encoding is UTF-8, and a search that waited too long is refused.

Plain WSGI: the server says in the environment how long a request waited for a thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from django.utils.http import parse_header_parameters

from catalogue.exceptions import BUSY
from shop.http.refusals import problem_response

# The key of the environment under which the server says for how many seconds a request has waited for a thread.
WAITED_S = "shop.waited_s"
# Load shedding: a search that waited longer than this for a thread is refused, since a quick refusal is better than a
# queue that grows without bound. Other requests always wait; they are short, since only searches are expensive.
QUEUED_AT_MOST_S = 2.0
SHED = ("POST", "/api/predict")
RETRY_AFTER_S = 3

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


def in_utf8(content_type: str) -> str:
    """Return a Content-Type without its charset, so that Django decodes query and body as UTF-8.

    Django would use any codec that a client names, also codecs that are not of text (rot13, zlib) or whose result no
    database stores.
    """
    if "charset" not in content_type.lower():
        return content_type
    kind, parameters = parse_header_parameters(content_type)
    boundary = parameters.get("boundary", "")
    return f'{kind}; boundary="{boundary}"' if boundary else kind


def limit_requests(application: Application) -> Application:
    """Return a WSGI application that sheds load and sets the encoding, and otherwise calls the given one."""

    def limited(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        waited_s = environ.get(WAITED_S, 0.0)
        if waited_s > QUEUED_AT_MOST_S and (environ["REQUEST_METHOD"], environ["PATH_INFO"]) == SHED:
            return shed(environ, start_response)
        if "CONTENT_TYPE" in environ:
            environ["CONTENT_TYPE"] = in_utf8(environ["CONTENT_TYPE"])
        return application(environ, start_response)

    return limited


def shed(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
    from shop.observability.metrics import SHED_SEARCHES  # noqa: PLC0415  (it is measured by the processes that serve, after the fork)

    accepted, origin = environ.get("HTTP_ACCEPT_LANGUAGE", ""), environ.get("HTTP_ORIGIN", "")
    status, headers, body = problem_response(
        HTTPStatus.SERVICE_UNAVAILABLE, "search_unavailable", BUSY, accepted, origin
    )
    start_response(status, [*headers, ("Retry-After", str(RETRY_AFTER_S))])
    SHED_SEARCHES.inc()
    return [body]
