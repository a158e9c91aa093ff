"""Admin list of the bin: deleted articles, to be restored or deleted for good."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalogue.admin.actions import ask, confirmed, first_names, run
from catalogue.admin.photos import thumbnail
from catalogue.admin.styles import STYLES
from catalogue.models import BinnedArticle, Photo


class BinnedArticleAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # no [] at run time
    """The bin. Its rows cannot be edited; staff who may delete articles may restore them."""

    list_display = ("first_photo", "sku", "name", "deleted_shown", "until")
    list_display_links = None
    list_per_page = 50
    show_full_result_count = False
    ordering = ("-deleted", "-pk")
    search_fields = ("sku", "name", "name_fr", "brand__name")
    search_help_text = _("SKU, name or brand.")
    actions = ("restore", "purge")

    class Media:
        css = {"all": STYLES}

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        subtitle = gettext("Deleted products stay here for %(n)d days, then they are permanently deleted.")
        more = {"title": gettext("Bin"), "subtitle": subtitle % {"n": settings.BIN_DAYS}}
        return super().changelist_view(request, {**more, **(extra_context or {})})

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: BinnedArticle | None = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: BinnedArticle | None = None) -> bool:
        return request.user.has_perm("catalogue.view_article") or request.user.has_perm("catalogue.change_article")

    def has_delete_permission(self, request: HttpRequest, obj: BinnedArticle | None = None) -> bool:
        # Rows are deleted by the action "purge" alone.
        return False

    def has_bin_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("catalogue.delete_article")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    @admin.display(description=_("photo"))
    def first_photo(self, article: BinnedArticle) -> str | SafeString:
        photo = Photo.all_objects.filter(article=article.pk, deleted=article.deleted).select_related("article").first()
        return thumbnail(photo) if photo else "\N{EM DASH}"

    @admin.display(description=_("deleted"), ordering="deleted")
    def deleted_shown(self, article: BinnedArticle) -> str:
        return date_format(localtime(article.deleted), "SHORT_DATETIME_FORMAT")

    @admin.display(description=_("permanently deleted on"), ordering="deleted")
    def until(self, article: BinnedArticle) -> SafeString:
        assert article.deleted is not None  # noqa: S101  (the manager's filter)
        day = localtime(article.deleted) + timedelta(days=settings.BIN_DAYS)
        return format_html("{}", date_format(day, "SHORT_DATE_FORMAT"))

    @admin.action(description=_("Restore selected products"), permissions=["bin"])
    def restore(self, request: HttpRequest, articles: QuerySet[BinnedArticle]) -> HttpResponse | None:
        return run(self, request, "restore", articles)

    @admin.action(description=_("Permanently delete selected products …"), permissions=["bin"])
    def purge(self, request: HttpRequest, articles: QuerySet[BinnedArticle]) -> HttpResponse | TemplateResponse | None:
        if confirmed(request, articles):
            return run(self, request, "purge", articles)
        explained = gettext("They are deleted with their photos. This cannot be undone.")
        more = {"action": "purge", "explained": explained, **first_names(articles)}
        return ask(self, request, articles, forms.Form(), gettext("Delete permanently"), more)
