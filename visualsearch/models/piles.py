"""Piles of photos that staff hand in, and the articles that they are to become."""

from __future__ import annotations

from datetime import timedelta
from typing import Self

from django.conf import settings
from django.core.files.storage import Storage, storages
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from catalogue.models import Article, Category, Colour
from catalogue.models.jobs import Job, JobQuerySet


def pile_photo_storage() -> Storage:
    """Return the store of the photos of piles, named "pile_photos" in settings.STORAGES."""
    return storages["pile_photos"]


class PileQuerySet(JobQuerySet["Pile"]):
    """Piles."""

    def to_add(self) -> Self:
        """Keep those that are sorted, and of which no article was added yet."""
        added = PileGroup.objects.filter(pile=OuterRef("pk"), added=True)
        return self.filter(~Exists(added), state=Pile.State.FINISHED)


class Pile(Job):
    """Photos that staff handed in together. A worker looks at each, then proposes which are of one article.

    The cursor counts photos, in the order of their numbers, and one more for the grouping.
    """

    LEASE = timedelta(seconds=60)

    class State(models.TextChoices):
        RUNNING = "running", _("being analysed")
        FINISHED = "finished", _("sorted")
        CANCELLED = "cancelled", _("cancelled")
        FAILED = "failed", _("failed")

    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.RUNNING, editable=False)
    total = models.PositiveIntegerField(_("photos"), null=True, editable=False)
    # What of the files that were handed in is not used, each as Message.as_json() has it.
    notes = models.JSONField(default=list, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, verbose_name=_("by"), related_name="+", editable=False
    )
    # When staff last changed anything: it is forgotten some time after that.
    touched = models.DateTimeField(_("last changed"), auto_now=True, db_index=True)

    objects = PileQuerySet.as_manager()

    class Meta:
        verbose_name = _("batch of photos")
        verbose_name_plural = _("batches of photos")
        ordering = ("-begun", "-pk")

    def __str__(self) -> str:
        return f"{self.begun:%Y-%m-%d %H:%M}"


class PileGroup(models.Model):
    """The photos of one article: what is proposed of it, and what staff made of that."""

    pile = models.ForeignKey(Pile, models.CASCADE, related_name="groups")
    # What staff call it by, to move photos to it.
    number = models.PositiveIntegerField()
    sku = models.CharField(_("SKU"), max_length=100, blank=True)
    name = models.CharField(_("name"), max_length=200, blank=True)
    name_fr = models.CharField(_("name in French"), max_length=200, blank=True)
    category = models.ForeignKey(
        Category, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("category")
    )
    colours = models.ManyToManyField(Colour, related_name="+", blank=True, verbose_name=_("colours"))
    price = models.DecimalField(
        _("price"), max_digits=10, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    left_out = models.BooleanField(_("skip"), default=False)
    # What it became.
    article = models.ForeignKey(Article, models.SET_NULL, null=True, related_name="+")
    added = models.BooleanField(default=False)
    # Why it could not become one: by field, the words of each error as Message.as_json() has it.
    errors = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("product of a batch")
        verbose_name_plural = _("products of a batch")
        ordering = ("number",)
        constraints = [models.UniqueConstraint(fields=["pile", "number"], name="one_group_a_number")]

    def __str__(self) -> str:
        return f"{self.number}: {self.sku}"


class PilePhoto(models.Model):
    """One photo of a pile: a file, and what the model sees in it."""

    pile = models.ForeignKey(Pile, models.CASCADE, related_name="photos")
    group = models.ForeignKey(PileGroup, models.SET_NULL, null=True, related_name="photos")
    # The order in which they were taken, as far as their names tell.
    number = models.PositiveIntegerField()
    # The file's, with its folders in a ZIP.
    name = models.CharField(max_length=1_000)
    # Empty as soon as it is an article's.
    file = models.FileField(storage=pile_photo_storage, max_length=100, blank=True)
    # Within its group; the first is the article's main photo.
    position = models.PositiveIntegerField(default=0)
    # WebP, 320 pixels wide.
    thumbnail = models.BinaryField(default=b"")
    # float32, little-endian, of length 1; empty where no model could look.
    vector = models.BinaryField(default=b"")
    # [label, probability] of each prediction, likeliest first; [colour's id, share] of each colour, largest first.
    predictions = models.JSONField(default=list)
    colours = models.JSONField(default=list)
    # Whether it is no photo, and why, as Message.as_json() has it.
    failed = models.BooleanField(default=False)
    error = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("photo of a batch")
        verbose_name_plural = _("photos of a batch")
        ordering = ("position", "number")
        constraints = [models.UniqueConstraint(fields=["pile", "number"], name="one_pile_photo_a_number")]

    def __str__(self) -> str:
        return self.name
