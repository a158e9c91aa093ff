"""Problem responses (RFC 9457) to requests that do not reach Django."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from http import HTTPStatus

from catalogue.messages import Message

Header = tuple[str, str]


def problem_response(
    status: int, code: str, message_code: str, accepted: str = "", origin: str = ""
) -> tuple[str, list[Header], bytes]:
    """Return status line, headers and body of a refusal, in the language that Accept-Language prefers.

    `code` is that of a problem type, which gives the title; the message says what happened, and what helps. `origin`:
    of a request from a browser on another site, which may read the answer if the settings let it ask.
    """
    # No Django before the fork.
    from catalogue.web.middleware import language_of  # noqa: PLC0415

    language = language_of(accepted)
    body = _problem(int(status), code, message_code, language)
    headers = [
        ("Content-Type", "application/problem+json"),
        ("Content-Length", str(len(body))),
        ("Content-Language", language),
        ("Vary", "Accept-Language"),
        *may_be_read_by(origin),
    ]
    return f"{int(status)} {HTTPStatus(status).phrase}", headers, body


# There are few, and a flood of connections wants one each.
@cache
def _problem(status: int, code: str, message_code: str, language: str) -> bytes:
    from django.utils.translation import override  # noqa: PLC0415  (as above)

    from catalogue.messages.rendering import render  # noqa: PLC0415
    from catalogue.problems import PROBLEM_TYPES  # noqa: PLC0415

    kind = PROBLEM_TYPES[code]
    with override(language):
        title, detail = str(kind.title), render(Message.of(message_code)) if message_code else str(kind.remedy)
    problem = {"type": "about:blank", "title": title, "status": status, "code": code, "detail": detail}
    return json.dumps({**problem, "errors": {}}).encode()


def may_be_read_by(origin: str) -> list[Header]:
    """Return the CORS headers of a response for an origin; none if the settings do not allow it."""
    from django.conf import settings  # noqa: PLC0415  (as above)

    if origin not in settings.CORS_ALLOWED_ORIGINS:
        return []
    return [
        ("Access-Control-Allow-Origin", origin),
        ("Access-Control-Expose-Headers", "retry-after"),
        ("Vary", "Origin"),
    ]


def as_bytes(status: str, headers: Sequence[Header], body: bytes) -> bytes:
    """Return a response after which the connection is closed, as it is sent."""
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers), "Connection: close", "", ""]
    return "\r\n".join(lines).encode("latin-1") + body
