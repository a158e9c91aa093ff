"""The kinds of job: what each one implements, and the list of them that the queue and the clean-up go through."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from django.db import InterfaceError, OperationalError

from catalogue.exceptions import StoreUnreachableError
from catalogue.jobs.leases import Lease
from catalogue.messages import Message
from catalogue.models.jobs import Job, LeasedQuerySet

J = TypeVar("J", bound=Job)


class Kind(ABC):
    """A kind of work that waits in rows. The queue only hurries it: what is due is read from the rows."""

    @abstractmethod
    def due_messages(self) -> Sequence[tuple[Any, ...]]:
        """Return the arguments of each task that is to be queued now."""

    def remove_expired(self) -> int:
        """Remove what is kept for some time only, and return how many jobs that were. Called every few seconds."""
        return 0

    def remove_lost_files(self) -> int:
        """Remove files that belong to no job, which a killed process leaves, and return how many. Called every day."""
        return 0


class JobKind(Kind, Generic[J]):
    """A kind of job: one unit of work, what belongs to a job, and what happens at its end."""

    # What heals by itself and is no fault of the job: it waits, and no attempt is counted.
    PASSING: ClassVar[tuple[type[Exception], ...]] = (OperationalError, InterfaceError, StoreUnreachableError)
    # Where a slice costs much before its first unit, it lasts so many times as long as that.
    TIMES_ITS_START: float = 0

    @abstractmethod
    def rows(self) -> LeasedQuerySet[J]:
        """Return all jobs of this kind."""

    @abstractmethod
    def units(self, lease: Lease[J]) -> Generator[None, None, None]:
        """Do one unit of work before each value that is yielded, from the cursor on, until there is none.

        A unit is written in one transaction with `advance`. Raises JobFailedError where the job cannot go on at all.
        """

    def finish(self, lease: Lease[J]) -> str:
        """Return the state that comes after the last unit."""
        return "finished"

    def at_end(self, job: J, state: str) -> None:
        """See to what belongs to a job that ended, in the transaction that ends it; to files after the commit."""

    def interrupted(self, job: J, times: int) -> Message:
        """Return why a job is given up at which workers died or failed so many times, at the same unit."""
        return Message.of("job.interrupted", times=times, unit=job.done + 1)

    def skip_unit(self, lease: Lease[J]) -> bool:
        """Go past a unit at which workers die or fail each time, if this kind can. Returns whether it did."""
        return False

    def due_messages(self) -> Sequence[tuple[Any, ...]]:
        """Return the key of each job that is due, the oldest first."""
        keys = self.rows().due().order_by("begun", "pk").values_list("pk", flat=True)
        # As messages hold them.
        return [(key if isinstance(key, int) else str(key),) for key in keys]


@dataclass(frozen=True, slots=True)
class Registered:
    """A kind, and the Celery task that works at it."""

    kind: Kind
    task: Any


_registered: list[Registered] = []


def register(kind: Kind, task: Any) -> None:
    """Have a kind of job queued and cleaned up. A module of tasks calls it when it is imported."""
    _registered.append(Registered(kind, task))


def registered() -> Sequence[Registered]:
    return tuple(_registered)
