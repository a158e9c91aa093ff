"""Sitemaps for search engines: every page of the shop, in both languages."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.contrib.sitemaps import Sitemap
from django.urls import reverse

from catalogue.browsing.tree import category_tree, in_use, walk
from catalogue.models import Article, Category
from catalogue.models.querysets import ArticleQuerySet

if TYPE_CHECKING:
    ArticlePages = Sitemap[Article]
    CategoryPages = Sitemap[Category]
    NamedPages = Sitemap[str]
else:
    # Sitemap is generic only in its type stubs.
    ArticlePages = CategoryPages = NamedPages = Sitemap


class ArticleSitemap(ArticlePages):
    """Published articles."""

    i18n = True
    alternates = True
    # Entries of a file, one per article and language. The protocol allows 50,000.
    limit = 10_000

    def items(self) -> ArticleQuerySet:
        return Article.objects.published().only("pk", "slug", "updated").order_by("pk")

    def lastmod(self, article: Article) -> datetime:
        return article.updated


class CategorySitemap(CategoryPages):
    """Categories with articles, at any depth."""

    i18n = True
    alternates = True

    def items(self) -> list[Category]:
        return [branch.category for branch in walk(in_use(category_tree()))]


class PageSitemap(NamedPages):
    """Pages that exist whatever the catalogue contains."""

    i18n = True
    alternates = True

    def items(self) -> list[str]:
        return ["catalogue:home", "catalogue:articles"]

    def location(self, name: str) -> str:
        return reverse(name)


SITEMAPS = {"pages": PageSitemap, "categories": CategorySitemap, "articles": ArticleSitemap}
