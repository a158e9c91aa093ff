"""How a worker works at a job: a slice at a time, until it ends."""

from __future__ import annotations

import logging
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from django.db import Error, transaction
from django.utils import timezone

from catalogue.jobs.kinds import JobKind
from catalogue.jobs.leases import Lease, LeaseLostError, freed, release, take
from catalogue.messages import Message, english
from catalogue.models.jobs import Job

logger = logging.getLogger(__name__)

J = TypeVar("J", bound=Job)

# After an error the next attempt waits so long, and twice as long each time.
BACK_OFF_S, BACK_OFF_AT_MOST_S = 10, 300


class JobFailedError(Exception):
    """A job cannot continue, in any worker; the reason is a message that its row stores."""

    def __init__(self, message: Message) -> None:
        self.message = message
        super().__init__(english(message))


@dataclass(frozen=True, slots=True)
class Progress:
    """How many units are done, of how many; `total` is None before they were counted."""

    done: int
    total: int | None

    @property
    def percent(self) -> int:
        """How much is done, rounded down: 100 when all is."""
        return min(100 * self.done // self.total, 100) if self.total else 0


def progress(job: Job) -> Progress:
    return Progress(job.done, job.total)


def run_slice(kind: JobKind[J], key: object, *, for_s: float) -> bool:
    """Do units of a job for about so many seconds, one at least. Returns whether there are more. Safe to repeat.

    Does nothing for a job that is gone, has ended or is paused, is not due yet, or at which another worker is. An error
    that is none of the job's own is raised; the job waits.
    """
    lease = take(kind.rows(), key)
    if lease is None:
        return False
    try:
        more = _work(kind, lease, for_s=for_s)
        release(lease)
    except LeaseLostError:
        # Still held where the job was paused.
        release(lease)
        return False
    except JobFailedError as error:
        if not fail(kind, lease, error.message):
            release(lease)
        return False
    except kind.PASSING:
        # Where even that fails the lease expires.
        with suppress(Error):
            release(lease)
        raise
    except BaseException:
        delay_s = min(BACK_OFF_S * 2.0 ** (lease.job.attempts - 1), BACK_OFF_AT_MOST_S)
        with suppress(Error):
            release(lease, counts=True, delay=timedelta(seconds=delay_s))
        raise
    return more


def cancel(kind: JobKind[J], job: J) -> bool:
    """End a job, unless it has ended: what was done so far stays. A worker that is at it finds its unit taken back."""
    return end(kind, job, "cancelled")


def fail(kind: JobKind[J], lease: Lease[J], message: Message) -> bool:
    """End a job that cannot go on, if the lease is still held."""
    logger.warning("%s %s failed: %s", type(lease.job).__name__, lease.job.pk, english(message))
    return end(kind, lease.job, "failed", lease=lease, error=message.as_json())


@transaction.atomic
def end(kind: JobKind[J], job: J, state: str, *, lease: Lease[J] | None = None, **values: Any) -> bool:
    """Bring a job to its end, unless it has ended or the lease, if one is given, was lost. Returns whether it did."""
    going = lease.job.held() if lease else kind.rows().exclude(state__in=Job.ENDED).filter(pk=job.pk)
    ended = going.update(**freed(state=state, ended=timezone.now(), **values))
    if ended:
        kind.at_end(job, state)
    return bool(ended)


def _work(kind: JobKind[J], lease: Lease[J], *, for_s: float) -> bool:
    attempts, began = type(lease.job).ATTEMPTS, time.monotonic()
    if lease.job.attempts > attempts:
        if kind.skip_unit(lease):
            return True
        raise JobFailedError(kind.interrupted(lease.job, attempts))
    started_s = None
    with closing(kind.units(lease)) as units:
        for _ in units:
            took = time.monotonic() - began
            started_s = took if started_s is None else started_s
            if took >= max(for_s, kind.TIMES_ITS_START * started_s):
                return True
    state = kind.finish(lease)
    if not (end(kind, lease.job, state, lease=lease) if state in Job.ENDED else _rest(lease, state)):
        raise LeaseLostError
    return False


def _rest(lease: Lease[J], state: str) -> bool:
    """Bring a job to a state in which no worker has anything to do, and that is no end."""
    return bool(lease.job.held().update(**freed(state=state, attempts=0)))
