"""Telling the queue. The queue only hurries what the database already says is to do, so a broker that is down is no
error: whoever saves does not even notice, and the sweep finds the work later.
"""

from __future__ import annotations

import logging
import time
from typing import Any

from celery import Task
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)

# After a failed attempt the broker is left alone for so many seconds: a frozen one costs a save one time-out, however
# many photos it has.
LEFT_ALONE_S = 5.0

_down_until = 0.0


def hurry(task: Task[Any, Any], *args: Any, queue: str) -> bool:
    """Queue a task if the broker takes it. Returns whether it did."""
    global _down_until  # noqa: PLW0603  (one broker, one process)
    if time.monotonic() < _down_until:
        return False
    try:
        task.apply_async(args=args, queue=queue)
    except OperationalError as error:
        _down_until = time.monotonic() + LEFT_ALONE_S
        logger.warning("the broker does not take %s; the sweep will find the work: %s", task.name, error)
        return False
    return True
