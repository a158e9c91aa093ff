"""How long the caller of a request waits, and what the request has cost: for whatever takes long to ask.

The server begins a Patience for each request. Workers and commands have none: what they do waits as long as it must.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from catalogue.exceptions import BusyError


@dataclass(slots=True)
class Patience:
    """Until when somebody waits (time.monotonic()), and whether they have left.

    `spent_s` counts the processor time of other processes that work for the request.
    """

    until: float
    has_left: Callable[[], bool] = lambda: False
    spent_s: float = 0.0

    def check(self) -> None:
        """Raise BusyError if nobody waits for the answer any more."""
        if time.monotonic() > self.until or self.has_left():
            raise BusyError("request.out_of_time")


_current: ContextVar[Patience | None] = ContextVar("patience", default=None)


def current() -> Patience | None:
    """Return the patience of the request that this thread answers, None outside of requests."""
    return _current.get()


def check_patience() -> None:
    """Raise BusyError if this thread answers a request whose client waits no longer."""
    if (patience := _current.get()) is not None:
        patience.check()


@contextmanager
def waiting(patience: Patience) -> Iterator[Patience]:
    """Have what is done within know that somebody waits for it."""
    token = _current.set(patience)
    try:
        yield patience
    finally:
        _current.reset(token)
