"""Turns every refusal into application/problem+json (RFC 9457). The only place that pairs errors and status."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, NamedTuple

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpResponse, JsonResponse, UnreadablePostError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.settings import api_settings

from catalogue.exceptions import InvalidRequestError, VitrineError
from catalogue.messages import Message
from catalogue.messages.rendering import public_text, render, render_errors


class ProblemType(NamedTuple):
    """What every problem of one code has in common: its status, what happened, and what helps."""

    status: HTTPStatus
    title: Promise
    remedy: Promise


# By code, not by class: the codes are the contract with programs, and the catalogue knows no class of search by photo.
PROBLEM_TYPES = {
    "invalid": ProblemType(
        HTTPStatus.BAD_REQUEST, _("The request is not valid."), _("See what is said of each field.")
    ),
    "unreadable_image": ProblemType(
        HTTPStatus.BAD_REQUEST,
        _("The picture cannot be read."),
        _("It is not a JPEG, PNG, WebP, GIF or AVIF picture, or it is damaged. Choose another one."),
    ),
    "unreachable_url": ProblemType(
        HTTPStatus.BAD_REQUEST,
        _("The address cannot be reached."),
        _("No picture could be fetched from it. Check the address, or send the picture itself."),
    ),
    "invalid_token": ProblemType(
        HTTPStatus.BAD_REQUEST, _("The token is not valid."), _("It is damaged or not from here. Send the photo again.")
    ),
    "not_authenticated": ProblemType(
        HTTPStatus.UNAUTHORIZED, _("The caller is not known."), _("Send a valid token with the request.")
    ),
    "permission_denied": ProblemType(
        HTTPStatus.FORBIDDEN, _("This is not allowed."), _("Ask for the right to do this.")
    ),
    "not_found": ProblemType(
        HTTPStatus.NOT_FOUND, _("There is nothing here."), _("No such address, or nothing published at it.")
    ),
    "method_not_allowed": ProblemType(
        HTTPStatus.METHOD_NOT_ALLOWED,
        _("This method is not allowed here."),
        _("The header Allow names those that are."),
    ),
    "not_acceptable": ProblemType(
        HTTPStatus.NOT_ACCEPTABLE, _("No answer of the kind asked for can be given."), _("Accept application/json.")
    ),
    "token_outdated": ProblemType(
        HTTPStatus.GONE, _("The token is of a model that is no longer used."), _("Send the photo again.")
    ),
    "image_too_large": ProblemType(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        _("The picture is too large."),
        _("It has too many bytes or pixels. Send it smaller; 2,000 pixels on its long side are plenty."),
    ),
    "unsupported_media_type": ProblemType(
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        _("This format is not read here."),
        _("Send a JPEG, PNG, WebP, GIF or AVIF picture, in a body of a documented kind."),
    ),
    "idempotency_mismatch": ProblemType(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        _("The key was used for another request."),
        _("Make up another Idempotency-Key for another request."),
    ),
    "throttled": ProblemType(
        HTTPStatus.TOO_MANY_REQUESTS, _("Too many requests."), _("The header Retry-After says how long to wait.")
    ),
    "server_error": ProblemType(
        HTTPStatus.INTERNAL_SERVER_ERROR, _("Something went wrong."), _("The fault is ours and has been noted.")
    ),
    "storage_full": ProblemType(
        HTTPStatus.INSUFFICIENT_STORAGE,
        _("The shop's disk is full."),
        _("Nothing was saved. It can be once there is room on the disk again."),
    ),
    "search_unavailable": ProblemType(
        HTTPStatus.SERVICE_UNAVAILABLE,
        _("Search by photo is not available right now."),
        _("Try again in a moment. Text search and the categories work."),
    ),
}

# The framework's codes that have another name here.
CODE_OF = {"parse_error": "invalid", "authentication_failed": "not_authenticated"}

# What may heal heals about as fast: a model is opened, or a snapshot set aside, within seconds.
RETRY_AFTER_S = 5
MINUTE_S, HOUR_S = 60, 3_600


def problem(error: Exception, context: Mapping[str, Any]) -> HttpResponse | None:
    """Return the answer to an error raised in a view of the API; None for a bug, which stays a 500."""
    match error:
        case VitrineError() if error.code in PROBLEM_TYPES:
            return answer(error.code, detail_of(error), errors=errors_of(error))
        case Http404():
            return answer("not_found")
        case PermissionDenied():
            return answer("permission_denied")
        case RequestDataTooBig():
            message = getattr(error, "message", Message.of("request.too_large"))
            return answer("image_too_large", render(message))
        case SuspiciousOperation() | UnreadablePostError():
            return answer("invalid", render(Message.of("request.cut_off")))
        case exceptions.Throttled():
            wait_s = getattr(error, "wait", None)
            message = getattr(error, "message", None) or throttled(wait_s)
            return answer("throttled", render(message), headers=retry_after(wait_s))
        case exceptions.ValidationError():
            return answer("invalid", render(Message.of("request.fields")), errors=by_field(error.detail))
        case exceptions.APIException():
            challenge = getattr(error, "auth_header", None)
            code = error.default_code
            return answer(
                CODE_OF.get(code, code), str(error.detail), headers={"WWW-Authenticate": challenge} if challenge else {}
            )
    return None


def answer(
    code: str,
    detail: str | Promise = "",
    *,
    errors: Mapping[str, Sequence[str]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Return a problem. JSON whatever the client accepts: an error it can read beats none."""
    kind = PROBLEM_TYPES[code]
    if kind.status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers = {**retry_after(RETRY_AFTER_S), **(headers or {})}
    body = {
        "type": "about:blank",
        "title": str(kind.title),
        "status": int(kind.status),
        "code": code,
        "detail": str(detail) or str(kind.remedy),
        "errors": {field: list(messages) for field, messages in (errors or {}).items()},
    }
    return JsonResponse(body, status=kind.status, content_type="application/problem+json", headers=dict(headers or {}))


