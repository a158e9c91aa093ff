"""How long a broker that does not answer is left alone, and how long a task is taken for queued."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
from celery import Task
from django.core.cache import cache
from kombu.exceptions import OperationalError

from catalogue import broker
from tests.processes.valkey import Valkey


class Made:
    """A task that the broker takes, or does not."""

    name = "made"

    def __init__(self, *, taken: bool) -> None:
        self.taken = taken
        self.sent: list[Any] = []

    def apply_async(self, **options: Any) -> None:
        self.sent.append(options)
        if not self.taken:
            raise OperationalError("made up")


def task_of(made: Made) -> Task[Any, Any]:
    return cast(Task[Any, Any], made)


def test_a_broker_that_does_not_answer_is_left_alone_for_five_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SimpleNamespace(now=1_000.0)
    monkeypatch.setattr(broker, "time", SimpleNamespace(monotonic=lambda: clock.now))
    monkeypatch.setattr(broker, "_down_until", 0.0)
    made, asked = Made(taken=False), []

    for clock.now in (1_000.0, 1_004.9, 1_005.0):
        assert broker.enqueue(task_of(made), queue="bulk") is False
        asked.append(len(made.sent))

    assert broker.LEFT_ALONE_S == 5.0
    assert asked == [1, 1, 2]
    made.taken, clock.now = True, 1_010.0
    assert broker.enqueue(task_of(made), 7, queue="bulk", priority=broker.LAST) is True
    assert made.sent[-1] == {"args": (7,), "queue": "bulk", "priority": 9}


def test_a_task_that_waits_for_more_than_a_minute_is_queued_once_more(
    valkey: Valkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broker, "_down_until", 0.0)
    made = Made(taken=True)

    for _ in range(2):
        assert broker.enqueue_unique(task_of(made), 7, queue="bulk") is True

    assert len(made.sent) == 1
    client = cast(Any, cache)._cache.get_client(None)
    assert 50 < client.ttl(cache.make_key(broker.queued_key(task_of(made), 7))) <= broker.QUEUED_S == 60
    # Its key is gone with the minute, or as soon as it begins.
    broker.begin(task_of(made), 7)
    assert broker.enqueue_unique(task_of(made), 7, queue="bulk") is True
    assert len(made.sent) == 2
