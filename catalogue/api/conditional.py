"""Answers that a client has already are not sent again."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponseBase
from django.utils.decorators import method_decorator
from django.views.decorators.http import conditional_page

Answer = Callable[..., HttpResponseBase]


def unless_known(answer: Answer) -> Answer:
    """Give a view's answers an ETag; who names it in If-None-Match while it holds gets a 304, without a body.

    Other conditions are not kept to: nothing read here is to be had only if it is still the same.
    """
    with_etag = conditional_page(answer)

    @wraps(answer)
    def answered(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        for condition in ("HTTP_IF_MATCH", "HTTP_IF_UNMODIFIED_SINCE"):
            request.META.pop(condition, None)
        return with_etag(request, *args, **kwargs)

    return answered


conditional = method_decorator(unless_known, name="dispatch")
