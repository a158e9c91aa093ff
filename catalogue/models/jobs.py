"""What every resumable job keeps: who works at it until when, how far it is, how often it was tried, how it ended.

`Leased` is for rows that are a unit of work each; `Job` adds a cursor, for rows that stand for many units. What works
at them is catalogue.jobs.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar, Self, TypeVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

# A lease or a due time further away than any that is given was written before the clock was set back. Neither is
# believed, or a dead worker's lease would hold its job up for as long as the clock was wrong.
LONGEST_LEASE = timedelta(minutes=5)
LONGEST_BACK_OFF = timedelta(days=2)

L = TypeVar("L", bound="Leased")
J = TypeVar("J", bound="Job")


class LeasedQuerySet(models.QuerySet[L]):
    """Rows at which workers work, one worker at each."""

    def waiting(self) -> Self:
        """Keep those of which something is left to do, now or later. Each kind says which they are."""
        raise NotImplementedError

    def leased(self) -> Self:
        """Keep those at which a worker is."""
        now = timezone.now()
        return self.exclude(lease_token="").filter(leased_until__gt=now, leased_until__lte=now + LONGEST_LEASE)

    def stale(self) -> Self:
        """Keep those at which a worker was that died, or was too slow."""
        return self.exclude(lease_token="").filter(expired(timezone.now()))

    def due(self) -> Self:
        """Keep those that a worker should be at now, and none is."""
        now = timezone.now()
        begins = Q(due__isnull=True) | Q(due__lte=now) | Q(due__gt=now + LONGEST_BACK_OFF)
        return self.waiting().filter(begins, Q(lease_token="") | expired(now))


def expired(now: datetime) -> Q:
    """Return what holds of rows whose lease is none any more."""
    return Q(leased_until__isnull=True) | Q(leased_until__lte=now) | Q(leased_until__gt=now + LONGEST_LEASE)


class Leased(models.Model):
    """A row that one worker at a time works at. A worker's lease expires by itself, and another may take the row then.

    The token fences: whatever a worker writes, it writes only where the row still has its token (`held`).
    """

    # A worker that did not renew its lease for so long is taken for dead.
    LEASE: ClassVar[timedelta] = timedelta(seconds=30)
    # A row at which workers die or fail so often without any progress is given up.
    ATTEMPTS: ClassVar[int] = 5

    lease_token = models.CharField(max_length=32, blank=True, editable=False)
    leased_until = models.DateTimeField(null=True, editable=False)
    # How often work began since there was progress; one that ends in good order does not count.
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    # Not before then; none means at once.
    due = models.DateTimeField(null=True, editable=False)

    class Meta:
        abstract = True

    def held(self) -> LeasedQuerySet[Any]:
        """Return this row, unless it is no longer the worker's to go on with that this was read by."""
        rows: LeasedQuerySet[Any] = type(self)._default_manager.all()  # type: ignore[assignment]  # see waiting()
        return rows.waiting().filter(pk=self.pk, lease_token=self.lease_token)


class JobQuerySet(LeasedQuerySet[J]):
    """Jobs."""

    def waiting(self) -> Self:
        return self.filter(state__in=self.model.WORKING)


class Job(Leased):
    """Many units of work, done one after the other. How far it is stands in the row, so any worker goes on.

    A unit is written in the transaction that moves the cursor past it, so a worker may be killed at any moment.
    """

    # What every kind's State has. Nothing comes after these.
    ENDED: ClassVar[tuple[str, ...]] = ("finished", "cancelled", "failed")
    # In which states a worker has something to do.
    WORKING: ClassVar[tuple[str, ...]] = ("running",)

    state = models.CharField(_("state"), max_length=10, default="running")
    # Behind which unit the next one comes, in the order of its kind: it only grows while the state is the same.
    cursor = models.PositiveBigIntegerField(default=0, editable=False)
    # How many units there are; none before they were counted.
    total = models.PositiveIntegerField(null=True, editable=False)
    # Why it failed, as Message.as_json() has it.
    error = models.JSONField(_("reason"), null=True, blank=True, editable=False)
    begun = models.DateTimeField(_("started"), auto_now_add=True)
    ended = models.DateTimeField(_("ended"), null=True, editable=False)

    class Meta:
        abstract = True

    def held(self) -> LeasedQuerySet[Any]:
        return super().held().filter(state=self.state)

    @property
    def done(self) -> int:
        """How many units are done: the cursor, where units are numbered from 1."""
        return self.cursor
