"""What is sold: categories, brands, articles, and their photos."""

from __future__ import annotations

import hashlib
from pathlib import PurePath
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.files.storage import Storage, storages
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from treebeard.mp_tree import MP_Node

from catalogue.api_models import KeptAnswer, PartnerApp  # noqa: F401  (Django looks for models here)
from catalogue.import_models import ImportRefusal, ImportRun  # noqa: F401  (Django looks for models here)
from catalogue.querysets import ArticleQuerySet, PhotoQuerySet, PhotoSourceQuerySet

# An address longer than this is nobody's, and PostgreSQL's index takes none beyond 2,700.
URL_AT_MOST = 2_000


def photo_storage() -> Storage:
    """Return the store of photo files, named "photos" in settings.STORAGES."""
    return storages["photos"]


def photo_path(photo: Photo, filename: str) -> str:
    """Return where a photo's file goes: a name of ours, since the given one is not to be trusted."""
    name = uuid4().hex
    return f"{name[:2]}/{name}{PurePath(filename).suffix.lower()[:8]}"


def default_currency() -> str:
    return str(settings.CURRENCY)


def in_language(english: str, french: str) -> str:
    """Return the text in the active language; where the French one is empty, the other serves for both."""
    return french if french and (get_language() or "").startswith("fr") else english


