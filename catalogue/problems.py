"""Problems (RFC 9457) as pages, admin and API tell them: by code, a status, what happened, and what helps.

The only place that pairs errors and status, with those of other apps (visualsearch/problems.py). By code, not by class:
the codes are the contract with programs.
"""

from __future__ import annotations

import errno
import math
import sqlite3
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import NamedTuple

from django.conf import settings
from django.core.exceptions import (
    DisallowedHost,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import Http404, HttpResponse, JsonResponse, UnreadablePostError
from django.utils.cache import patch_vary_headers
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from catalogue.exceptions import InvalidRequestError, StoreUnreachableError, VitrineError
from catalogue.messages import Message
from catalogue.messages.rendering import public_text, render, render_errors


class ProblemType(NamedTuple):
    """What every problem of one code has in common: its status, what happened, and what helps."""

    status: HTTPStatus
    title: Promise
    remedy: Promise


# By code, in the order of their status; apps register their own.
PROBLEM_TYPES: dict[str, ProblemType] = {}


def register_problems(types: Mapping[str, ProblemType]) -> None:
    """Make problems with these codes be described as their types say."""
    ordered = sorted((PROBLEM_TYPES | dict(types)).items(), key=lambda item: item[1].status)
    PROBLEM_TYPES.clear()
    PROBLEM_TYPES.update(ordered)


register_problems(
    {
        "invalid": ProblemType(HTTPStatus.BAD_REQUEST, _("Invalid request."), _("See `errors`.")),
        "unreadable_image": ProblemType(
            HTTPStatus.BAD_REQUEST,
            _("We couldn’t open this image."),
            _(
                "It is damaged, or not a JPEG, PNG, WebP, GIF, AVIF or HEIC image. Choose another one, or save it "
                "again as JPEG."
            ),
        ),
        "unreachable_url": ProblemType(
            HTTPStatus.BAD_REQUEST,
            _("We couldn’t get an image from this address."),
            _("Check the address, or send the image itself."),
        ),
        "not_authenticated": ProblemType(
            HTTPStatus.UNAUTHORIZED,
            _("Authentication required."),
            _("Send a valid key or token in the Authorization header."),
        ),
        "permission_denied": ProblemType(
            HTTPStatus.FORBIDDEN,
            _("You can’t do this."),
            _("Your key or token doesn’t allow this. Ask the shop for access."),
        ),
        "not_found": ProblemType(HTTPStatus.NOT_FOUND, _("Not found."), _("Check the path and the ID.")),
        "method_not_allowed": ProblemType(
            HTTPStatus.METHOD_NOT_ALLOWED,
            _("This method isn’t allowed here."),
            _("See the Allow header."),
        ),
        "not_acceptable": ProblemType(
            HTTPStatus.NOT_ACCEPTABLE, _("This response format isn’t available."), _("Send Accept: application/json.")
        ),
        "image_too_large": ProblemType(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            _("This image is too large."),
            _("Send a smaller one: 2,000 pixels on the long side is plenty."),
        ),
        "unsupported_media_type": ProblemType(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            _("This file type isn’t supported."),
            _("Send a JPEG, PNG, WebP, GIF, AVIF or HEIC image, in a body of a documented type."),
        ),
        "idempotency_mismatch": ProblemType(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            _("This key was already used for a different request."),
            _("Use a new Idempotency-Key for each new request."),
        ),
        "throttled": ProblemType(
            HTTPStatus.TOO_MANY_REQUESTS, _("Too many requests."), _("Wait as long as the Retry-After header says.")
        ),
        "server_error": ProblemType(
            HTTPStatus.INTERNAL_SERVER_ERROR, _("Something went wrong."), _("Internal error; it has been logged.")
        ),
        "busy": ProblemType(
            HTTPStatus.SERVICE_UNAVAILABLE,
            _("The shop is busy."),
            _("Wait as long as the Retry-After header says. Smaller images don’t have to wait."),
        ),
        "unavailable": ProblemType(
            HTTPStatus.SERVICE_UNAVAILABLE,
            _("The shop isn’t available right now."),
            _("Its disk, database or file store isn’t responding. Try again in a moment."),
        ),
        "storage_full": ProblemType(
            HTTPStatus.INSUFFICIENT_STORAGE,
            _("The shop’s disk is full."),
            _("Nothing was saved. Try again once there is free space."),
        ),
        "storage_unavailable": ProblemType(
            HTTPStatus.INSUFFICIENT_STORAGE,
            _("The shop can’t write to its disk."),
            _("Nothing was saved. The disk is read-only or damaged, or too many files are open. Run manage.py doctor."),
        ),
    }
)

# What may heal heals about as fast: a model is opened, or a snapshot set aside, within seconds.
RETRY_AFTER_S = 5
MINUTE_S, HOUR_S = 60, 3_600

# By the problem's code, what files and databases say of a disk that takes nothing. EFBIG is a user's limit.
STORAGE_ERRNOS = {
    "storage_full": (errno.ENOSPC, errno.EDQUOT, errno.EFBIG),
    "storage_unavailable": (errno.EROFS, errno.EMFILE, errno.ENFILE, errno.EIO),
}
# SQLite's, and PostgreSQL's.
DATABASES_SAY = {
    "storage_full": ("disk is full", "No space left on device"),
    "storage_unavailable": (
        "readonly database",
        "unable to open database file",
        "disk I/O error",
        "read-only transaction",
        "Read-only file system",
        "Too many open files",
    ),
}


def problem_of(error: Exception) -> HttpResponse | None:
    """Return the answer to an error of the shop's own or of Django; None for a bug, which stays a 500."""
    match error:
        case VitrineError() if error.code in PROBLEM_TYPES:
            return problem(error.code, detail_of(error), errors=errors_of(error))
        case Http404():
            return problem("not_found", render(Message.of("request.no_address")))
        case PermissionDenied():
            return problem("permission_denied")
        case RequestDataTooBig():
            return problem("image_too_large", render(too_large(error)))
        case DisallowedHost():
            return problem("invalid", render(Message.of("request.host")))
        case TooManyFieldsSent() | TooManyFilesSent():
            return problem("invalid", render(Message.of("request.too_many_fields")))
        case SuspiciousOperation() | UnreadablePostError():
            return problem("invalid", render(Message.of("request.cut_off")))
    return None


def problem(
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
    headers = {"Content-Language": get_language() or settings.LANGUAGE_CODE, **(headers or {})}
    response = JsonResponse(body, status=kind.status, content_type="application/problem+json", headers=headers)
    patch_vary_headers(response, ["Accept-Language"])
    return response


def detail_of(error: VitrineError) -> str:
    """Return what happened and what helps, in the reader's language; of the shop's own machines, nothing."""
    if errors := errors_of(error):
        return "; ".join(f"{field}: {' '.join(messages)}" for field, messages in errors.items())
    return public_text(error.message)


def errors_of(error: VitrineError) -> dict[str, list[str]]:
    """Return the messages of an invalid request's fields, in the reader's language."""
    return render_errors(error.errors) if isinstance(error, InvalidRequestError) else {}


def too_large(error: RequestDataTooBig) -> Message:
    """Return the problem of a request that is too large: with the sizes, if our own limit refused it."""
    message = getattr(error, "message", None)
    return message if isinstance(message, Message) else Message.of("request.too_large")


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


def storage_problem(error: BaseException | None) -> str | None:
    """Return the code of the problem, if the error is one of a disk or of a store of files; None otherwise."""
    if isinstance(error, StoreUnreachableError):
        return "unavailable"
    if isinstance(error, OSError):
        return next((code for code, numbers in STORAGE_ERRNOS.items() if error.errno in numbers), None)
    if isinstance(error, DatabaseError):
        said = str(error)
        return next((code for code, texts in DATABASES_SAY.items() if any(text in said for text in texts)), None)
    return None


def is_passing(error: BaseException | None) -> bool:
    """Return whether a database was locked by others, or was restarted: the same may succeed in a moment."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    cause = error.__cause__
    # SQLite calls every error of a statement operational.
    name = getattr(cause, "sqlite_errorname", "")
    return name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")) if isinstance(cause, sqlite3.Error) else True
