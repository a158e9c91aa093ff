"""Rows that may have hundreds of thousands of others behind them."""

from __future__ import annotations

from django.db import models


class Discardable(models.Model):
    """A row whose deletion takes longer than whoever asks for it can wait. How it is deleted: catalogue.jobs.deleting.

    `objects` of each model leaves out those that are being deleted, `all_objects` has them.
    """

    deleting = models.BooleanField(default=False, editable=False)

    class Meta:
        abstract = True
