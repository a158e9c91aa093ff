"""Conditional requests: ETags, and 304 Not Modified for a matching If-None-Match."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponseBase
from django.utils.decorators import method_decorator
from django.views.decorators.http import conditional_page

Answer = Callable[..., HttpResponseBase]


def unless_known(answer: Answer) -> Answer:
    """Add an ETag to a view's responses to GET; a matching If-None-Match gets 304, without a body.

    If-Match and If-Unmodified-Since are ignored: no read depends on an unchanged resource.
    """
    with_etag = conditional_page(answer)

    @wraps(answer)
    def answered(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        for condition in ("HTTP_IF_MATCH", "HTTP_IF_UNMODIFIED_SINCE"):
            request.META.pop(condition, None)
        return with_etag(request, *args, **kwargs)

    return answered


conditional = method_decorator(unless_known, name="dispatch")
