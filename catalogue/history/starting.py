"""Begins bulk changes and undos: small ones are done at once, large ones left to a worker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from catalogue import jobs
from catalogue.history.actions import SLOW_ACTIONS
from catalogue.history.outcome import Outcome
from catalogue.history.undo import edits_of, take_back
from catalogue.history.worker import KIND, apply, counted
from catalogue.models import ChangeSet
from catalogue.models.recording import Recording, continued

How, State = ChangeSet.How, ChangeSet.State

# So many articles are changed while staff wait: 1,000 take half a second to be deleted. Undoing writes row by row.
ARTICLES_AT_ONCE = 1_000
EDITS_AT_ONCE = 300


def begin(action: str, keys: Sequence[int], *, by: Any, params: Mapping[str, Any] | None = None) -> ChangeSet:
    """Begin to do an action of catalogue.history.actions to the articles with these ids.

    Returns its change set. It has ended already where the articles are few; else a task is to be queued.
    """
    change = ChangeSet(how=How.BULK, action=action, params=dict(params or {}), by=by, selection=list(keys))
    return _begin(change, total=len(keys), at_once=0 if action in SLOW_ACTIONS else ARTICLES_AT_ONCE)


def begin_undo(undone: ChangeSet, *, by: Any, article: int | None = None) -> ChangeSet:
    """Begin to take a change set back, or what it did to one article. Returns the undo, as `begin`."""
    params = {} if article is None else {"article": article}
    change = ChangeSet(how=How.UNDO, action="undo", params=params, by=by, undoes=undone)
    return _begin(change, total=edits_of(undone, article).count(), at_once=EDITS_AT_ONCE)


def preview_undo(undone: ChangeSet, article: int | None = None) -> Outcome | None:
    """Return what an undo would do: it is done and rolled back. None where that would take too long."""
    edits = list(edits_of(undone, article)[: EDITS_AT_ONCE + 1])
    if len(edits) > EDITS_AT_ONCE:
        return None
    with transaction.atomic(), continued(Recording(How.UNDO, muted=True)):
        outcome = take_back(edits)
        transaction.set_rollback(True)
    return outcome


def cancel(change: ChangeSet) -> bool:
    """Stop a change that a worker does: what was done stays, and can be taken back. Returns whether it was going on."""
    return jobs.cancel(KIND, change)


@transaction.atomic
def _begin(change: ChangeSet, *, total: int, at_once: int) -> ChangeSet:
    change.total, change.state = total, State.RUNNING
    change.save(force_insert=True)
    if total > at_once:
        return change
    if total:
        for name, value in counted(change, apply(change, 0, total)).items():
            setattr(change, name, value)
    change.cursor, change.state, change.ended, change.selection = total, State.FINISHED, timezone.now(), []
    change.save()
    return change
