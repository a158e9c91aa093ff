"""Photos of articles, and the addresses that they are fetched from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import timedelta
from pathlib import PurePath
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.files.storage import Storage, storages
from django.db import models, transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalogue.models.addresses import pattern_of
from catalogue.models.articles import Article
from catalogue.models.jobs import Leased, LeasedQuerySet
from catalogue.models.querysets import LivePhotos, PhotoQuerySet, PhotoSourceQuerySet
from catalogue.models.recording import Recorded

# An address longer than this is nobody's, and PostgreSQL's index takes none beyond 2,700.
URL_AT_MOST = 2_000


def photo_storage() -> Storage:
    """Return the store of photo files, named "photos" in settings.STORAGES."""
    return storages["photos"]


def photo_path(photo: Photo, filename: str) -> str:
    """Return where a photo's file goes: a name of ours, since the given one is not to be trusted."""
    name = uuid4().hex
    return f"{name[:2]}/{name}{PurePath(filename).suffix.lower()[:8]}"


class Photo(Recorded):
    """One view of an article. The file is kept as it came, and served only as renditions.

    One that is deleted, alone or with its article, lies in the bin, and so does a file that another took the place of.
    `objects` leaves these out, `all_objects` has them.
    """

    KIND = "photo"
    RECORDED = ("article_id", "file", "position", "alt")

    article = models.ForeignKey(Article, models.CASCADE, related_name="photos", verbose_name=_("product"))
    file = models.FileField(_("file"), storage=photo_storage, upload_to=photo_path, max_length=200)
    position = models.PositiveIntegerField(_("position"), default=0, db_index=True)
    alt = models.CharField(
        _("alternative text"),
        max_length=200,
        blank=True,
        help_text=_("Describes the photo for people who cannot see it."),
    )
    sha256 = models.CharField(_("SHA-256"), max_length=64, blank=True, editable=False, db_index=True)
    created = models.DateTimeField(_("created"), auto_now_add=True)
    # When it was put into the bin: with its article at the same instant.
    deleted = models.DateTimeField(_("deleted"), null=True, blank=True, editable=False)

    objects = LivePhotos()
    all_objects = PhotoQuerySet.as_manager()

    class Meta:
        verbose_name = _("photo")
        verbose_name_plural = _("photos")
        ordering = ("position", "pk")
        indexes = [
            models.Index(fields=["deleted"], condition=models.Q(deleted__isnull=False), name="photo_in_bin"),
        ]

    def __str__(self) -> str:
        # The admin calls the row of a photo so, beside its picture; numbers of rows say nothing there.
        return gettext("Photo")

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self.file._committed:  # type: ignore[attr-defined]  # Django's own, and the only way to know
            self.sha256 = digest_of(self.file)
            if kwargs.get("update_fields") is not None:
                kwargs["update_fields"] = {*kwargs["update_fields"], "sha256"}
            with transaction.atomic():
                if self.pk:
                    Photo.all_objects.filter(pk=self.pk).bin_files()
                super().save(*args, **kwargs)
            return
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Put the photo into the bin."""
        return type(self).objects.filter(pk=self.pk).delete()

    @property
    def recorded_name(self) -> str:
        return str(PurePath(self.file.name or "").name)

    @property
    def recorded_article(self) -> int | None:
        return self.article_id

    def image_url(self, width: int, kind: str = "webp", *, site: str = "") -> str:
        """Return the address of this photo's rendition, `width` pixels wide; an absolute one on `site`, if named."""
        return self.image_urls((width,), kind, site=site)[0]

    def image_urls(self, widths: Iterable[int], kind: str = "webp", *, site: str = "") -> list[str]:
        """Return the same for several widths."""
        pattern, digest = pattern_of("rendition", (True, False, True, False)), self.sha256[:16] or "0"
        addresses = [pattern.format(self.pk, digest, width, kind) for width in widths]
        # A CDN is a stranger to the shop: it gets what everybody may see.
        before = settings.CDN_URL if settings.CDN_URL and self.is_public else site
        return [f"{before}{address}" for address in addresses] if before else addresses

    @property
    def is_public(self) -> bool:
        """Whether everybody may see it, not only staff."""
        return self.article.published and not (self.deleted or self.article.deleted)

    @property
    def description(self) -> str:
        """The photo's alternative text: its own, else the article's name."""
        return self.alt or self.article.title


class PhotoSource(Leased):
    """A picture that an article is to have, by the address it is fetched from; and what became of the fetching.

    It waits as long as `due` is set. Otherwise it was fetched, or has failed where there is an `error`.

    A unit of work of its own, not a job with a cursor: each picture has a time at which it is due, by what its host
    answered last, so there is no order in which all before one are done. To cancel one is to delete its row.
    """

    # A fetch takes 10 s at the most.
    LEASE = timedelta(seconds=60)
    # What may heal by itself is tried so often, after 1, 2, 4 … minutes: for two hours.
    ATTEMPTS = 8

    article = models.ForeignKey(Article, models.CASCADE, related_name="photo_sources", verbose_name=_("product"))
    url = models.CharField(_("address"), max_length=URL_AT_MOST)
    host = models.CharField(_("host"), max_length=255)
    position = models.PositiveIntegerField(_("position"))
    alt = models.CharField(_("alternative text"), max_length=200, blank=True)
    # What shows it; until it is fetched, what shows in its place. Two addresses of the same bytes share a photo, and a
    # photo that is deleted is wanted no more, until an import names it again.
    photo = models.ForeignKey(
        Photo, models.CASCADE, related_name="sources", null=True, blank=True, verbose_name=_("photo")
    )
    due = models.DateTimeField(_("due"), null=True, blank=True)
    tried = models.DateTimeField(_("last tried"), null=True, blank=True)
    # Why, as Message.as_json() has it.
    error = models.JSONField(_("reason"), null=True, blank=True)
    # Of what was fetched last: its bytes, and what the server knows them by.
    sha256 = models.CharField(max_length=64, blank=True)
    etag = models.CharField(max_length=300, blank=True)
    last_modified = models.CharField(max_length=300, blank=True)

    objects = PhotoSourceQuerySet.as_manager()

    class Meta:
        verbose_name = _("photo download")
        verbose_name_plural = _("photo downloads")
        ordering = ("article", "position", "pk")
        indexes = [models.Index(fields=["host", "due"], name="photo_source_due")]
        constraints = [models.UniqueConstraint(fields=["article", "url"], name="one_source_an_address")]

    def __str__(self) -> str:
        return self.url

    def held(self) -> LeasedQuerySet[Any]:
        # An import that names the picture again has it asked for anew, whatever the fetch under way brings.
        return super().held().filter(due=self.due)

    @property
    def state(self) -> str:
        """Whether it is "waiting", "fetched" or "failed"."""
        if self.due is not None:
            return "waiting"
        return "failed" if self.error else "fetched"


def digest_of(file: Any) -> str:
    """Return the SHA-256 of a file's bytes as hexadecimal digits, and leave it at its beginning."""
    file.seek(0)
    digest = hashlib.file_digest(file, "sha256").hexdigest()
    file.seek(0)
    return digest
