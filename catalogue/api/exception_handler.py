"""Exception handler of the API: renders errors, REST framework's included, as application/problem+json."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from rest_framework import exceptions
from rest_framework.settings import api_settings

from catalogue.api.authentication import ExpiredTokenError, UnknownKeyError
from catalogue.messages import Message
from catalogue.messages.message import shorten
from catalogue.messages.rendering import render
from catalogue.problems import problem, problem_of, retry_after, throttled

# REST framework's codes, and ours where they differ.
CODE_OF = {"parse_error": "invalid", "authentication_failed": "not_authenticated"}
MESSAGE_AT_MOST = 500


def handle(error: Exception, context: Mapping[str, Any]) -> HttpResponse | None:
    """Return the response to an error raised in a view of the API; None for a bug, which stays a 500."""
    match error:
        case exceptions.Throttled():
            wait_s = getattr(error, "wait", None)
            message = getattr(error, "message", None) or throttled(wait_s)
            return problem("throttled", render(message), headers=retry_after(wait_s))
        case exceptions.ValidationError():
            return problem("invalid", render(Message.of("request.fields")), errors=by_field(error.detail))
        case exceptions.APIException():
            challenge = getattr(error, "auth_header", None)
            code = error.default_code
            return problem(
                CODE_OF.get(code, code),
                detail_of(error, context),
                headers={"WWW-Authenticate": challenge} if challenge else {},
            )
    return problem_of(error)


def detail_of(error: exceptions.APIException, context: Mapping[str, Any]) -> str:
    """Return what happened and what helps, for the errors that REST framework raises itself; else the error's text."""
    view, request = context.get("view"), context.get("request")
    match error:
        case exceptions.NotAuthenticated():
            message = Message.of("auth.missing")
        case UnknownKeyError():
            message = Message.of("auth.key_unknown")
        case ExpiredTokenError():
            message = Message.of("auth.token_expired")
        case exceptions.AuthenticationFailed():
            message = Message.of("auth.token_unknown")
        case exceptions.PermissionDenied():
            message = Message.of("auth.not_allowed")
        case exceptions.MethodNotAllowed():
            methods = [name for name in getattr(view, "allowed_methods", []) if name != "OPTIONS"]
            message = Message.of("request.method", method=str(getattr(request, "method", "")), methods=methods)
        case exceptions.UnsupportedMediaType():
            types = [parser.media_type for parser in getattr(view, "parser_classes", [])]
            sent = str(getattr(request, "content_type", "")).partition(";")[0]
            message = Message.of("request.media_type", type=shorten(sent, 50), types=types)
        case exceptions.NotAcceptable():
            message = Message.of("request.accept")
        case _:
            return str(error.detail)
    return render(message)


def by_field(detail: Any, field: str = "") -> dict[str, list[str]]:
    """Return REST framework's nested error messages flattened, with dotted keys: `sizes.0` for the first size.

    Messages that belong to no field have the key "request".
    """
    if isinstance(detail, Mapping):
        parts = [
            (field if name == api_settings.NON_FIELD_ERRORS_KEY else f"{field}.{name}" if field else str(name), value)
            for name, value in detail.items()
        ]
    elif isinstance(detail, list) and any(isinstance(value, Mapping | list) for value in detail):
        parts = [(f"{field}.{number}" if field else str(number), value) for number, value in enumerate(detail)]
    else:
        messages = detail if isinstance(detail, list) else [detail]
        # A message may repeat what was sent.
        return {field or "request": [str(message)[:MESSAGE_AT_MOST] for message in messages]}
    flat: dict[str, list[str]] = {}
    for name, value in parts:
        flat |= by_field(value, name)
    return flat
