"""Reads of the catalogue, to be chained."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from catalogue.models.jobs import LeasedQuerySet
from catalogue.models.variants import Variant

if TYPE_CHECKING:
    from catalogue.models.articles import Article, Category  # noqa: F401  (named in quotes below)
    from catalogue.models.photos import Photo, PhotoSource  # noqa: F401  (as above)


class ArticleQuerySet(models.QuerySet["Article"]):
    """Articles."""

    def published(self) -> ArticleQuerySet:
        return self.filter(published=True)

    def in_category(self, category: Category) -> ArticleQuerySet:
        """Keep the articles of a category and of every one below, also where it is an additional one."""
        return self.in_any_category([category])

    def in_any_category(self, categories: Iterable[Category]) -> ArticleQuerySet:
        """Keep the articles of any of these categories and those below them."""
        condition = Q(pk__in=[])
        additional = self.model.additional_categories.through.objects
        for category in categories:
            listed = additional.filter(category__path__startswith=category.path)
            # A list of ids, made once: an EXISTS would be asked of every article.
            condition |= Q(category__path__startswith=category.path) | Q(pk__in=listed.values("article"))
        return self.filter(condition)

    def in_stock(self) -> ArticleQuerySet:
        return self.filter(Q(stock__isnull=True) | Q(stock__gt=0))

    def mentioning(self, text: str) -> ArticleQuerySet:
        """Keep the articles that mention every word of `text`, in either language; a variant's SKU or barcode whole."""
        found = self
        # What a scanner or a label says: a variant's number, which may have spaces.
        called = _of_variants(text.strip()) if text.strip() else Q()
        for word in text.split():
            found = found.filter(
                Q(name__icontains=word)
                | Q(name_fr__icontains=word)
                | Q(sku__icontains=word)
                | Q(description__icontains=word)
                | Q(description_fr__icontains=word)
                | Q(brand__name__icontains=word)
                | Q(category__name__icontains=word)
                | Q(category__name_fr__icontains=word)
                | _of_variants(word)
                | called
            )
        return found

    def for_page(self) -> ArticleQuerySet:
        """Fetch with them, in a fixed number of queries, what an article's own page shows."""
        return self._illustrated().prefetch_related("variants__colour")

    def for_display(self) -> ArticleQuerySet:
        """Fetch with them, in a fixed number of queries, what a list of articles shows; no longer texts."""
        return self._illustrated().defer("description", "description_fr", "sizes", "created", "updated")

    def _illustrated(self) -> ArticleQuerySet:
        return self.select_related("category", "brand").prefetch_related("photos")


def _of_variants(text: str) -> Q:
    """Return the condition that one of an article's variants has just this SKU or barcode."""
    return Q(pk__in=Variant.objects.called(text).values("article"))


class PhotoQuerySet(models.QuerySet["Photo"]):
    """Photos."""

    def of_published_articles(self) -> PhotoQuerySet:
        return self.filter(article__published=True)


class PhotoSourceQuerySet(LeasedQuerySet["PhotoSource"]):
    """Photos from addresses, by their state."""

    def waiting(self) -> Self:
        return self.filter(due__isnull=False)

    def fetched(self) -> PhotoSourceQuerySet:
        return self.filter(due__isnull=True, error__isnull=True)

    def failed(self) -> PhotoSourceQuerySet:
        return self.filter(due__isnull=True, error__isnull=False)
