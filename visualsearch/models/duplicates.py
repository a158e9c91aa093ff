"""Pairs of articles that may be one, and the reports that find them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalogue.models import Article, Photo


class DuplicateReport(models.Model):
    """A look through all photos for articles that show the same. How far it is stands here, so any worker goes on."""

    begun = models.DateTimeField(_("begun"), auto_now_add=True)
    finished = models.DateTimeField(_("finished"), null=True, blank=True, editable=False)
    # Photos are looked at in id order.
    after = models.PositiveBigIntegerField(default=0, editable=False)
    looked_at = models.PositiveIntegerField(_("photos looked at"), default=0, editable=False)
    total = models.PositiveIntegerField(_("photos"), default=0, editable=False)

    class Meta:
        verbose_name = _("report of duplicates")
        verbose_name_plural = _("reports of duplicates")

    def __str__(self) -> str:
        return f"{self.begun:%Y-%m-%d %H:%M}"


class NearDuplicate(models.Model):
    """Two articles, the older one first, of which a photo each shows nearly the same."""

    first = models.ForeignKey(Article, models.CASCADE, related_name="+", verbose_name=_("article"))
    second = models.ForeignKey(Article, models.CASCADE, related_name="+", verbose_name=_("like it"))
    first_photo = models.ForeignKey(Photo, models.CASCADE, related_name="+")
    second_photo = models.ForeignKey(Photo, models.CASCADE, related_name="+")
    similarity = models.FloatField(_("similarity"))
    # Staff said that these are two. They are not shown again.
    dismissed = models.BooleanField(_("two articles"), default=False)
    found = models.DateTimeField(_("found"))

    class Meta:
        verbose_name = _("near-duplicate")
        verbose_name_plural = _("near-duplicates")
        constraints = [models.UniqueConstraint(fields=["first", "second"], name="one_row_a_pair")]

    def __str__(self) -> str:
        return f"{self.first_id} ~ {self.second_id}"
