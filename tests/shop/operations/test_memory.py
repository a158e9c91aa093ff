from __future__ import annotations

import os
import signal

import pytest
from celery.worker import state

from shop.operations import memory


@pytest.fixture
def killed(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """What this process would have been sent."""
    sent: list[tuple[int, int]] = []
    monkeypatch.setattr("os.kill", lambda pid, number: sent.append((pid, number)))
    return sent


@pytest.mark.parametrize(("error", "ends"), [(MemoryError, True), (ValueError, False)])
def test_a_web_process_without_memory_ends_in_good_order(
    error: type[Exception], ends: bool, killed: list[tuple[int, int]]
) -> None:
    try:
        raise error
    except error:
        memory.end_web_process(sender=None)

    assert killed == ([(os.getpid(), signal.SIGTERM)] if ends else [])


@pytest.mark.parametrize(("error", "stops"), [(MemoryError(), True), (ValueError(), False)])
def test_a_worker_without_memory_ends_after_its_task(
    error: Exception, stops: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state, "should_stop", None)

    memory.end_worker(sender=None, exception=error)

    assert bool(state.should_stop) is stops
