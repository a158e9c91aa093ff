"""Tokens by which programs of staff call the API."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalogue.models.api_clients import SHOWN_CHARACTERS, sha256_of

# How exactly it is noted when a token was last used: each note takes the database's write lock.
USE_NOTED_EVERY = timedelta(hours=1)


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    """Tokens of staff."""

    def of_key(self, key: str) -> ApiToken | None:
        """Return the token that has this key, with its user, whether it has expired or not."""
        return self.filter(key_sha256=sha256_of(key)).select_related("user").first()


class ApiToken(models.Model):
    """A token that acts as its user, within the rights that it names.

    The key is shown once and not kept: 256 random bits, of which a plain digest gives nothing away.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens", verbose_name=_("user")
    )
    name = models.CharField(_("name"), max_length=100, help_text=_("What uses it, as in “stock of the warehouse”."))
    key_start = models.CharField(_("token begins with"), max_length=SHOWN_CHARACTERS, editable=False)
    key_sha256 = models.CharField(max_length=64, unique=True, editable=False)
    # Permissions, as in "catalogue.add_article"; null: all that the user has, as tokens of former versions.
    rights = models.JSONField(_("rights"), null=True, editable=False)
    created = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    last_used = models.DateTimeField(_("last used"), null=True, editable=False)
    expires = models.DateTimeField(_("expires"), null=True, editable=False)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        ordering = ("user__username", "-created", "pk")
        # Whose it is decides who sees and revokes it, so there are no permissions to give.
        default_permissions = ()

    def __str__(self) -> str:
        return self.name

    @classmethod
    def issue(
        cls, user: User, name: str, *, rights: Iterable[str] | None = None, expires: datetime | None = None
    ) -> tuple[ApiToken, str]:
        """Save a new token of a user and return it with its key. `rights` None: all that the user has."""
        token = cls(user=user, name=name, rights=None if rights is None else sorted(rights), expires=expires)
        key = token.new_key()
        token.save()
        return token, key

    def new_key(self) -> str:
        """Give the token a key, in memory, and return it."""
        key = secrets.token_urlsafe(32)
        self.key_start, self.key_sha256 = key[:SHOWN_CHARACTERS], sha256_of(key)
        return key

    @property
    def has_expired(self) -> bool:
        return self.expires is not None and self.expires <= timezone.now()

    def allows(self, right: str) -> bool:
        """Whether a right is among those that the token names. Its user must have it too."""
        return self.rights is None or right in self.rights

    def note_use(self) -> None:
        """Note in the row that the token is used, at most once an hour."""
        now = timezone.now()
        if self.last_used is None or self.last_used < now - USE_NOTED_EVERY:
            unnoted = Q(last_used=None) | Q(last_used__lt=now - USE_NOTED_EVERY)
            ApiToken.objects.filter(unnoted, pk=self.pk).update(last_used=now)
