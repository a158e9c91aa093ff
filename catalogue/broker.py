"""Queueing of Celery tasks, with a circuit breaker and deduplication.

Pending work is derived from the database; a message only makes it start sooner. So a broker that is down is no error:
saving succeeds, and reconciliation finds the work later.
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

# Circuit breaker: after a failure no message is sent for this many seconds, so that a hanging broker costs a save one
# time-out, however many photos it has.
LEFT_ALONE_S = 5.0

# Seconds after which a queued task may be queued again: its message may be lost.
QUEUED_S = 60

# Priorities within a queue; tasks of priority LAST run when no others are queued.
FIRST, LAST = 0, 9

# The cache key of the time at which a worker of the queue `bulk` last reconciled.
RECONCILED_BULK = "reconciled:bulk"

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
        logger.warning("the broker does not take %s; reconciliation will find the work: %s", task.name, error)
        return False
    return True


def enqueue_unique(task: Task[Any, Any], *args: Any, queue: str) -> bool:
    """Queue a task unless it is queued already. The task must call `begin` first, so that it can be queued again."""
    try:
        if not cache.add(queued_key(task, *args), 1, QUEUED_S):
            return True
        if enqueue(task, *args, queue=queue):
            return True
        begin(task, *args)
    except RedisError as error:
        logger.warning("the broker does not take %s; reconciliation will find the work: %s", task.name, error)
    return False


def begin(task: Task[Any, Any], *args: Any) -> None:
    """Record that a task queued by `enqueue_unique` has left the queue."""
    cache.delete(queued_key(task, *args))


def queued_key(task: Task[Any, Any], *args: Any) -> str:
    return ":".join(["queued", task.name, *map(str, args)])
