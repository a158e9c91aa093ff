"""A task that takes long lets others have the worker after ten seconds, and queues itself again if there is more."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from catalogue import jobs, sources
from catalogue import tasks as catalogue_tasks
from catalogue.sources import Counts
from visualsearch import tasks

pytestmark = pytest.mark.usefixtures("valkey")

# The task of each kind of job, and what it is called with.
SLICES: list[Any] = [
    pytest.param(tasks.look_for_duplicates, 1, id="duplicates"),
    pytest.param(tasks.look_at_batch, str(uuid4()), id="batch"),
    pytest.param(catalogue_tasks.run_import, 1, id="import"),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("task", "key"), SLICES)
@pytest.mark.parametrize("more", [False, True])
def test_a_slice_lasts_ten_seconds_and_is_followed_by_another_while_there_is_more(
    monkeypatch: pytest.MonkeyPatch, task: Any, key: int | str, *, more: bool
) -> None:
    lasted: list[float] = []
    queued: list[Any] = []

    def work(kind: object, key: object, *, for_s: float) -> bool:
        lasted.append(for_s)
        return more

    monkeypatch.setattr(jobs, "run_slice", work)
    monkeypatch.setattr(catalogue_tasks, "enqueue_unique", lambda *args, queue: queued.append((*args, queue)))

    task(key)

    assert lasted == [10.0]
    assert queued == ([(task, key, "bulk")] if more else [])


@pytest.mark.django_db
def test_fetching_lasts_ten_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    lasted: list[float] = []

    def fetch_waiting(*, for_s: float) -> Counts:
        lasted.append(for_s)
        return Counts()

    monkeypatch.setattr(sources, "fetch_waiting", fetch_waiting)

    catalogue_tasks.fetch_photos()

    assert lasted == [10.0]
