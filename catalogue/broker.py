"""Telling the queue. The queue only hurries what the database already says is to do, so a broker that is down is no
error: whoever saves does not even notice, and the sweep finds the work later.
"""

from __future__ import annotations

import logging
import time
from typing import Any

from celery import Task
from django.core.cache import cache
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

# After a failed attempt the broker is left alone for so many seconds: a frozen one costs a save one time-out, however
# many photos it has.
LEFT_ALONE_S = 5.0

# A task that waits longer than this is queued once more: its message may be lost.
QUEUED_S = 60

# Priorities within a queue: what nobody waits for is taken when there is nothing else.
FIRST, LAST = 0, 9

_down_until = 0.0


def enqueue(task: Task[Any, Any], *args: Any, queue: str, priority: int = FIRST) -> bool:
    """Queue a task if the broker takes it. Returns whether it did."""
    global _down_until  # noqa: PLW0603  (one broker, one process)
    if time.monotonic() < _down_until:
        return False
    try:
        task.apply_async(args=args, queue=queue, priority=priority)
    except OperationalError as error:
        _down_until = time.monotonic() + LEFT_ALONE_S
        logger.warning("the broker does not take %s; the sweep will find the work: %s", task.name, error)
        return False
    return True


def enqueue_unique(task: Task[Any, Any], *args: Any, queue: str) -> bool:
    """Queue a task unless it waits there already. The task calls `begin` first, so that it can be queued anew."""
    try:
        if not cache.add(queued_key(task, *args), 1, QUEUED_S):
            return True
        if enqueue(task, *args, queue=queue):
            return True
        begin(task, *args)
    except RedisError as error:
        logger.warning("the broker does not take %s; the sweep will find the work: %s", task.name, error)
    return False


def begin(task: Task[Any, Any], *args: Any) -> None:
    """Say that a task which was queued once has left the queue."""
    cache.delete(queued_key(task, *args))


def queued_key(task: Task[Any, Any], *args: Any) -> str:
    return ":".join(["queued", task.name, *map(str, args)])
