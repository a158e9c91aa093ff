"""Which vectors exist, and the log of how they came and went. The index is a copy of this."""

from __future__ import annotations

import secrets
from pathlib import Path

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from catalogue.models import Article, Category, Photo
from catalogue.querysets import PhotoQuerySet
from visualsearch.batch_models import BatchPhoto, PhotoBatch  # noqa: F401  (Django looks for models here)
from visualsearch.rollout_models import Feedback, ModelFailure, VersionDay  # noqa: F401  (as above)


def new_epoch() -> str:
    return secrets.token_hex(8)


def new_mark() -> str:
    return secrets.token_hex(8)


class ModelVersionQuerySet(models.QuerySet["ModelVersion"]):
    """Model versions."""

    def fed(self) -> ModelVersionQuerySet:
        """Keep the versions whose vectors are kept up to date: all but the retired."""
        return self.exclude(state=ModelVersion.State.RETIRED)

    def complete(self) -> ModelVersionQuerySet:
        """Keep the versions that have every photo's vector, but for what was saved just now."""
        return self.fed().exclude(state=ModelVersion.State.BUILDING)

    def asked(self) -> ModelVersionQuerySet:
        """Keep the versions that have to do with searches now: the one that serves, on trial, or compared silently."""
        on_trial = Q(state=ModelVersion.State.READY, share__gt=0)
        return self.filter(Q(state=ModelVersion.State.SERVING) | on_trial | Q(shadow=True))


class ModelVersion(models.Model):
    """A model whose vectors the shop keeps. Every vector, log entry and snapshot belongs to one."""

    class State(models.TextChoices):
        BUILDING = "building", _("building")
        READY = "ready", _("ready")
        SERVING = "serving", _("serving")
        KEPT = "kept", _("kept")
        RETIRED = "retired", _("retired")

    name = models.CharField(_("name"), max_length=100)
    version = models.CharField(_("version"), max_length=20)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.BUILDING)
    dimensions = models.PositiveIntegerField(_("dimensions"))
    card_sha256 = models.CharField(_("SHA-256 of its card"), max_length=64)
    # A snapshot of another epoch is of another life of this database, before it was restored from a backup.
    epoch = models.CharField(_("epoch"), max_length=16, default=new_epoch)
    # The sequence of the last log entry. Handed out under a lock on this row, so commit order is sequence order.
    head = models.PositiveBigIntegerField(_("head of the change log"), default=0)
    head_mark = models.CharField(max_length=16, default="", editable=False)
    rebuild_wanted = models.BooleanField(_("rebuild wanted"), default=False)
    # Of a version that is ready: of so many of a hundred visitors it answers the searches.
    share = models.PositiveSmallIntegerField(_("share of the visitors"), default=0)
    shadow = models.BooleanField(_("compared silently"), default=False)
    # What comes with an upgrade of the package serves as soon as it can; what staff registered waits for them.
    serves_when_built = models.BooleanField(_("serves as soon as it can"), default=True)
    # Since when it serves, or served.
    served_since = models.DateTimeField(_("serves since"), null=True, blank=True)
    created = models.DateTimeField(_("created"), auto_now_add=True)

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

    @property
    def folder(self) -> Path:
        """Where the registered artefact lies."""
        return Path(settings.VISUAL_MODEL["FOLDER"]) / f"{self.name}-{self.version}"

    def waiting(self) -> PhotoQuerySet:
        """Return the photos without a vector of this version, or with one of other bytes; without those that failed."""
        same_bytes = Q(photo_sha256=OuterRef("sha256"))
        embedded = PhotoEmbedding.objects.filter(same_bytes, photo=OuterRef("pk"), model_version=self)
        failed = EmbeddingFailure.objects.filter(same_bytes, photo=OuterRef("pk"), model_version=self)
        return Photo.objects.exclude(Exists(embedded)).exclude(Exists(failed))

    def failed(self) -> PhotoQuerySet:
        """Return the photos that cannot be embedded as they are."""
        failure = EmbeddingFailure.objects.filter(
            photo=OuterRef("pk"), model_version=self, photo_sha256=OuterRef("sha256")
        )
        return Photo.objects.filter(Exists(failure))


class PhotoEmbedding(models.Model):
    """A photo's vector: float16 bytes, little-endian, of length 1 before they were rounded."""

    photo = models.ForeignKey(Photo, models.CASCADE, related_name="embeddings")
    model_version = models.ForeignKey(ModelVersion, models.CASCADE, related_name="embeddings")
    vector = models.BinaryField()
    photo_sha256 = models.CharField(max_length=64)
    created = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("photo embedding")
        verbose_name_plural = _("photo embeddings")
        # Which photos can be found is read from this alone, without reading the vectors: in half the time.
        indexes = [models.Index(fields=["model_version", "photo", "photo_sha256"], name="embedding_of_bytes")]
        constraints = [models.UniqueConstraint(fields=["model_version", "photo"], name="one_vector_a_photo")]

    def __str__(self) -> str:
        return f"{self.photo_id} by {self.model_version_id}"


class EmbeddingFailure(models.Model):
    """Why a photo cannot be embedded. Void as soon as the photo's bytes change."""

    photo = models.ForeignKey(Photo, models.CASCADE, related_name="embedding_failures")
    model_version = models.ForeignKey(ModelVersion, models.CASCADE, related_name="failures")
    photo_sha256 = models.CharField(max_length=64)
    reason = models.TextField(_("reason"))
    created = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("embedding failure")
        verbose_name_plural = _("embedding failures")
        constraints = [models.UniqueConstraint(fields=["model_version", "photo"], name="one_failure_a_photo")]

    def __str__(self) -> str:
        return f"{self.photo_id}: {self.reason}"


class LogEntry(models.Model):
    """One change of what vectors exist: the photo's vector came, changed or went.

    What it is now is read from PhotoEmbedding: an entry whose vector is gone counts as removed. No foreign key to the
    photo, whose removal is logged too.
    """

    model_version = models.ForeignKey(ModelVersion, models.CASCADE, related_name="log")
    sequence = models.PositiveBigIntegerField()
    # Random, one a transaction: the same sequence with another mark is of another life of this database.
    mark = models.CharField(max_length=16, default="")
    photo_id = models.PositiveBigIntegerField()

    class Meta:
        verbose_name = _("log entry")
        verbose_name_plural = _("change log")
        constraints = [models.UniqueConstraint(fields=["model_version", "sequence"], name="one_entry_a_sequence")]

    def __str__(self) -> str:
        return f"{self.model_version_id} #{self.sequence}: photo {self.photo_id}"


class LabelMapping(models.Model):
    """Which of the shop's categories a label of the model stands for, where their slugs differ."""

    label = models.SlugField(_("label of the model"), max_length=100, unique=True)
    category = models.ForeignKey(
        Category,
        models.CASCADE,
        null=True,
        blank=True,
        verbose_name=_("category of the shop"),
        help_text=_("Empty: the shop sells nothing of this kind."),
    )

    class Meta:
        verbose_name = _("label of the model")
        verbose_name_plural = _("labels of the model")
        ordering = ("label",)

    def __str__(self) -> str:
        return self.label


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


class SearchDay(models.Model):
    """The searches by photo of one day, in UTC: how many, how near the best was, and how long they took."""

    day = models.DateField(_("day"), unique=True)
    close = models.PositiveIntegerField(_("close"), default=0)
    weak = models.PositiveIntegerField(_("weak"), default=0)
    none = models.PositiveIntegerField(_("nothing close"), default=0)
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
