"""Filters of the admin's list of articles."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalogue.models import Article, Category, Photo
from catalogue.models.querysets import ArticleQuerySet


class CategoryFilter(admin.SimpleListFilter):
    """Articles of a category and its descendants; the choices are indented by depth, in tree order."""

    title = _("category")
    parameter_name = "category"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        tree = Category.objects.order_by("path")
        return [
            *((category.slug, "\N{EN DASH} " * (category.depth - 1) + category.title) for category in tree),
            ("-", gettext("None")),
        ]

    def queryset(self, request: HttpRequest, articles: QuerySet[Article]) -> QuerySet[Article]:
        if self.value() == "-":
            return articles.filter(category=None)
        chosen = Category.objects.filter(slug=self.value()).first() if self.value() else None
        return cast(ArticleQuerySet, articles).in_category(chosen) if chosen else articles


class StockFilter(admin.SimpleListFilter):
    """Articles that can be bought, or that are sold out."""

    title = _("stock")
    parameter_name = "in_stock"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", gettext("In stock")), ("no", gettext("Sold out"))]

    def queryset(self, request: HttpRequest, articles: QuerySet[Article]) -> QuerySet[Article]:
        match self.value():
            case "yes":
                return cast(ArticleQuerySet, articles).in_stock()
            case "no":
                return articles.filter(stock=0)
        return articles


class ProposedFilter(admin.SimpleListFilter):
    """Articles of which something was proposed from their photos, and nobody has looked at it."""

    title = _("proposals from photos")
    parameter_name = "proposed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", gettext("To be confirmed"))]

    def queryset(self, request: HttpRequest, articles: QuerySet[Article]) -> QuerySet[Article]:
        return articles.exclude(proposed=[]) if self.value() == "yes" else articles


class PhotoFilter(admin.SimpleListFilter):
    """Articles that have photos, or none; or none and are published, so that nobody finds them by photo."""

    title = _("photos")
    parameter_name = "photos"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("yes", gettext("With photos")),
            ("no", gettext("Without photos")),
            ("missing", gettext("Published without photos")),
        ]

    def queryset(self, request: HttpRequest, articles: QuerySet[Article]) -> QuerySet[Article]:
        has_photos = Exists(Photo.objects.filter(article=OuterRef("pk")))
        match self.value():
            case "yes":
                return articles.filter(has_photos)
            case "no":
                return articles.filter(~has_photos)
            case "missing":
                return articles.filter(~has_photos, published=True)
        return articles
