"""Admin pages of what articles are filed under: the category tree, brands and colours."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from treebeard.admin import TreeAdmin
from treebeard.forms import MoveNodeForm, movenodeform_factory

from catalogue.admin.concurrent import KeepsOthersChanges
from catalogue.admin.history import KeepsHistory
from catalogue.models import Article, Brand, Category, Colour

# The result of get_deleted_objects: objects, number of each model, missing permissions, objects that prevent deletion.
Deletion = tuple[list[Any], dict[str, int], set[str], list[Any]]
BIN = "admin:catalogue_binnedarticle_changelist"
LIVE = Count("articles", filter=Q(articles__deleted__isnull=True))
BINNED = Count("articles", filter=Q(articles__deleted__isnull=False))


class CountsArticles:
    """Mixin: a column with the number of articles of each row, linked to their list."""

    # The parameter that filters the list of articles by a row, and the row's field with its value.
    article_filter: tuple[str, str]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)  # type: ignore[misc]  # of the ModelAdmin mixed into
        counted: QuerySet[Any] = rows.annotate(count_of_articles=LIVE)
        return counted

    @admin.display(description=_("products"), ordering="count_of_articles")
    def article_count(self, row: Any) -> SafeString:
        return format_html('<a href="{}">{}</a>', self.articles_url(row), row.count_of_articles)

    def articles_url(self, row: Any) -> str:
        parameter, field = self.article_filter
        return f"{reverse('admin:catalogue_article_changelist')}?{parameter}={getattr(row, field)}"


class KeepsArticles(CountsArticles):
    """Mixin: prevents the deletion of rows that have articles, and links to these."""

    def deleted_with(self, rows: Iterable[Any]) -> QuerySet[Any]:
        """Return the rows that are deleted with `rows`, including these."""
        model: type[Model] = self.model  # type: ignore[attr-defined]  # of the ModelAdmin mixed into
        found: QuerySet[Any] = model._default_manager.filter(pk__in=[row.pk for row in rows])
        return found

    def get_deleted_objects(self, objs: Iterable[Any], request: HttpRequest) -> Deletion:
        doomed = self.deleted_with(objs)
        kept = [
            format_html('{}: <a href="{}">{}</a>', row, self.articles_url(row), said_count(row.count_of_articles))
            for row in doomed.annotate(count_of_articles=LIVE).filter(count_of_articles__gt=0)
        ]
        kept += [
            format_html('{}: <a href="{}">{}</a>', row, reverse(BIN), said_in_bin(row.binned))
            for row in doomed.annotate(binned=BINNED).filter(binned__gt=0)
        ]
        if kept:
            return [], {}, set(), kept
        found: Deletion = super().get_deleted_objects(doomed, request)  # type: ignore[misc]  # as above
        return found


def said_in_bin(articles: int) -> str:
    return ngettext("%(n)d product in the bin", "%(n)d products in the bin", articles) % {"n": articles}


def said_count(articles: int) -> str:
    return ngettext("%(n)d product", "%(n)d products", articles) % {"n": articles}


class CategoryForm(KeepsOthersChanges, MoveNodeForm):  # type: ignore[misc]  # no stubs
    """A category, and where it is in the tree."""


@admin.register(Category)
class CategoryAdmin(KeepsHistory, KeepsArticles, TreeAdmin):  # type: ignore[misc]  # no stubs
    """Categories: a tree, rearranged by dragging. Deleting one deletes those below it, if they are empty too."""

    form = movenodeform_factory(Category, form=CategoryForm)
    article_filter = ("category", "slug")
    list_display = ("name", "name_fr", "slug", "article_count")
    search_fields = ("name", "name_fr", "slug")
    prepopulated_fields = {"slug": ("name",)}
    delete_confirmation_template = "admin/catalogue/delete_confirmation.html"
    delete_selected_confirmation_template = "admin/catalogue/delete_selected_confirmation.html"

    @admin.display(description=_("products"))
    def article_count(self, row: Category) -> SafeString:
        # As many as the list has that it leads to: with those of the categories below.
        count = Article.objects.in_category(row).count()
        return format_html('<a href="{}">{}</a>', self.articles_url(row), count)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        # treebeard sets it for GET alone, and the page of a POST without an action reads it.
        request._treebeard_parent = None  # type: ignore[attr-defined]  # as said
        response: HttpResponse = super().changelist_view(request, extra_context)
        return response

    def move_node(self, request: HttpRequest) -> HttpResponse:
        # treebeard asks for it only once it has read the form.
        if not self.has_change_permission(request):
            raise PermissionDenied
        response: HttpResponse = super().move_node(request)
        return response

    def deleted_with(self, rows: Iterable[Category]) -> QuerySet[Category]:
        below = Q(pk__in=[])
        for category in rows:
            below |= Q(path__startswith=category.path)
        return Category.objects.filter(below)


@admin.register(Brand)
class BrandAdmin(KeepsHistory, KeepsArticles, admin.ModelAdmin):  # type: ignore[type-arg]  # no [] at run time
    """Brands. One with articles cannot be deleted."""

    form = KeepsOthersChanges
    article_filter = ("brand__id__exact", "pk")
    list_display = ("name", "name_fr", "slug", "article_count")
    search_fields = ("name", "name_fr")
    prepopulated_fields = {"slug": ("name",)}
    delete_confirmation_template = "admin/catalogue/delete_confirmation.html"
    delete_selected_confirmation_template = "admin/catalogue/delete_selected_confirmation.html"


class ColourForm(KeepsOthersChanges):
    """A colour, picked on a colour picker."""

    class Meta:
        model = Colour
        fields = ("name", "name_fr", "slug", "hex")
        widgets = {"hex": forms.TextInput(attrs={"type": "color"})}


@admin.register(Colour)
class ColourAdmin(KeepsHistory, CountsArticles, admin.ModelAdmin):  # type: ignore[type-arg]  # no [] at run time
    """The colours that shoppers filter by."""

    form = ColourForm
    article_filter = ("colours__id__exact", "pk")
    list_display = ("swatch", "name", "name_fr", "slug", "article_count")
    list_display_links = ("swatch", "name")
    search_fields = ("name", "name_fr")
    prepopulated_fields = {"slug": ("name",)}

    @admin.display(description=_("swatch"), ordering="hex")
    def swatch(self, colour: Colour) -> SafeString:
        # The colour is an attribute of SVG: the Content-Security-Policy forbids style="…".
        return format_html(
            '<svg class="swatch" width="24" height="24" role="img" aria-label="{0}">'
            '<rect width="24" height="24" rx="4" fill="{0}"/></svg>',
            colour.hex,
        )
