"""Bulk changes and undos as jobs: some articles, or edits, a unit."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from typing import Any

from django.db import transaction

from catalogue import jobs
from catalogue.history.actions import ACTIONS, SLOW_ACTIONS
from catalogue.history.outcome import LEFT_OUT_AT_MOST, LeftOut, NotNowError, Outcome
from catalogue.history.undo import edits_of, take_back
from catalogue.messages import Message
from catalogue.models import ChangeSet, ChangeSetQuerySet
from catalogue.models.recording import Recording, continued

# Binning 200 articles with photos takes 0.1 s, during which other writers wait.
ROWS_AT_ONCE = 200


class Changes(jobs.JobKind[ChangeSet]):
    """Bulk changes and undos. The rows stay, as history for staff."""

    PASSING = (*jobs.JobKind.PASSING, NotNowError)

    def rows(self) -> ChangeSetQuerySet:
        return ChangeSet.objects.all()

    def units(self, lease: jobs.Lease[ChangeSet]) -> Generator[None, None, None]:
        change = lease.job
        slow = SLOW_ACTIONS.get(change.action)
        if slow is None and change.action not in {*ACTIONS, "undo"}:
            raise NotNowError(f"nothing here does {change.action}")
        while change.cursor < (change.total or 0):
            at_once = slow.articles_at_once if slow else ROWS_AT_ONCE
            cursor = min(change.cursor + at_once, change.total or 0)
            if slow:
                jobs.renew(lease)
            seen = slow.look(change.selection[change.cursor : cursor]) if slow else None
            with transaction.atomic():
                outcome = apply(change, change.cursor, cursor, seen)
                jobs.advance(lease, cursor=cursor, **counted(change, outcome))
            yield

    def at_end(self, job: ChangeSet, state: str) -> None:
        # A million ids that nobody needs any more.
        ChangeSet.objects.filter(pk=job.pk).update(selection=[])


KIND = Changes()


def apply(change: ChangeSet, start: int, end: int, seen: Any = None) -> Outcome:
    """Do the units from `start` to `end` of a bulk change or an undo. Call it in a transaction.

    `seen` is what a slow action saw of them.
    """
    recording = Recording(change.how, key=change.pk, stored=True)
    with continued(recording), recording.together():
        if change.action in SLOW_ACTIONS:
            return SLOW_ACTIONS[change.action].apply(seen)
        if change.action != "undo":
            return ACTIONS[change.action](change.selection[start:end], change.params)
        if change.undoes is None:
            raise jobs.JobFailedError(Message.of("history.forgotten"))
        return take_back(list(edits_of(change.undoes, change.params.get("article"))[start:end]))


def counted(change: ChangeSet, outcome: Outcome) -> dict[str, Any]:
    """Return the columns of a change set after some more units."""
    return {
        "changed": change.changed + outcome.changed,
        "left_out": [*change.left_out, *as_json(outcome.left_out)][:LEFT_OUT_AT_MOST],
        "left_out_count": change.left_out_count + len(outcome.left_out),
    }


def as_json(left_out: Iterable[LeftOut]) -> list[Any]:
    return [each.as_json() for each in left_out]
