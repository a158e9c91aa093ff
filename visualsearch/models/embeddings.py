"""Which vectors exist, and the change log of how they came and went. The index is a copy of this."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalogue.messages import Message, english
from catalogue.models import Photo
from visualsearch.models.versions import ModelVersion


class PhotoEmbedding(models.Model):
    """A photo's vectors, one after the other: float16 bytes, little-endian, each of length 1 before it was rounded.

    The first is of the whole photo, the others are of regions. They are one row, so that they come and go together.
    """

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
    # As Message.as_json() has it.
    error = models.JSONField(_("reason"))
    created = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("embedding failure")
        verbose_name_plural = _("embedding failures")
        constraints = [models.UniqueConstraint(fields=["model_version", "photo"], name="one_failure_a_photo")]

    def __str__(self) -> str:
        return f"{self.photo_id}: {english(Message.from_json(self.error))}"


class LogEntry(models.Model):
    """One change of what vectors exist: the photo's vector came, changed or went.

    What it is now is read from PhotoEmbedding: an entry whose vector is gone counts as removed. No foreign key to the
    photo, whose removal is logged too.
    """

    model_version = models.ForeignKey(ModelVersion, models.CASCADE, related_name="log")
    sequence = models.PositiveBigIntegerField()
    # Random, one a transaction: the same sequence with another mark is of another life of this database.
    nonce = models.CharField(max_length=16, default="")
    photo_id = models.PositiveBigIntegerField()

    class Meta:
        verbose_name = _("log entry")
        verbose_name_plural = _("change log")
        constraints = [models.UniqueConstraint(fields=["model_version", "sequence"], name="one_entry_a_sequence")]

    def __str__(self) -> str:
        return f"{self.model_version_id} #{self.sequence}: photo {self.photo_id}"
