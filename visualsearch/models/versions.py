"""Which vectors exist, and the log of how they came and went. The index is a copy of this."""

from __future__ import annotations

import secrets
import time
from pathlib import Path
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from catalogue.models import Category, Photo
from catalogue.models.querysets import PhotoQuerySet
from visualsearch.models.batches import BatchPhoto, PhotoBatch  # noqa: F401  (Django looks for models here)
from visualsearch.models.piles import Pile, PileGroup, PilePhoto  # noqa: F401  (as above)
from visualsearch.models.rollout import Feedback, ModelFailure, VersionDay  # noqa: F401  (as above)


def new_epoch() -> str:
    return secrets.token_hex(8)


def new_nonce() -> str:
    return secrets.token_hex(8)


class ModelVersionQuerySet(models.QuerySet["ModelVersion"]):
    """Model versions."""

    def active(self) -> ModelVersionQuerySet:
        """Keep the versions whose vectors are kept up to date: all but the retired."""
        return self.exclude(state=ModelVersion.State.RETIRED)

    def complete(self) -> ModelVersionQuerySet:
        """Keep the versions that have every photo's vector, but for what was saved just now."""
        return self.active().exclude(state=ModelVersion.State.BUILDING)

    def routable(self) -> ModelVersionQuerySet:
        """Keep the versions that have to do with searches now: the one that serves, on trial, or compared silently."""
        on_trial = Q(state=ModelVersion.State.READY, share__gt=0)
        return self.filter(Q(state=ModelVersion.State.SERVING) | on_trial | Q(shadow=True))


class ModelVersion(models.Model):
    """A model whose vectors the shop keeps. Every vector, log entry and snapshot belongs to one."""

    class State(models.TextChoices):
        BUILDING = "building", _("building")
        READY = "ready", _("ready")
        SERVING = "serving", _("in use")
        STANDBY = "kept", _("on standby")
        RETIRED = "retired", _("retired")

    name = models.CharField(_("name"), max_length=100)
    version = models.CharField(_("version"), max_length=20)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.BUILDING)
    dimensions = models.PositiveIntegerField(_("dimensions"))
    # The most vectors that one photo has. Fixed for ever: ids of vectors in snapshots are counted by it.
    vectors_a_photo = models.PositiveSmallIntegerField(_("vectors per photo, at most"), default=1, editable=False)
    card_sha256 = models.CharField(_("SHA-256 of its card"), max_length=64)
    # A snapshot of another epoch is of another life of this database, before it was restored from a backup.
    epoch = models.CharField(_("epoch"), max_length=16, default=new_epoch)
    # The sequence of the last log entry. Handed out under a lock on this row, so commit order is sequence order.
    head = models.PositiveBigIntegerField(_("head of the change log"), default=0)
    head_nonce = models.CharField(max_length=16, default="", editable=False)
    rebuild_wanted = models.BooleanField(_("rebuild needed"), default=False)
    # Of a version that is ready: of so many of a hundred visitors it answers the searches.
    share = models.PositiveSmallIntegerField(_("share of visitors"), default=0)
    shadow = models.BooleanField(_("shadow test"), default=False)
    # What comes with an upgrade of the package serves as soon as it can; what staff registered waits for them.
    serves_when_built = models.BooleanField(_("activates when complete"), default=True)
    # Since when it serves, or served.
    served_since = models.DateTimeField(_("active since"), null=True, blank=True)
    created = models.DateTimeField(_("created"), auto_now_add=True)

    # When the row was read (time.monotonic()); None for one that was made here.
    read_at: float | None = None

    objects = ModelVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("model version")
        verbose_name_plural = _("model versions")
        constraints = [
            models.UniqueConstraint(fields=["name", "version"], name="one_row_a_version"),
            models.UniqueConstraint(fields=["state"], condition=Q(state="serving"), name="one_version_serves"),
            models.CheckConstraint(
                condition=Q(share=0) | Q(state="ready", share__lte=100), name="only_what_is_ready_has_a_share"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"

    @classmethod
    def from_db(cls, *args: Any, **kwargs: Any) -> Self:
        version = super().from_db(*args, **kwargs)
        version.read_at = time.monotonic()
        return version

    @property
    def folder(self) -> Path:
        """Where the registered artefact lies."""
        return Path(settings.VISUAL_MODEL["FOLDER"]) / f"{self.name}-{self.version}"

    def waiting(self) -> PhotoQuerySet:
        """Return the photos without a vector of this version, or with one of other bytes; without those that failed."""
        same_bytes = Q(photo_sha256=OuterRef("sha256"))
        embedded = self.embeddings.filter(same_bytes, photo=OuterRef("pk"))
        failed = self.failures.filter(same_bytes, photo=OuterRef("pk"))
        return Photo.objects.exclude(Exists(embedded)).exclude(Exists(failed))

    def failed(self) -> PhotoQuerySet:
        """Return the photos that cannot be embedded as they are."""
        failure = self.failures.filter(photo=OuterRef("pk"), photo_sha256=OuterRef("sha256"))
        return Photo.objects.filter(Exists(failure))


class LabelMapping(models.Model):
    """Which of the shop's categories a label of the model stands for, where their slugs differ."""

    label = models.SlugField(_("model label"), max_length=100, unique=True)
    category = models.ForeignKey(
        Category,
        models.CASCADE,
        null=True,
        blank=True,
        verbose_name=_("shop category"),
        help_text=_("Leave empty if the shop sells nothing of this kind."),
    )

    class Meta:
        verbose_name = _("model label")
        verbose_name_plural = _("model labels")
        ordering = ("label",)

    def __str__(self) -> str:
        return self.label
