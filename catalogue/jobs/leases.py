"""A worker's lease of a row: taken, renewed, given back; and how what is written under it counts once.

Whatever a worker does is written only while the row has its token, in one statement that the database decides. So it
does not matter how a lease ended: it expired, the job was paused, cancelled or deleted, or another worker took it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Generic, TypeVar
from uuid import uuid4

from django.db import transaction
from django.db.models import Case, F, IntegerField, When
from django.utils import timezone

from catalogue.models.jobs import Job, Leased, LeasedQuerySet

L = TypeVar("L", bound=Leased)
J = TypeVar("J", bound=Job)

_FREE: dict[str, Any] = {"lease_token": "", "leased_until": None}


class LeaseLostError(Exception):
    """The row is no longer this worker's. What it has not committed is to be taken back."""


@dataclass(frozen=True, slots=True)
class Lease(Generic[L]):
    """The right to work at a row, which was read when the lease was taken."""

    job: L


def take(rows: LeasedQuerySet[L], key: object) -> Lease[L] | None:
    """Take the lease of one of these rows, unless it is gone, nothing is due of it, or another worker is at it."""
    token = uuid4().hex
    # One UPDATE: of two that try at once the second sees, when the first has committed, that the row is not free.
    taken = (
        rows.due()
        .filter(pk=key)
        .update(lease_token=token, leased_until=timezone.now() + rows.model.LEASE, attempts=F("attempts") + 1)
    )
    row = rows.filter(pk=key, lease_token=token).first() if taken else None
    return Lease(row) if row else None


def renew(lease: Lease[L]) -> None:
    """Show that the worker lives. Raises LeaseLostError."""
    if not lease.job.held().update(leased_until=timezone.now() + lease.job.LEASE):
        raise LeaseLostError


def advance(lease: Lease[J], *, cursor: int, **values: Any) -> None:
    """Note that the units up to `cursor` are done, and what else is to be noted. Renews the lease.

    Call it in the transaction that writes what the units brought: both are there then, or neither. Raises
    LeaseLostError, which takes the transaction back, also where the job is further than that.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("A job advances in the transaction that writes what its units brought.")
    held = lease.job.held().filter(cursor__lte=cursor)
    attempts = Case(When(cursor__lt=cursor, then=0), default=F("attempts"), output_field=IntegerField())
    values |= {"cursor": cursor}
    if not held.update(leased_until=timezone.now() + lease.job.LEASE, attempts=attempts, **values):
        raise LeaseLostError
    for name, value in values.items():
        setattr(lease.job, name, value)


def release(lease: Lease[L], *, counts: bool = False, delay: timedelta | None = None) -> None:
    """Give a lease back, if it is still held; where `delay` is given the next is to be had after that.

    An attempt that ended in good order, and not in an error, does not count.
    """
    values = dict(_FREE)
    if not counts:
        values["attempts"] = Case(When(attempts__gt=0, then=F("attempts") - 1), default=0, output_field=IntegerField())
    if delay is not None:
        values["due"] = timezone.now() + delay
    rows = type(lease.job)._default_manager.filter(pk=lease.job.pk, lease_token=lease.job.lease_token)
    rows.update(**values)


def freed(**values: Any) -> dict[str, Any]:
    """Return these values, and those by which a row is nobody's."""
    return _FREE | values
