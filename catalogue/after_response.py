"""What a request need not wait for, done once its answer is on its way, by the same thread.

For cached figures that have expired: the first request to ask for them should not wait longer than others.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Hashable
from typing import Any

from django.core.signals import request_finished, request_started
from django.db import connections

logger = logging.getLogger(__name__)


class _Waiting(threading.local):
    """What a thread's request has put off, by key; None outside of requests."""

    works: dict[Hashable, Callable[[], object]] | None = None


_waiting = _Waiting()


def after_response(key: Hashable, work: Callable[[], object]) -> bool:
    """Do `work` after the response of this thread's request, once for each key. Returns False outside of requests.

    What it raises is logged.
    """
    if _waiting.works is None:
        return False
    _waiting.works.setdefault(key, work)
    return True


def _begin(**_: Any) -> None:
    _waiting.works = {}


def _finish(**_: Any) -> None:
    works, _waiting.works = _waiting.works or {}, None
    for key, work in works.items():
        try:
            work()
        # Of any kind: the response is sent, so nobody else can report it, and the other works are due.
        except Exception:
            logger.exception("%s could not be done after a response", key)
    if works:
        # Django's own receiver has run already: a connection of a pool would stay with this idle thread.
        for connection in connections.all(initialized_only=True):
            # As in tests, whose transaction outlives a request.
            if not connection.in_atomic_block:
                connection.close_if_unusable_or_obsolete()


request_started.connect(_begin)
request_finished.connect(_finish)
