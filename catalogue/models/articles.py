"""What is sold: categories, brands, articles, and their photos."""

from __future__ import annotations

from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from treebeard.mp_tree import MP_Node

from catalogue.models.addresses import address_to
from catalogue.models.querysets import ArticleQuerySet, BinnedArticles, LiveArticles
from catalogue.models.recording import Recorded, recording
from catalogue.models.variants import MAX_STOCK, follow_sizes
from catalogue.naming import derive_slug

if TYPE_CHECKING:
    from catalogue.models.photos import Photo

MAX_STYLE_NUMBER = 100
# What can be proposed of an article from its photos, and the fields that hold it.
PROPOSABLE: dict[str, tuple[str, ...]] = {
    "category": ("category", "category_id"), "name": ("name", "name_fr", "slug"), "colours": ("colours",)
}  # fmt: skip
NOT_A_REDUCTION = _("The regular price must be higher than the price. Leave it empty if the product is not on sale.")


def default_currency() -> str:
    return str(settings.CURRENCY)


def in_language(english: str, french: str) -> str:
    """Return the text in the active language; where the French one is empty, the other serves for both."""
    return french if french and (get_language() or "").startswith("fr") else english


class Named(Recorded):
    """Something with a name in two languages and a slug."""

    RECORDED: ClassVar[tuple[str, ...]] = ("name", "name_fr", "slug")

    name = models.CharField(_("name"), max_length=200)
    name_fr = models.CharField(
        _("name in French"), max_length=200, blank=True, help_text=_("Leave empty to keep the English text.")
    )
    slug = models.SlugField(_("address (slug)"), max_length=100, unique=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        return in_language(self.name, self.name_fr)


class Category(Named, MP_Node):  # type: ignore[django-manager-missing]  # its base is untyped
    """A kind of garment, in a tree: an article of a category is also one of every category above."""

    KIND = "category"

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")

    def get_absolute_url(self) -> str:
        return reverse("catalogue:category", args=[self.slug])


class Brand(Named):
    """Who makes an article."""

    KIND = "brand"

    class Meta:
        verbose_name = _("brand")
        verbose_name_plural = _("brands")
        ordering = ("name",)


class Colour(Named):
    """A colour that shoppers filter by."""

    KIND = "colour"
    RECORDED = (*Named.RECORDED, "hex")

    hex = models.CharField(
        _("swatch"),
        max_length=7,
        default="#808080",
        validators=[
            RegexValidator(
                r"^#[0-9a-fA-F]{6}$", _("Enter # and six digits or letters from a to f, for example #1f3a5f.")
            )
        ],
        help_text=_("For example #1f3a5f."),
    )

    class Meta:
        verbose_name = _("colour")
        verbose_name_plural = _("colours")
        ordering = ("name",)


class Article(Recorded):
    """Something that the shop sells, shown by one or more photos.

    One that is deleted lies in the bin for settings.BIN_DAYS: `objects` leaves it out, `all_objects` has it.
    """

    KIND = "article"
    RECORDED = (
        "sku", "name", "name_fr", "slug", "description", "description_fr", "category_id", "brand_id", "price",
        "regular_price", "currency", "sizes", "stock", "published", "style_number",
        "proposed",
    )  # fmt: skip
    # Its relations whose changes are kept, as lists of ids.
    RECORDED_RELATIONS = ("colours", "additional_categories")

    sku = models.CharField(_("SKU"), max_length=100, help_text=_("Your own product number."))
    style_number = models.CharField(
        _("style number"),
        max_length=MAX_STYLE_NUMBER,
        blank=True,
        help_text=_("Products with the same style number are colours of one design. Their pages link to each other."),
    )
    name = models.CharField(_("name"), max_length=200)
    name_fr = models.CharField(
        _("name in French"), max_length=200, blank=True, help_text=_("Leave empty to keep the English text.")
    )
    slug = models.SlugField(
        _("address (slug)"), max_length=120, blank=True, help_text=_("Leave empty to create it from the name.")
    )
    description = models.TextField(_("description"), blank=True)
    description_fr = models.TextField(
        _("description in French"), blank=True, help_text=_("Leave empty to keep the English text.")
    )
    category = models.ForeignKey(
        Category, models.PROTECT, related_name="articles", null=True, blank=True, verbose_name=_("category")
    )
    additional_categories = models.ManyToManyField(
        Category,
        related_name="additional_articles",
        blank=True,
        verbose_name=_("additional categories"),
        help_text=_("Other categories that list the product. Its address stays that of its main category."),
    )
    brand = models.ForeignKey(
        Brand, models.PROTECT, related_name="articles", null=True, blank=True, verbose_name=_("brand")
    )
    price = models.DecimalField(
        _("price"), max_digits=10, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    regular_price = models.DecimalField(
        _("regular price"),
        max_digits=10,
        decimal_places=2,
        null=True,
        blank=True,
        help_text=_("The price before the reduction, shown struck through. Leave empty if the product is not on sale."),
    )
    currency = models.CharField(
        _("currency"),
        max_length=3,
        default=default_currency,
        validators=[RegexValidator(r"^[A-Z]{3}$", _("Enter three capital letters, for example EUR."))],
    )
    colours = models.ManyToManyField(Colour, related_name="articles", blank=True, verbose_name=_("colours"))
    sizes = models.JSONField(_("sizes"), default=list, blank=True, help_text=_('A list, as in ["S", "M", "L"].'))
    stock = models.PositiveIntegerField(
        _("stock"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(MAX_STOCK)],
        help_text=_("Leave empty if stock is not counted: the product is always in stock."),
    )
    published = models.BooleanField(_("published"), default=True, db_index=True)
    # Keys of PROPOSABLE: what was read from the photos, and no person has looked at.
    proposed = models.JSONField(_("suggested from the photos"), default=list, blank=True, editable=False)
    created = models.DateTimeField(_("created"), auto_now_add=True)
    updated = models.DateTimeField(_("updated"), auto_now=True)

    # Ids by relation, while they are being changed.
    related_before: dict[str, list[int]] | None = None

    # When it was put into the bin.
    deleted = models.DateTimeField(_("deleted"), null=True, blank=True, editable=False)

    objects = LiveArticles()
    all_objects = ArticleQuerySet.as_manager()

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering = ("-created", "-pk")
        indexes = [
            models.Index(fields=["price"], name="article_price"),
            # Lists the currencies without reading the articles, nor walking past those that shoppers do not see.
            models.Index(
                fields=["currency", "price"],
                condition=Q(published=True, deleted__isnull=True, price__isnull=False),
                name="article_currency_price",
            ),
            models.Index(fields=["style_number"], name="article_style_number"),
            models.Index(fields=["-created", "-id"], name="article_newest"),
            # Of the bin alone: SQLite would take one of all rows to find those that are not in it, which is nearly all.
            models.Index(fields=["deleted"], condition=Q(deleted__isnull=False), name="article_in_bin"),
            # Counts the articles of each category, and finds the newest of each, without reading the articles.
            models.Index(
                fields=["category", "published", "-created", "-id", "deleted"], name="article_category_newest"
            ),
            # The counts beside the filters are read from these alone (100,000 articles by brand: 13 ms, without 202).
            models.Index(fields=["category", "published", "stock", "price", "deleted"], name="article_category_facets"),
            models.Index(fields=["brand", "published", "stock", "price", "deleted"], name="article_brand_facets"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(price__isnull=True) | Q(price__gte=0), name="article_price_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(regular_price__isnull=True) | (Q(price__isnull=False) & Q(regular_price__gt=F("price"))),
                name="article_regular_price_higher",
                violation_error_message=NOT_A_REDUCTION,
            ),
            # A new article may have the SKU of one in the bin, which then cannot be restored.
            models.UniqueConstraint(
                fields=["sku"],
                condition=Q(deleted__isnull=True),
                name="article_sku_unique",
                violation_error_message=_("Another product already has this SKU."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.sku})"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self.slug:
            self.slug = article_slug(self.name)
            if kwargs.get("update_fields") is not None:
                kwargs["update_fields"] = {*kwargs["update_fields"], "slug"}
        new, fields = self._state.adding, kwargs.get("update_fields")
        with transaction.atomic(), recording("command") as made, made.together():
            super().save(*args, **kwargs)
            if (self.sizes or not new) and (fields is None or "sizes" in fields):
                follow_sizes(self)

    def with_confirmed(self, values: dict[str, Any], *others: str) -> dict[str, Any]:
        """Return values that a person states of this article, and what follows: they are proposed no longer.

        `others` are fields stated beside them. A French name that was proposed goes with the name that it translated.
        """
        if not self.proposed:
            return values
        stated = {*values, *others}
        more: dict[str, Any] = {}
        if "name" in self.proposed and "name" in values and "name_fr" not in values:
            more["name_fr"] = ""
        more["proposed"] = [name for name in self.proposed if stated.isdisjoint(PROPOSABLE[name])]
        return values | more

    def get_absolute_url(self) -> str:
        return address_to("catalogue:article", self.slug, self.pk)

    def clean(self) -> None:
        if self.regular_price is not None and not is_reduction(self.price, self.regular_price):
            raise ValidationError({"regular_price": NOT_A_REDUCTION})

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Put the article into the bin with its photos."""
        return type(self).objects.filter(pk=self.pk).delete()

    @property
    def recorded_name(self) -> str:
        return self.sku

    @property
    def recorded_article(self) -> int | None:
        return self.pk

    def related_ids(self, relation: str) -> list[int]:
        """Return the ids of what a relation leads to, as they are stored now."""
        rows: Any = getattr(self, relation)
        return sorted(rows.order_by().values_list("pk", flat=True))

    @property
    def title(self) -> str:
        return in_language(self.name, self.name_fr)

    @property
    def text(self) -> str:
        """The description in the active language."""
        return in_language(self.description, self.description_fr)

    @property
    def reduced(self) -> bool:
        """Whether there is a price before a reduction."""
        return self.regular_price is not None

    @cached_property
    def cover(self) -> Photo | None:
        """The first photo, which lists show; None without any."""
        # Iterated, not sliced or ordered: either would ignore prefetched photos.
        return next(iter(self.photos.all()), None)

    @property
    def in_stock(self) -> bool:
        return self.stock is None or self.stock > 0

    @property
    def size_choices(self) -> list[tuple[str, bool]]:
        """Each size, and whether it can be bought. Fetch the variants with the article."""
        rows = [(variant.size, variant.stock) for variant in self.variants.all()]
        available = {size for size, stock in rows if (self.in_stock if stock is None else stock > 0)}
        # A size without a row is one that only just came.
        known = {size for size, _ in rows}
        return [(size, size in available if size in known else self.in_stock) for size in map(str, self.sizes)]


def is_reduction(price: Decimal | None, regular_price: Decimal) -> bool:
    """Return whether a price is lower than the regular price."""
    return price is not None and price < regular_price


class BinnedArticle(Article):
    """An article in the bin, for the admin's list of them."""

    objects = BinnedArticles()  # type: ignore[assignment,misc]  # other rows of the same table

    class Meta:
        proxy = True
        verbose_name = _("product in the bin")
        verbose_name_plural = _("products in the bin")
        ordering = ("-deleted", "-pk")


def article_slug(name: str) -> str:
    """Return the slug of an article of this name; a name without a letter or digit gives "product"."""
    return derive_slug(name, at_most=120, default="article")
