"""Every refusal has one shape, and one place pairs it with its status."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpResponse
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions

from catalogue.api.exception_handler import handle
from catalogue.exceptions import (
    ImageTooLargeError,
    InvalidRequestError,
    UnreachableUrlError,
    UnreadableImageError,
    UnsupportedImageError,
    VitrineError,
)
from catalogue.problems import PROBLEM_TYPES, ProblemType, register_problems

pytestmark = pytest.mark.switch


def answer_to(error: Exception) -> HttpResponse:
    response = handle(error, {})
    assert response is not None
    return response


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (InvalidRequestError({"colour": ["No such colour."]}), 400, "invalid"),
        (UnreadableImageError("image.damaged"), 400, "unreadable_image"),
        (UnreachableUrlError("fetch.refused"), 400, "unreachable_url"),
        (ImageTooLargeError("image.over_bytes", limit=20), 413, "image_too_large"),
        (UnsupportedImageError("image.heic_unsupported"), 415, "unsupported_media_type"),
        (exceptions.ParseError(), 400, "invalid"),
        (exceptions.ValidationError({"image": ["Missing."]}), 400, "invalid"),
        (exceptions.NotAuthenticated(), 401, "not_authenticated"),
        (exceptions.AuthenticationFailed(), 401, "not_authenticated"),
        (exceptions.PermissionDenied(), 403, "permission_denied"),
        (exceptions.NotFound(), 404, "not_found"),
        (exceptions.MethodNotAllowed("PUT"), 405, "method_not_allowed"),
        (exceptions.NotAcceptable(), 406, "not_acceptable"),
        (exceptions.UnsupportedMediaType("text/x"), 415, "unsupported_media_type"),
        (exceptions.Throttled(wait=3.2), 429, "throttled"),
        (Http404(), 404, "not_found"),
        (PermissionDenied(), 403, "permission_denied"),
        (RequestDataTooBig(), 413, "image_too_large"),
        (SuspiciousOperation(), 400, "invalid"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_a_refusal_is_a_problem_with_its_status_and_code(error: Exception, status: int, code: str) -> None:
    response = answer_to(error)

    body = json.loads(response.content)
    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/problem+json"
    assert list(body) == ["type", "title", "status", "code", "detail", "errors"]
    assert (body["type"], body["status"], body["code"]) == ("about:blank", status, code)
    assert body["title"] and body["detail"]


def test_an_error_of_ours_keeps_its_own_words() -> None:
    body = json.loads(answer_to(ImageTooLargeError("image.over_pixels", limit=50)).content)

    assert body["title"] == "This image is too large."
    assert body["detail"].startswith("The image has more than 50 megapixels.")
    assert body["errors"] == {}


def test_each_class_of_the_catalogue_has_a_status() -> None:
    for error in (
        UnreadableImageError, ImageTooLargeError, UnreachableUrlError, InvalidRequestError, UnsupportedImageError,
    ):  # fmt: skip
        assert error.code in PROBLEM_TYPES


def test_messages_are_listed_by_field() -> None:
    detail: Any = {
        "name": ["Missing."],
        "price": {"amount": ["Not a number."]},
        "sizes": [{}, {"label": ["Too long."]}],
    }

    body = json.loads(answer_to(exceptions.ValidationError(detail)).content)

    assert body["errors"] == {
        "name": ["Missing."],
        "price.amount": ["Not a number."],
        "sizes.1.label": ["Too long."],
    }


def test_messages_of_no_field_are_of_the_request() -> None:
    body = json.loads(answer_to(exceptions.ValidationError("Nonsense.")).content)

    assert body["errors"] == {"request": ["Nonsense."]}


def test_the_errors_of_an_invalid_request_are_listed() -> None:
    body = json.loads(answer_to(InvalidRequestError({"colour": ["No such colour."]})).content)

    assert body["errors"] == {"colour": ["No such colour."]}


def test_a_throttled_client_is_told_how_long_to_wait() -> None:
    assert answer_to(exceptions.Throttled(wait=3.2)).headers["Retry-After"] == "4"


def test_what_may_heal_says_when_to_try_again(monkeypatch: pytest.MonkeyPatch) -> None:
    class AwayError(VitrineError):
        code = "away"

    monkeypatch.setattr("catalogue.problems.PROBLEM_TYPES", {})
    register_problems({"away": ProblemType(HTTPStatus.SERVICE_UNAVAILABLE, _("Away."), _("Come back."))})

    response = answer_to(AwayError("throttle.soon"))

    assert response.status_code == 503
    assert response.headers["Retry-After"] == "5"


def test_a_bug_stays_a_bug() -> None:
    assert handle(ZeroDivisionError(), {}) is None


def test_an_error_of_ours_with_a_code_that_is_no_answer_is_a_bug() -> None:
    class InnerError(VitrineError):
        code = "snapshot_damaged"

    assert handle(InnerError("throttle.soon"), {}) is None