class Named(models.Model):
    """Something with a name in two languages and a slug."""

    name = models.CharField(_("name"), max_length=200)
    name_fr = models.CharField(_("name in French"), max_length=200, blank=True, help_text=_("Empty: the same."))
    slug = models.SlugField(_("slug"), max_length=100, unique=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        return in_language(self.name, self.name_fr)


class Category(Named, MP_Node):  # type: ignore[django-manager-missing]  # its base is untyped
    """A kind of garment, in a tree: an article of a category is also one of every category above."""

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")

    def get_absolute_url(self) -> str:
        return reverse("catalogue:category", args=[self.slug])


class Brand(Named):
    """Who makes an article."""

    class Meta:
        verbose_name = _("brand")
        verbose_name_plural = _("brands")
        ordering = ("name",)


class Colour(Named):
    """A colour that shoppers filter by."""

    hex = models.CharField(
        _("swatch"),
        max_length=7,
        default="#808080",
        validators=[RegexValidator(r"^#[0-9a-fA-F]{6}$", _("A colour is # and six hexadecimal digits."))],
        help_text=_("As in #1f3a5f."),
    )

    class Meta:
        verbose_name = _("colour")
        verbose_name_plural = _("colours")
        ordering = ("name",)


class Article(models.Model):
    """Something that the shop sells, shown by one or more photos."""

    sku = models.CharField(_("SKU"), max_length=100, unique=True, help_text=_("The shop's own number of the article."))
    name = models.CharField(_("name"), max_length=200)
    name_fr = models.CharField(_("name in French"), max_length=200, blank=True, help_text=_("Empty: the same."))
    slug = models.SlugField(_("slug"), max_length=120, blank=True, help_text=_("Empty: made from the name."))
    description = models.TextField(_("description"), blank=True)
    description_fr = models.TextField(_("description in French"), blank=True, help_text=_("Empty: the same."))
    category = models.ForeignKey(
        Category, models.PROTECT, related_name="articles", null=True, blank=True, verbose_name=_("category")
    )
    brand = models.ForeignKey(
        Brand, models.PROTECT, related_name="articles", null=True, blank=True, verbose_name=_("brand")
    )
    price = models.DecimalField(
        _("price"), max_digits=10, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    currency = models.CharField(
        _("currency"),
        max_length=3,
        default=default_currency,
        validators=[RegexValidator(r"^[A-Z]{3}$", _("A currency is three capital letters, as in EUR."))],
    )
    colours = models.ManyToManyField(Colour, related_name="articles", blank=True, verbose_name=_("colours"))
    sizes = models.JSONField(_("sizes"), default=list, blank=True, help_text=_('A list, as in ["S", "M", "L"].'))
    stock = models.PositiveIntegerField(
        _("stock"), null=True, blank=True, help_text=_("Empty: not counted, always in stock.")
    )
    published = models.BooleanField(_("published"), default=True, db_index=True)
    created = models.DateTimeField(_("created"), auto_now_add=True)
    updated = models.DateTimeField(_("updated"), auto_now=True)

    objects = ArticleQuerySet.as_manager()

    class Meta:
        verbose_name = _("article")
        verbose_name_plural = _("articles")
        ordering = ("-created", "-pk")
        indexes = [
            models.Index(fields=["price"], name="article_price"),
            models.Index(fields=["-created", "-id"], name="article_newest"),
            # Counts the articles of each category, and finds the newest of each, without reading the articles.
            models.Index(fields=["category", "published", "-created", "-id"], name="article_category_newest"),
            # The counts beside the filters are read from these alone (100,000 articles by brand: 13 ms, without 202).
            models.Index(fields=["category", "published", "stock", "price"], name="article_category_facets"),
            models.Index(fields=["brand", "published", "stock", "price"], name="article_brand_facets"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(price__isnull=True) | Q(price__gte=0), name="article_price_not_negative")
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.sku})"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self.slug:
            self.slug = article_slug(self.name)
            if kwargs.get("update_fields") is not None:
                kwargs["update_fields"] = {*kwargs["update_fields"], "slug"}
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("catalogue:article", args=[self.slug, self.pk])

    @property
    def title(self) -> str:
        return in_language(self.name, self.name_fr)

    @property
    def text(self) -> str:
        """The description in the active language."""
        return in_language(self.description, self.description_fr)

    @property
    def in_stock(self) -> bool:
        return self.stock is None or self.stock > 0


def article_slug(name: str) -> str:
    """Return the slug of an article of this name; a name without a Latin letter or digit gives "article"."""
    return slugify(name)[:120].strip("-") or "article"


class Photo(models.Model):
    """One view of an article. The file is kept as it came, and served only as renditions."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="photos", verbose_name=_("article"))
    file = models.FileField(_("file"), storage=photo_storage, upload_to=photo_path, max_length=200)
    position = models.PositiveIntegerField(_("position"), default=0, db_index=True)
    alt = models.CharField(
        _("alternative text"), max_length=200, blank=True, help_text=_("What it shows, for those who cannot see it.")
    )
    sha256 = models.CharField(_("SHA-256"), max_length=64, blank=True, editable=False, db_index=True)
    created = models.DateTimeField(_("created"), auto_now_add=True)

    objects = PhotoQuerySet.as_manager()

    # Name and digest of the file that an uncommitted change took the place of, to be removed once the row is saved.
    replaced_file: tuple[str, str] | None = None

    class Meta:
        verbose_name = _("photo")
        verbose_name_plural = _("photos")
        ordering = ("position", "pk")

    def __str__(self) -> str:
        return f"{self.article_id}/{self.pk}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self.file._committed:  # type: ignore[attr-defined]  # Django's own, and the only way to know
            self.sha256 = digest_of(self.file)
            if self.pk:
                self.replaced_file = Photo.objects.filter(pk=self.pk).values_list("file", "sha256").first()
            if kwargs.get("update_fields") is not None:
                kwargs["update_fields"] = {*kwargs["update_fields"], "sha256"}
        super().save(*args, **kwargs)

    def image_url(self, width: int, kind: str = "webp") -> str:
        """Return the address of this photo's rendition, `width` pixels wide."""
        return reverse("rendition", args=[self.pk, self.sha256[:16] or "0", width, kind])

    @property
    def description(self) -> str:
        """What a reader without pictures is told: the photo's own text, else the article's name."""
        return self.alt or self.article.title


class PhotoSource(models.Model):
    """A picture that an article is to have, by the address it is fetched from; and what became of the fetching.

    It waits as long as `due` is set. Otherwise it was fetched, or has failed where there is a `reason`.
    """

    article = models.ForeignKey(Article, models.CASCADE, related_name="photo_sources", verbose_name=_("article"))
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
    # How often it was tried in vain since it was asked for.
    attempts = models.PositiveSmallIntegerField(default=0)
    reason = models.TextField(_("reason"), blank=True)
    # Of what was fetched last: its bytes, and what the server knows them by.
    sha256 = models.CharField(max_length=64, blank=True)
    etag = models.CharField(max_length=300, blank=True)
    last_modified = models.CharField(max_length=300, blank=True)

    objects = PhotoSourceQuerySet.as_manager()

    class Meta:
        verbose_name = _("photo from an address")
        verbose_name_plural = _("photos from addresses")
        ordering = ("article", "position", "pk")
        indexes = [models.Index(fields=["host", "due"], name="photo_source_due")]
        constraints = [models.UniqueConstraint(fields=["article", "url"], name="one_source_an_address")]

    def __str__(self) -> str:
        return self.url

    @property
    def state(self) -> str:
        """Whether it is "waiting", "fetched" or "failed"."""
        if self.due is not None:
            return "waiting"
        return "failed" if self.reason else "fetched"


def digest_of(file: Any) -> str:
    """Return the SHA-256 of a file's bytes as hexadecimal digits, and leave it at its beginning."""
    file.seek(0)
    digest = hashlib.file_digest(file, "sha256").hexdigest()
    file.seek(0)
    return digest
