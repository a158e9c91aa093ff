"""Searches a day, as counts; nothing of who searched or for what."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class SearchDay(models.Model):
    """The searches by photo of one day, in UTC: how many, how near the best was, and how long they took."""

    day = models.DateField(_("day"), unique=True)
    close = models.PositiveIntegerField(_("close"), default=0)
    weak = models.PositiveIntegerField(_("weak"), default=0)
    none = models.PositiveIntegerField(_("no close match"), default=0)
    # How many took up to so many milliseconds, by the names of services/counting.py's buckets.
    durations = models.JSONField(default=dict, editable=False)
    # The last counts that were added, so that none are added twice.
    batch = models.CharField(max_length=32, default="", editable=False)

    class Meta:
        verbose_name = _("day of searches")
        verbose_name_plural = _("days of searches")
        ordering = ("-day",)

    def __str__(self) -> str:
        return f"{self.day}"

    @property
    def searches(self) -> int:
        return self.close + self.weak + self.none
