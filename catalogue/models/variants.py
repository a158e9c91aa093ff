"""Variants: what of an article is sold apart, a row for each size, with its own SKU, barcode and stock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.core.validators import MaxValueValidator
from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalogue.models.recording import note_changed, recording

if TYPE_CHECKING:
    from catalogue.models.articles import Article

# The most that the column holds on PostgreSQL; SQLite would take more.
MAX_STOCK = 2_147_483_647
MAX_SIZE, MAX_SKU, MAX_BARCODE = 200, 100, 50


class VariantQuerySet(models.QuerySet["Variant"]):
    """Variants."""

    def in_stock(self) -> VariantQuerySet:
        """Keep what can be bought. A variant that is not counted is in stock where its article is."""
        of_article = Q(article__stock__isnull=True) | Q(article__stock__gt=0)
        return self.filter(Q(stock__gt=0) | (Q(stock__isnull=True) & of_article))

    def called(self, text: str) -> VariantQuerySet:
        """Keep those whose SKU or barcode is just this text, in whatever capitals it is written."""
        spellings = {text, text.upper(), text.lower()}
        return self.filter(Q(sku__in=spellings) | Q(barcode=text))


class Variant(models.Model):
    """A size of an article, or a size in one of its colours; without a size, the article as it is sold."""

    article = models.ForeignKey("catalogue.Article", models.CASCADE, related_name="variants", verbose_name=_("product"))
    position = models.PositiveIntegerField(_("position"), default=0)
    size = models.CharField(_("size"), max_length=MAX_SIZE, blank=True)
    colour = models.ForeignKey(
        "catalogue.Colour", models.SET_NULL, related_name="+", null=True, blank=True, verbose_name=_("colour")
    )
    sku = models.CharField(_("SKU"), max_length=MAX_SKU, blank=True, db_index=True)
    barcode = models.CharField(
        _("barcode"), max_length=MAX_BARCODE, blank=True, db_index=True, help_text=_("GTIN, EAN or UPC.")
    )
    stock = models.PositiveIntegerField(
        _("stock"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(MAX_STOCK)],
        help_text=_("Leave empty if stock is not counted by size."),
    )

    objects = VariantQuerySet.as_manager()

    class Meta:
        verbose_name = _("variant")
        verbose_name_plural = _("variants")
        ordering = ("position", "pk")
        indexes = [models.Index(fields=["size", "article", "stock"], name="variant_size")]

    def __str__(self) -> str:
        named = " / ".join(filter(None, (self.size, self.colour.title if self.colour else "")))
        return named or self.sku or self.barcode

    @property
    def plain(self) -> bool:
        """Whether it says no more than its size."""
        return not (self.sku or self.barcode or self.colour_id) and self.stock is None


def total_stock(variants: Iterable[Variant], otherwise: int | None) -> int | None:
    """Return the stock of an article with these variants: their sum, None if one of them is not counted.

    `otherwise`, the article's own, where none is counted.
    """
    stocks = [variant.stock for variant in variants]
    counted = [stock for stock in stocks if stock is not None]
    if not counted:
        return otherwise
    return min(sum(counted), MAX_STOCK) if len(counted) == len(stocks) else None


def is_counted(variants: Iterable[Variant]) -> bool:
    """Return whether an article's stock is that of its variants."""
    return any(variant.stock is not None for variant in variants)


def sizes_of(variants: Iterable[Variant]) -> list[str]:
    """Return the sizes of variants, each once."""
    return list(dict.fromkeys(variant.size for variant in variants if variant.size))


def arrange(article: Article, variants: Sequence[Variant]) -> list[Variant]:
    """Return those of the variants whose size the article has, and new ones for its other sizes, in the sizes' order.

    Where all are counted, a new one is sold out until somebody counts it. Positions are set; nothing is written.
    """
    place = {size: number for number, size in enumerate(dict.fromkeys(map(str, article.sizes)))}
    kept = [variant for variant in variants if not variant.size or variant.size in place]
    counted = bool(kept) and all(variant.stock is not None for variant in kept)
    known = {variant.size for variant in kept}
    made = [
        Variant(article=article, size=size[:MAX_SIZE], stock=0 if counted else None)
        for size in place
        if size and size not in known
    ]
    arranged = sorted([*kept, *made], key=lambda variant: place.get(variant.size, len(place)))
    for number, variant in enumerate(arranged):
        variant.position = number
    return arranged


def variant_values(variants: Iterable[Variant]) -> list[list[Any]]:
    """Return variants as an edit keeps them, [size, colour's id, SKU, barcode, stock] each; none if all are plain.

    Those follow from the sizes of their article.
    """
    rows = list(variants)
    if all(variant.plain for variant in rows):
        return []
    return [[row.size, row.colour_id, row.sku, row.barcode, row.stock] for row in rows]


@contextmanager
def recorded_variants(article: Article) -> Iterator[None]:
    """Record how the variants of an article change within."""
    with transaction.atomic():
        before = variant_values(Variant.objects.filter(article=article))
        yield
        note_changed(article, "variants", before, variant_values(Variant.objects.filter(article=article)))


def follow_sizes(article: Article) -> None:
    """Write a variant for each size of an article, delete those of sizes that it has no more, and sum up its stock."""
    # Not those that were fetched with the article, which may have changed since.
    present = list(Variant.objects.filter(article=article))
    before, values = {variant.pk: variant.position for variant in present}, variant_values(present)
    arranged = arrange(article, present)
    kept = {variant.pk for variant in arranged}
    if gone := [pk for pk in before if pk not in kept]:
        Variant.objects.filter(pk__in=gone).delete()
    Variant.objects.bulk_create(variant for variant in arranged if variant.pk is None)
    moved = [variant for variant in arranged if before.get(variant.pk, variant.position) != variant.position]
    Variant.objects.bulk_update(moved, ["position"])
    note_changed(article, "variants", values, variant_values(arranged))
    stock = total_stock(arranged, article.stock)
    if stock != article.stock:
        type(article).objects.filter(pk=article.pk).update(stock=stock)
        article.stock = stock


def replace_variants(article: Article, variants: Sequence[Variant]) -> None:
    """Give an article these variants in place of its own; its sizes are theirs, and its stock is their sum."""
    with transaction.atomic(), recording("command") as made, made.together():
        with recorded_variants(article):
            set_variants(article, variants)
        article.sizes = sizes_of(variants)
        article.save(update_fields=["sizes", "updated"])


def set_variants(article: Article, variants: Sequence[Variant]) -> None:
    """Write these variants in place of an article's own, and nothing else."""
    Variant.objects.filter(article=article).delete()
    for number, variant in enumerate(variants):
        variant.article, variant.position = article, number
    Variant.objects.bulk_create(variants)


def variants_of(values: Iterable[Sequence[Any]]) -> list[Variant]:
    """Return variants, not yet written, from what an edit keeps of them."""
    return [
        Variant(size=size, colour_id=colour, sku=sku, barcode=barcode, stock=stock)
        for size, colour, sku, barcode, stock in values
    ]
