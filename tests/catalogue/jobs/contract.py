"""What holds of every kind of job, whatever becomes of its workers. A kind is tested by a `Case` of three units."""

from __future__ import annotations

import os
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from catalogue import jobs, tasks
from catalogue.models.jobs import LeasedQuerySet

UNITS = 3
# What a dead worker leaves in its row.
LEFT = ("pk", "lease_token", "leased_until", "attempts", "due")


class KilledError(BaseException):
    """The worker is killed here: no clean-up of its own runs (see `Case.killed`)."""


class Case(ABC):
    """A job of three units, of one kind; each slice does as many units as it can."""

    kind: jobs.Kind
    task: Any
    # Whether each unit is a row of its own: whoever is kept from one does the others.
    independent = False

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capture: DjangoCaptureOnCommitCallbacks) -> None:
        self.monkeypatch, self.capture = monkeypatch, capture

    @abstractmethod
    def begin(self) -> None:
        """Have the job wait for a worker."""

    @abstractmethod
    def rows(self) -> LeasedQuerySet[Any]:
        """Return the job's row, or rows."""

    @abstractmethod
    def slice_(self) -> bool:
        """Be a worker for a slice. Returns whether there is more."""

    @abstractmethod
    def in_unit(self, happens: Callable[[], object]) -> None:
        """Have something happen in each unit, before anything of it is written."""

    @abstractmethod
    def before_advance(self, happens: Callable[[], object]) -> None:
        """Have something happen in each unit, when all of it is written and the row says nothing of it."""

    @abstractmethod
    def written(self) -> int:
        """Return how many units' results are there. Fails where one is there twice."""

    def noted(self) -> int:
        """Return how many units the row, or rows, say are done."""
        return int(self.rows().get().done)

    @abstractmethod
    def cancel(self) -> None: ...

    @abstractmethod
    def state(self) -> str:
        """Return "waiting", "done" or "failed: " and the reason."""

    def work(self) -> bool:
        with self.capture(execute=True):
            return self.slice_()

    def work_to_the_end(self) -> None:
        while self.work():
            pass

    def at_unit(self, number: int, happens: Callable[[], object], *, written: bool = False) -> None:
        """Have something happen once, in the unit of this number."""
        begun = count(1)

        def hook() -> None:
            if next(begun) == number:
                happens()

        (self.before_advance if written else self.in_unit)(hook)

    def killed(self, *, unit: int, written: bool = False) -> None:
        """Be a worker that is killed in a unit: the transaction is taken back, the lease stays."""
        left: list[dict[str, Any]] = []

        def die() -> None:
            left.extend(self.rows().exclude(lease_token="").values(*LEFT))
            raise KilledError

        self.at_unit(unit, die, written=written)
        with pytest.raises(KilledError):
            self.work()
        self.in_unit(lambda: None)
        self.before_advance(lambda: None)
        assert left
        for row in left:
            self.rows().filter(pk=row.pop("pk")).update(**row)

    def expire(self) -> None:
        self.rows().exclude(lease_token="").update(leased_until=timezone.now() - timedelta(seconds=1))


