"""What can go wrong, as one tree.

VitrineError
├── Problem              the shop refused, and says why
└── ConnectionFailed     the shop could not be reached, or the connection broke off
    └── TimedOut           it did not answer in time
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import httpx


class VitrineError(Exception):
    """Root of all errors of this client."""


class Problem(VitrineError):  # noqa: N818  (the standard's word)
    """A refusal (RFC 9457). Branch on `code`; `errors` maps fields to messages; `retry_after` is in seconds."""

    def __init__(self, response: httpx.Response) -> None:
        try:
            body: Mapping[str, Any] = response.json()
        except ValueError:
            body = {}
        self.status = response.status_code
        self.code: str = body.get("code", "server_error")
        self.detail: str = body.get("detail", response.reason_phrase)
        self.errors: Mapping[str, Sequence[str]] = body.get("errors", {})
        self.retry_after = retry_after(response)
        super().__init__(f"{self.status} {self.code}: {self.detail}")


class ConnectionFailed(VitrineError):  # noqa: N818  (beside Problem)
    """The shop could not be reached, or the connection broke off. Whether it did what was asked is not known."""


class TimedOut(ConnectionFailed):
    """The shop did not answer in time."""


def retry_after(response: httpx.Response) -> int | None:
    """Return the seconds that a response asks to wait; None where it does not say."""
    said = response.headers.get("Retry-After", "")
    return int(said[:9]) if said.isascii() and said.isdigit() else None
