"""Who asks by program, and what such a caller was answered."""

from __future__ import annotations

import base64
import hashlib
import secrets
from datetime import timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

# Of a key, what staff tell it by once the key itself is shown nowhere any more.
SHOWN_CHARACTERS = 8
# How long the secret before the present one signs webhooks too, so that an app has time to change over.
SECRETS_OVERLAP = timedelta(days=1)


class ApiClientQuerySet(models.QuerySet["ApiClient"]):
    """Partners' apps."""

    def of_key(self, key: str) -> ApiClient | None:
        """Return the app that has this key, unless it was revoked."""
        return self.filter(key_sha256=sha256_of(key), revoked=False).first()


class ApiClient(models.Model):
    """A program of someone else that may ask more often than a stranger, within quotas of its own.

    Its key is shown once and not kept: 256 random bits, of which a plain digest gives nothing away.
    """

    name = models.CharField(_("name"), max_length=100)
    key_start = models.CharField(_("key begins with"), max_length=SHOWN_CHARACTERS, editable=False)
    key_sha256 = models.CharField(max_length=64, unique=True, editable=False)
    # By the name of each rate that staff set; the others are as catalogue.rate_limits.RATES says.
    rates = models.JSONField(default=dict, blank=True, editable=False)
    revoked = models.BooleanField(_("revoked"), default=False, help_text=_("The key no longer works."))
    created = models.DateTimeField(_("created"), auto_now_add=True)
    # Kept as it is, since every webhook is signed with it; the one before signs too for a day.
    webhook_secret = models.CharField(max_length=60, blank=True, editable=False)
    former_webhook_secret = models.CharField(max_length=60, blank=True, editable=False)
    webhook_secret_changed = models.DateTimeField(null=True, editable=False)

    objects = ApiClientQuerySet.as_manager()

    class Meta:
        verbose_name = _("partner app")
        verbose_name_plural = _("partner apps")
        ordering = ("name", "pk")

    def __str__(self) -> str:
        return self.name

    def new_key(self) -> str:
        """Give the app a new key, in memory, and return it. The old one is refused once the row is saved."""
        key = secrets.token_urlsafe(32)
        self.key_start, self.key_sha256 = key[:SHOWN_CHARACTERS], sha256_of(key)
        return key

    def new_webhook_secret(self) -> str:
        """Give the app a new secret for its webhooks, save it, and return it."""
        self.former_webhook_secret = self.webhook_secret
        self.webhook_secret = f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"
        self.webhook_secret_changed = timezone.now()
        self.save(update_fields=["webhook_secret", "former_webhook_secret", "webhook_secret_changed"])
        return self.webhook_secret

    def webhook_secrets(self) -> list[str]:
        """Return the secrets that sign a webhook now, the new one first."""
        changed = self.webhook_secret_changed
        overlaps = changed is not None and timezone.now() - changed < SECRETS_OVERLAP
        both = [self.webhook_secret, self.former_webhook_secret if overlaps else ""]
        return [secret for secret in both if secret]


class IdempotencyRecord(models.Model):
    """What a request with an Idempotency-Key was answered, so that it can be repeated without doing it twice.

    Written in the transaction of what the request did. Kept for a day.
    """

    owner = models.CharField(max_length=40)
    key = models.CharField(max_length=255)
    # Of what was asked. The same key with another request is a mistake of the client.
    request_sha256 = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    location = models.CharField(max_length=300, blank=True)
    body = models.JSONField(null=True)
    created = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "key"], name="one_answer_a_key")]

    def __str__(self) -> str:
        return f"{self.owner}: {self.key}"


def sha256_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
