"""A request knows until when its client waits, and whether it has left."""

from __future__ import annotations

import socket
import time
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from catalogue.imaging.patience import Patience, current
from shop.http.patience import ANSWERED_WITHIN_S, PatienceMiddleware, has_left


class Channel:
    """As waitress has one of each connection."""

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection

    def check_client_disconnected(self) -> bool:
        """Tell what was noticed, which is nothing while a request is answered."""
        return False


def test_a_request_has_so_much_time_and_ends_with_its_answer() -> None:
    patience: list[Patience | None] = []

    def answer(request: HttpRequest) -> HttpResponse:
        patience.append(current())
        return HttpResponse()

    PatienceMiddleware(answer)(RequestFactory().get("/"))

    assert patience[0] is not None
    assert 0 < patience[0].until - time.monotonic() <= ANSWERED_WITHIN_S
    assert not patience[0].has_left()
    assert current() is None


def test_a_client_that_closes_its_connection_has_left() -> None:
    for environ_of in (
        lambda ours: {"gunicorn.socket": ours},
        lambda ours: {"waitress.client_disconnected": Channel(ours).check_client_disconnected},
    ):
        ours, theirs = socket.socketpair()
        with ours, theirs:
            environ: dict[str, Any] = environ_of(ours)
            left = has_left(environ)
            theirs.sendall(b"GET / HTTP/1.1\r\n")

            before = left()
            theirs.close()

            assert (before, left()) == (False, True)
            ours.close()
            assert left()


def test_a_server_that_does_not_say_has_clients_that_stay() -> None:
    assert not has_left({})()
