"""Batches of photos to be searched for in the background, and what became of each photo."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.core.files.storage import Storage, storages
from django.db import models
from django.utils.translation import gettext_lazy as _

from catalogue.models.jobs import Job, JobQuerySet


def batch_upload_storage() -> Storage:
    """Return the store of photos that wait in a batch, named "waiting" in settings.STORAGES."""
    return storages["batch_uploads"]


class PhotoBatchQuerySet(JobQuerySet["PhotoBatch"]):
    """Batches."""


class PhotoBatch(Job):
    """Photos that a program handed in. It ends by itself, is forgotten after a day, and keeps no photo it looked at.

    The cursor counts photos, in the order of their numbers.
    """

    # Eight photos of slow servers take half of that.
    LEASE = timedelta(seconds=60)

    class State(models.TextChoices):
        RUNNING = "running", _("in progress")
        FINISHED = "finished", _("finished")
        CANCELLED = "cancelled", _("cancelled")

    # It cannot be guessed; the caller must be its owner all the same.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # As catalogue.api.idempotency names callers.
    owner = models.CharField(max_length=40, db_index=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    # How each photo is searched for: limit, emphasis, and the filters by name.
    options = models.JSONField(default=dict)
    expires = models.DateTimeField(db_index=True)

    objects = PhotoBatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("batch of photos")
        verbose_name_plural = _("batches of photos")

    def __str__(self) -> str:
        return str(self.pk)


class BatchPhoto(models.Model):
    """One photo of a batch: a file that waits, or an address; then what was found, or why nothing could be."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    batch = models.ForeignKey(PhotoBatch, models.CASCADE, related_name="photos")
    number = models.PositiveIntegerField()
    # What the client knows it by: its file's name, or its address.
    name = models.CharField(max_length=2_000)
    # Empty as soon as it was looked at, and for photos at addresses.
    file = models.FileField(storage=batch_upload_storage, max_length=100, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    # The type of problem and the error, as Message.as_json() has it; or the query's token, how near the best is, and
    # (article, similarity) of each hit.
    code = models.CharField(max_length=40, blank=True)
    error = models.JSONField(null=True, blank=True)
    token = models.TextField(blank=True)
    match = models.CharField(max_length=10, blank=True)
    hits = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "number"], name="one_photo_a_number")]
        indexes = [models.Index(fields=["batch", "state", "number"], name="batch_photo_state")]

    def __str__(self) -> str:
        return f"{self.batch_id} {self.number}"
