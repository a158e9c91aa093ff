"""How a command that starts servers ends."""

from __future__ import annotations

import signal
from types import FrameType


def interrupt_on_sigterm() -> None:
    """Have SIGTERM, and SIGINT even in the background, raise KeyboardInterrupt, so that what was started is stopped."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupt)


def interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
