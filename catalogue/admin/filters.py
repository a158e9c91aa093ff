"""Filters of the admin's lists of articles, imports and feeds."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalogue.models import Article, Category, ImportRun, Photo, ScheduledFeed
from catalogue.models.imports import ImportRunQuerySet
from catalogue.models.querysets import ArticleQuerySet
from catalogue.models.scheduled_feeds import ScheduledFeedQuerySet


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

    title = _("suggestions from photos")
    parameter_name = "proposed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", gettext("To be checked"))]

    def queryset(self, request: HttpRequest, articles: QuerySet[Article]) -> QuerySet[Article]:
        if self.value() != "yes":
            return articles
        return cast(ArticleQuerySet, articles).with_proposals()


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
        found, has_photos = cast(ArticleQuerySet, articles), Exists(Photo.objects.filter(article=OuterRef("pk")))
        match self.value():
            case "yes":
                return articles.filter(has_photos)
            case "no":
                return found.without_photos(of_all=True)
            case "missing":
                return found.without_photos(of_all=True).filter(published=True)
        return articles


class ImportFilter(admin.SimpleListFilter):
    """Imports that wait for staff, or that left out rows lately."""

    title = _("status")
    parameter_name = "todo"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("waiting", gettext("Waiting for you")), ("errors", gettext("Recent, with errors"))]

    def queryset(self, request: HttpRequest, runs: QuerySet[ImportRun]) -> QuerySet[ImportRun]:
        found = cast(ImportRunQuerySet, runs)
        match self.value():
            case "waiting":
                return found.waiting_for_staff()
            case "errors":
                return found.with_recent_errors()
        return runs


class FeedFilter(admin.SimpleListFilter):
    """Feeds that fail, or that wait for an answer of staff."""

    title = _("status")
    parameter_name = "todo"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("failing", gettext("Failing")), ("asking", gettext("Waiting for your answer"))]

    def queryset(self, request: HttpRequest, feeds: QuerySet[ScheduledFeed]) -> QuerySet[ScheduledFeed]:
        found = cast(ScheduledFeedQuerySet, feeds)
        match self.value():
            case "failing":
                return found.failing()
            case "asking":
                return found.asking()
        return feeds
