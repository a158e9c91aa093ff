"""Deferred work runs once the response is sent, and is refused outside of requests."""

from __future__ import annotations

import logging
from functools import partial

import pytest
from django.core.signals import request_finished, request_started

from catalogue.after_response import after_response


def test_what_waits_is_done_once_after_the_response(caplog: pytest.LogCaptureFixture) -> None:
    done: list[str] = []
    request_started.send(None, environ={})

    noted = [after_response(name, partial(done.append, name)) for name in ("first", "first", "second")]
    noted += [after_response("broken", partial(divmod, 1, 0)), after_response("last", partial(done.append, "last"))]
    before = list(done)
    with caplog.at_level(logging.ERROR):
        request_finished.send(None)
        request_finished.send(None)

    assert (noted, before, done) == ([True] * 5, [], ["first", "second", "last"])
    assert [record.getMessage() for record in caplog.records] == ["broken could not be done after a response"]


def test_what_a_request_left_that_never_ended_is_not_done_by_the_next() -> None:
    done: list[str] = []
    request_started.send(None, environ={})
    after_response("key", partial(done.append, "left"))

    request_started.send(None, environ={})
    request_finished.send(None)

    assert done == []


def test_outside_of_requests_nothing_waits() -> None:
    assert not after_response("key", dict)
