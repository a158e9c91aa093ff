"""How long a request's client waits, and whether it has left: what costs much is given up then (catalogue.imaging)."""

from __future__ import annotations

import select
import time
from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse

from catalogue.imaging.patience import Patience, waiting

# People leave before that, and browsers' own limits are longer. An API client that waits longer is told to come back.
ANSWERED_WITHIN_S = 20.0


class PatienceMiddleware:
    """Has what answers a request know until when somebody waits for it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with waiting(Patience(time.monotonic() + ANSWERED_WITHIN_S, has_left(request.META))):
            return self.get_response(request)


def has_left(environ: Mapping[str, Any]) -> Callable[[], bool]:
    """Return what tells whether a request's client has closed its connection; False where the server does not say.

    A client that closes its sending side alone counts as gone, as it does for nginx.
    """
    # gunicorn's name for the connection; waitress has it in the channel whose method it hands over, and that method
    # itself knows only what the server has read, which is nothing while a request is answered.
    channel = getattr(environ.get("waitress.client_disconnected"), "__self__", None)
    connection = environ.get("gunicorn.socket") or getattr(channel, "socket", None)
    if connection is None:
        return lambda: False

    def left() -> bool:
        number = connection.fileno()
        if number < 0:
            return True
        poller = select.poll()
        poller.register(number, select.POLLRDHUP)
        # Errors and hang-ups are reported unasked.
        return bool(poller.poll(0))

    return left
