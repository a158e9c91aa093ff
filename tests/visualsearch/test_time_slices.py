"""A task that takes long lets others have the worker after ten seconds, and queues itself again if there is more."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from catalogue import imports, sources
from catalogue import tasks as catalogue_tasks
from catalogue.sources import Counts
from visualsearch import tasks
from visualsearch.services import batches, duplicates

# The task, what it is called with, what it calls, and the module by whose name it queues itself.
SLICES: list[Any] = [
    pytest.param(tasks, tasks.look_for_duplicates, (1,), duplicates, "look_on", id="duplicates"),
    pytest.param(tasks, tasks.look_at_batch, (str(uuid4()),), batches, "look_on", id="batch"),
    pytest.param(catalogue_tasks, catalogue_tasks.run_import, (1,), imports, "read_on", id="import"),
]


@pytest.mark.usefixtures("valkey")
@pytest.mark.parametrize(("module", "task", "arguments", "service", "verb"), SLICES)
@pytest.mark.parametrize("more", [False, True])
def test_a_slice_lasts_ten_seconds_and_is_followed_by_another_while_there_is_more(
    monkeypatch: pytest.MonkeyPatch, module: Any, task: Any, arguments: Any, service: Any, verb: str, *, more: bool
) -> None:
    lasted: list[float] = []
    queued: list[Any] = []

    def work(key: Any, *, for_s: float) -> bool:
        lasted.append(for_s)
        return more

    monkeypatch.setattr(service, verb, work)
    monkeypatch.setattr(module, "hurry_once", lambda *args, queue: queued.append((*args, queue)))

    task(*arguments)

    assert lasted == [10.0]
    assert queued == ([(task, *arguments, "bulk")] if more else [])


@pytest.mark.django_db
@pytest.mark.usefixtures("valkey")
def test_fetching_lasts_ten_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    lasted: list[float] = []

    def fetch_waiting(*, for_s: float) -> Counts:
        lasted.append(for_s)
        return Counts()

    monkeypatch.setattr(sources, "fetch_waiting", fetch_waiting)

    catalogue_tasks.fetch_photos()

    assert lasted == [10.0]


@pytest.mark.usefixtures("valkey")
def test_a_batch_at_which_another_worker_is_is_left_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "look_on", lambda *args, **kwargs: pytest.fail("it was looked at twice"))
    batch_id = str(uuid4())

    with tasks.only_one(f"batch:{batch_id}", expiry_s=tasks.BATCH_LOCK_S):
        tasks.look_at_batch(batch_id)

    # The lock outlasts a slice, and what eight photos at slow servers take after it.
    assert tasks.BATCH_LOCK_S >= 6 * tasks.BATCH_S
