"""What a request counts in the cache is sent in one trip, after its response."""

from __future__ import annotations

from typing import Any, cast

import pytest
from django.core.signals import request_finished, request_started

from catalogue.cache_trip import send_later, server
from tests.processes.valkey import Valkey

# Signals of requests close the database's connections.
pytestmark = pytest.mark.django_db


def counted(name: str) -> int:
    return int(cast(Any, server().get(name)) or 0)


@pytest.mark.usefixtures("valkey")
def test_all_of_a_request_is_sent_at_once_after_its_response_and_each_is_told_its_answers() -> None:
    told: list[Any] = []
    request_started.send(None, environ={})

    send_later(lambda pipeline: [pipeline.incrby("first", 2), pipeline.incrby("first", 3)], told.append)
    send_later(lambda pipeline: pipeline.incr("second"), told.append)
    before = counted("first")
    request_finished.send(None)

    assert (before, counted("first"), counted("second")) == (0, 5, 1)
    assert told == [[2, 5], [1]]


@pytest.mark.usefixtures("valkey")
def test_outside_of_requests_it_is_sent_at_once() -> None:
    send_later(lambda pipeline: pipeline.incr("first"))

    assert counted("first") == 1


def test_a_cache_that_is_down_loses_it(valkey: Valkey) -> None:
    valkey.stop()
    send_later(lambda pipeline: pipeline.incr("first"))
    valkey.start()
    send_later(lambda pipeline: pipeline.incr("second"))

    assert (counted("first"), counted("second")) == (0, 1)
