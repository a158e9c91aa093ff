"""Photos that staff sent with a form that is not saved yet."""

from __future__ import annotations

from uuid import uuid4

from django.conf import settings
from django.core.files.storage import Storage, storages
from django.db import models
from django.utils.translation import gettext_lazy as _

from catalogue.models.articles import Article
from catalogue.models.photos import Photo


def draft_storage() -> Storage:
    """Return the private store of drafts, named "photo_drafts" in settings.STORAGES."""
    return storages["photo_drafts"]


def draft_path(draft: PhotoDraft, filename: str) -> str:
    """Return where a draft's file goes. No name of it is ever used twice."""
    return uuid4().hex


class PhotoDraft(models.Model):
    """A photo that a member of staff sent with a form, kept until the form is saved, or for a day.

    It stays without its file once it was saved, so that a form that is sent twice makes no second photo of it.
    """

    # Cannot be guessed; and nobody but its user is shown it.
    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("by"))
    # The form as it was opened: two windows of one page are two forms.
    form = models.CharField(max_length=32)
    # The one that is edited; none in the form of a new one.
    article = models.ForeignKey(Article, models.SET_NULL, related_name="+", null=True, verbose_name=_("product"))
    name = models.CharField(_("name"), max_length=200)
    file = models.FileField(_("file"), storage=draft_storage, upload_to=draft_path, max_length=100, blank=True)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    created = models.DateTimeField(_("created"), auto_now_add=True, db_index=True)
    # What it was saved as. A photo that is deleted afterwards leaves `saved` set.
    saved = models.DateTimeField(null=True)
    photo = models.ForeignKey(Photo, models.SET_NULL, related_name="+", null=True, verbose_name=_("photo"))

    class Meta:
        verbose_name = _("photo not saved yet")
        verbose_name_plural = _("photos not saved yet")
        ordering = ("created", "pk")
        # The same photo sent again by the same form, as after a lost answer, is the same draft.
        constraints = [models.UniqueConstraint(fields=["user", "form", "sha256"], name="one_draft_a_form")]
        default_permissions = ()

    def __str__(self) -> str:
        return self.name
