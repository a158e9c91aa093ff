"""The messages that tell apps of partners that their batches ended, and the log of the attempts to send them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Self
from uuid import uuid4

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalogue.models import ApiClient
from catalogue.models.jobs import Leased, LeasedQuerySet
from visualsearch.models.batches import PhotoBatch

MAX_URL = 2_000


def new_message_id() -> str:
    return f"msg_{uuid4().hex}"


class BatchWebhookQuerySet(LeasedQuerySet["BatchWebhook"]):
    """Webhooks of batches."""

    def waiting(self) -> Self:
        return self.filter(state=BatchWebhook.State.PENDING)

    def announce(self, payload: dict[str, Any]) -> int:
        """Have the webhook of a batch that ended delivered, as soon as a worker can."""
        waiting = self.filter(state=BatchWebhook.State.WAITING)
        return waiting.update(state=BatchWebhook.State.PENDING, payload=payload, due=timezone.now())


class BatchWebhook(Leased):
    """An address that an app of a partner gave with a batch, for a notice when it has finished; deleted with either.

    A delivery is a unit of work of its own: `due` is the time of the next attempt. One that a worker was killed at may
    arrive twice, with the same `message_id`.
    """

    # An attempt takes 10 s at the most, and so do those before it in the same task.
    LEASE = timedelta(seconds=60)

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        PENDING = "pending", _("pending")
        DELIVERED = "delivered", _("delivered")
        FAILED = "failed", _("failed")

    batch = models.OneToOneField(PhotoBatch, models.CASCADE, related_name="webhook")
    client = models.ForeignKey(ApiClient, models.CASCADE, related_name="webhooks")
    url = models.CharField(max_length=MAX_URL)
    # The scheme and host under which the app reached the shop: a worker knows neither.
    site = models.CharField(max_length=300)
    message_id = models.CharField(max_length=40, default=new_message_id, editable=False)
    # Each attempt sends the same.
    payload = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    # Why the last attempt failed, as Message.as_json() has it.
    error = models.JSONField(null=True)

    objects = BatchWebhookQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook of a batch")
        verbose_name_plural = _("webhooks of batches")
        indexes = [models.Index(fields=["state", "due"], name="batch_webhook_due")]

    def __str__(self) -> str:
        return f"{self.batch_id} {self.url}"


class WebhookAttempt(models.Model):
    """An attempt to deliver a webhook, for staff who look for what went wrong.

    It outlives its batch, which is kept for a day. Of each app the last MAX_ATTEMPTS are kept. `url` has no query
    string: that may hold a secret of the app's.
    """

    MAX_ATTEMPTS = 200

    client = models.ForeignKey(
        ApiClient, models.CASCADE, related_name="webhook_attempts", verbose_name=_("partner app")
    )
    batch = models.UUIDField(_("batch"), db_index=True)
    url = models.CharField(_("address"), max_length=MAX_URL)
    made = models.DateTimeField(_("time"), default=timezone.now)
    # The first attempt of a webhook is 1.
    number = models.PositiveSmallIntegerField(_("attempt"))
    # Of the answer; 0 without one.
    status = models.PositiveSmallIntegerField(_("status"), default=0)
    # Why it failed, as Message.as_json() has it; null if it was delivered. Staff see more than the app.
    error = models.JSONField(_("cause"), null=True)
    next_attempt = models.DateTimeField(_("next attempt"), null=True)

    class Meta:
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.batch} {self.url}"

    @classmethod
    def keep_newest(cls, client_id: int) -> None:
        """Remove the attempts of an app that are older than its last MAX_ATTEMPTS."""
        of_client = cls.objects.filter(client=client_id)
        newest_old = of_client.values_list("pk", flat=True)[cls.MAX_ATTEMPTS : cls.MAX_ATTEMPTS + 1].first()
        if newest_old is not None:
            of_client.filter(pk__lte=newest_old).delete()
