"""Short links to searches: the token of each, stored for as long as the page promised."""

from __future__ import annotations

import secrets

from django.db import models
from django.utils.translation import gettext_lazy as _

# 96 bits: nobody finds a link by trying. 16 URL-safe characters.
ID_BYTES = 12


def new_link_id() -> str:
    return secrets.token_urlsafe(ID_BYTES)


class SearchLink(models.Model):
    """A search that a shopper shares, under a short id: its token, and nothing of the photo or of who shares it."""

    id = models.CharField(primary_key=True, max_length=16, default=new_link_id, editable=False)
    token = models.TextField(_("token"), editable=False)
    # Of what the token says. A search is signed again whenever it is shown; it remains one search, with one link.
    search_sha256 = models.CharField(max_length=64, unique=True, editable=False)
    created = models.DateTimeField(_("created"), auto_now_add=True)
    expires = models.DateTimeField(_("expires"), db_index=True)

    class Meta:
        verbose_name = _("link to a search")
        verbose_name_plural = _("links to searches")
        ordering = ("-created",)

    def __str__(self) -> str:
        return self.id
