"""Empties the bin and forgets old changes, in short transactions: others write meanwhile."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from catalogue.models import Article, ChangeSet, Edit, Photo

ROWS_AT_ONCE = 200
EDITS_AT_ONCE = 5_000


def sweep(*, for_s: float) -> bool:
    """Delete for about so many seconds what is older than the settings say. Returns whether there is more."""
    until = time.monotonic() + for_s
    now = timezone.now()
    binned, changed = now - timedelta(days=settings.BIN_DAYS), now - timedelta(days=settings.HISTORY_DAYS)
    while _sweep_bin(binned) or _sweep_history(changed):
        if time.monotonic() >= until:
            return True
    return False


def _sweep_bin(before: datetime) -> int:
    """Delete some articles and photos for good, with their files; return how many."""
    articles = Article.all_objects.filter(deleted__lt=before).order_by("pk")[:ROWS_AT_ONCE]
    photos = Photo.all_objects.filter(deleted__lt=before, article__deleted=None).order_by("pk")[:ROWS_AT_ONCE]
    return articles.purge() or photos.purge()


def _sweep_history(before: datetime) -> int:
    old = ChangeSet.objects.filter(begun__lt=before, state__in=ChangeSet.ENDED)
    edits = list(Edit.objects.filter(change_set__in=old).order_by("pk").values_list("pk", flat=True)[:EDITS_AT_ONCE])
    if edits:
        return Edit.objects.filter(pk__in=edits).delete()[0]
    # Those whose edits are gone, or that had none.
    return ChangeSet.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:EDITS_AT_ONCE])).delete()[0]