class JobContract:
    """The tests of every kind."""

    def test_every_unit_is_done_once_and_in_good_order_no_attempt_counts(self, case: Case) -> None:
        case.begin()

        case.work_to_the_end()

        assert (case.written(), case.noted(), case.state()) == (UNITS, UNITS, "done")
        assert list(case.kind.due_messages()) == []
        assert {row.lease_token for row in case.rows()} <= {""}

    @pytest.mark.parametrize("written", [False, True], ids=["between two units", "before the row knows of a unit"])
    def test_a_killed_worker_is_followed_by_another_when_its_lease_expires(self, case: Case, written: bool) -> None:
        case.begin()

        case.killed(unit=2, written=written)
        done = case.written(), case.noted()
        # The dead worker's row is left alone, and nothing else of its job is done twice.
        case.work()
        held = case.rows().leased().count(), case.written()
        case.expire()
        stale = case.rows().stale().count()
        queued = list(case.kind.due_messages())
        case.work_to_the_end()

        assert done == (1, 1)
        assert held == (1, UNITS - 1 if case.independent else 1)
        assert (stale, len(queued)) == (1, 1)
        assert (case.written(), case.noted(), case.state()) == (UNITS, UNITS, "done")

    def test_of_two_workers_at_once_one_works(self, case: Case) -> None:
        case.begin()
        beside: list[int] = []

        def other() -> None:
            case.in_unit(lambda: None)
            case.slice_()
            beside.append(case.written())

        case.at_unit(1, other)
        case.work_to_the_end()

        assert beside == [UNITS - 1 if case.independent else 0]
        assert (case.written(), case.noted(), case.state()) == (UNITS, UNITS, "done")

    def test_a_worker_that_wakes_up_after_its_lease_was_taken_writes_nothing(self, case: Case) -> None:
        case.begin()
        taken: list[Any] = []

        def overtaken() -> None:
            case.expire()
            leases = [jobs.take(case.rows(), row.pk) for row in case.rows().stale()]
            taken.extend(lease.job for lease in leases if lease)

        case.at_unit(2, overtaken)
        case.work()

        (row,) = taken
        done = UNITS - 1 if case.independent else 1
        assert (case.written(), case.noted()) == (done, done)
        # Nor does it take the lease from the one who has it.
        assert case.rows().leased().get().lease_token == row.lease_token
        assert case.rows().get(pk=row.pk).attempts == row.attempts

    def test_a_unit_at_which_workers_die_each_time_is_given_up_with_a_reason(self, case: Case) -> None:
        case.begin()
        row = case.rows().first()
        assert row is not None
        case.rows().update(attempts=row.ATTEMPTS, lease_token="of the dead")
        case.expire()

        case.work_to_the_end()

        assert case.state().startswith("failed: ")
        assert "interrupted" in case.state()
        assert list(case.kind.due_messages()) == []

    def test_an_error_counts_as_an_attempt_and_the_next_one_waits(self, case: Case) -> None:
        case.begin()
        case.at_unit(1, lambda: 1 / 0)

        with pytest.raises(ZeroDivisionError):
            case.work()

        row = case.rows().filter(attempts=1).get()
        assert (row.lease_token, case.written()) == ("", 0)
        assert row.due and timedelta(0) < row.due - timezone.now() <= timedelta(minutes=1)
        assert row not in case.rows().due()
        case.in_unit(lambda: None)
        case.rows().filter(pk=row.pk).update(due=timezone.now())
        case.work_to_the_end()
        assert (case.written(), case.state()) == (UNITS, "done")

    def test_one_that_is_cancelled_stops_at_the_unit_under_way(self, case: Case) -> None:
        case.begin()
        case.at_unit(2, case.cancel)

        case.work_to_the_end()

        assert case.written() == 1
        assert list(case.kind.due_messages()) == []
        assert case.state() != "waiting"

    def test_progress_never_runs_backwards(self, case: Case) -> None:
        case.begin()
        seen: list[int] = []

        def see() -> None:
            seen.append(case.noted())

        for unit in (1, 2):
            case.killed(unit=unit, written=True)
            see()
            case.expire()
        case.in_unit(see)
        case.work_to_the_end()
        see()

        assert seen == sorted(seen)
        assert (seen[0], seen[-1]) == (0, UNITS)

    @pytest.mark.parametrize("back", [timedelta(hours=1), timedelta(days=365)])
    def test_a_clock_that_is_set_back_holds_nothing_up(self, case: Case, back: timedelta) -> None:
        case.begin()
        case.killed(unit=2)
        case.rows().exclude(lease_token="").update(leased_until=timezone.now() + back)
        if back > timedelta(days=1):
            case.rows().waiting().update(due=timezone.now() + back)

        assert case.rows().stale().count() == 1
        case.work_to_the_end()

        assert (case.written(), case.noted(), case.state()) == (UNITS, UNITS, "done")

    def test_a_job_whose_message_was_lost_is_queued(self, case: Case) -> None:
        case.begin()
        queued: list[tuple[Any, ...]] = []
        case.monkeypatch.setattr(tasks, "enqueue_unique", lambda task, *args, queue: queued.append((task, args, queue)))

        tasks.reconcile_jobs()

        assert queued == [(case.task, arguments, "bulk") for arguments in case.kind.due_messages()]
        assert len(queued) == 1

    def test_a_job_that_is_gone_is_no_error(self, case: Case) -> None:
        case.begin()
        case.at_unit(1, lambda: case.rows().delete())

        assert case.work() is False

        assert case.written() == 0


class FileContract:
    """The tests of the kinds whose jobs have files."""

    def test_what_a_killed_process_left_is_removed_in_time_and_nothing_of_a_live_job(
        self, case: Case, files: Files
    ) -> None:
        case.begin()
        assert files.stored() == files.named() != []
        live = files.named()
        old, new = files.leave(), files.leave()
        for path in [*live, old]:
            age(path, timedelta(days=2))

        with case.capture(execute=True):
            tasks.remove_lost_files()

        assert sorted(files.stored()) == sorted([*live, new])

    @pytest.mark.parametrize("end", ["finished", "cancelled", "given up"])
    def test_nothing_is_left_of_the_files_of_a_job_that_ended(self, case: Case, files: Files, end: str) -> None:
        case.begin()
        row = case.rows().first()
        assert row is not None
        if end == "given up":
            case.rows().update(attempts=row.ATTEMPTS)
        elif end == "cancelled":
            case.at_unit(2, case.cancel)

        case.work_to_the_end()

        assert files.stored() == files.named()


class Files(ABC):
    """The files of a kind of job."""

    folder: str

    @abstractmethod
    def named(self) -> list[Path]:
        """Return the files that rows name."""

    @abstractmethod
    def leave(self) -> Path:
        """Leave a file as a process does that is killed before it writes the row."""

    def stored(self) -> list[Path]:
        return sorted(path for path in self.root().rglob("*") if path.is_file())

    def root(self) -> Path:
        return Path(settings.DATA_DIR) / self.folder


def age(path: Path, by: timedelta) -> None:
    then = time.time() - by.total_seconds()
    os.utime(path, (then, then))