def detail_of(error: VitrineError) -> str:
    """Return what happened and what helps, in the reader's language; of the shop's own machines, nothing."""
    if errors := errors_of(error):
        return "; ".join(f"{field}: {' '.join(messages)}" for field, messages in errors.items())
    return public_text(error.message)


def errors_of(error: VitrineError) -> dict[str, list[str]]:
    """Return the messages of an invalid request's fields, in the reader's language."""
    return render_errors(error.errors) if isinstance(error, InvalidRequestError) else {}


def throttled(seconds: float | None) -> Message:
    """Return when a caller may ask again, in the unit that people would name."""
    whole = math.ceil(seconds or 0)
    if not whole:
        return Message.of("throttle.soon")
    if whole < 2 * MINUTE_S:
        return Message.of("throttle.seconds", seconds=whole)
    if whole < 2 * HOUR_S:
        return Message.of("throttle.minutes", minutes=math.ceil(whole / MINUTE_S))
    return Message.of("throttle.hours", hours=math.ceil(whole / HOUR_S))


def retry_after(seconds: float | None) -> dict[str, str]:
    return {"Retry-After": str(max(1, math.ceil(seconds)))} if seconds is not None else {}


def by_field(detail: Any, field: str = "") -> dict[str, list[str]]:
    """Return REST framework's nested messages as one level: `sizes.0` for the first of the sizes.

    Messages that belong to no field are under "request".
    """
    if isinstance(detail, Mapping):
        parts = [
            (field if name == api_settings.NON_FIELD_ERRORS_KEY else f"{field}.{name}" if field else str(name), value)
            for name, value in detail.items()
        ]
    elif isinstance(detail, list) and any(isinstance(value, Mapping | list) for value in detail):
        parts = [(f"{field}.{number}" if field else str(number), value) for number, value in enumerate(detail)]
    else:
        return {field or "request": [str(message) for message in (detail if isinstance(detail, list) else [detail])]}
    flat: dict[str, list[str]] = {}
    for name, value in parts:
        flat |= by_field(value, name)
    return flat
