"""Pairs of articles that may be one, and the reports that find them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalogue.models import Article, Photo
from catalogue.models.jobs import Job, JobQuerySet


class DuplicateReportQuerySet(JobQuerySet["DuplicateReport"]):
    """Reports of duplicates."""


class DuplicateReport(Job):
    """A comparison of all photos, for articles that show the same.

    The cursor is the id of the photo that was compared last: they are compared in id order, and some are deleted.
    """

    class State(models.TextChoices):
        RUNNING = "running", _("in progress")
        FINISHED = "finished", _("finished")
        CANCELLED = "cancelled", _("cancelled")
        FAILED = "failed", _("failed")

    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.RUNNING, editable=False)
    looked_at = models.PositiveIntegerField(_("photos compared"), default=0, editable=False)
    total = models.PositiveIntegerField(_("photos"), null=True, editable=False)

    objects = DuplicateReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("report of duplicates")
        verbose_name_plural = _("reports of duplicates")

    def __str__(self) -> str:
        return f"{self.begun:%Y-%m-%d %H:%M}"

    @property
    def done(self) -> int:
        return self.looked_at


class NearDuplicate(models.Model):
    """Two articles, the older one first, of which a photo each shows nearly the same."""

    first = models.ForeignKey(Article, models.CASCADE, related_name="+", verbose_name=_("product"))
    second = models.ForeignKey(Article, models.CASCADE, related_name="+", verbose_name=_("similar"))
    first_photo = models.ForeignKey(Photo, models.CASCADE, related_name="+")
    second_photo = models.ForeignKey(Photo, models.CASCADE, related_name="+")
    similarity = models.FloatField(_("similarity"))
    # Staff marked these as two articles. They are not shown again.
    dismissed = models.BooleanField(_("not a duplicate"), default=False)
    found = models.DateTimeField(_("found"))

    class Meta:
        verbose_name = _("near-duplicate")
        verbose_name_plural = _("near-duplicates")
        constraints = [models.UniqueConstraint(fields=["first", "second"], name="one_row_a_pair")]

    def __str__(self) -> str:
        return f"{self.first_id} ~ {self.second_id}"
