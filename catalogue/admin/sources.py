"""Admin list of photos to download from URLs: pending, fetched, and failed with the reason."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from catalogue import sources, tasks
from catalogue.admin.styles import STYLES
from catalogue.broker import enqueue_unique
from catalogue.messages.rendering import render_stored
from catalogue.models import PhotoSource
from catalogue.models.querysets import PhotoSourceQuerySet


class SourceStateFilter(admin.SimpleListFilter):
    """Photos whose download is pending, done, or failed."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("waiting", gettext("Waiting")), ("fetched", gettext("Downloaded")), ("failed", gettext("Failed"))]

    def queryset(self, request: HttpRequest, rows: QuerySet[PhotoSource]) -> QuerySet[PhotoSource]:
        found = cast(PhotoSourceQuerySet, rows)
        match self.value():
            case "waiting":
                return found.waiting()
            case "fetched":
                return found.fetched()
            case "failed":
                return found.failed()
        return rows


class PhotoSourceAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # no [] at run time
    """Photos to download from URLs. Imports create the rows; staff view them and retry failed ones."""

    list_display = ("article_link", "state", "address", "tried")
    list_display_links = None
    list_filter = (SourceStateFilter,)
    list_select_related = ("article",)
    list_per_page = 50
    show_full_result_count = False
    ordering = ("-tried", "pk")
    search_fields = ("article__sku", "article__name", "url")
    search_help_text = _("SKU, name or address.")
    actions = ("try_again",)

    class Media:
        css = {"all": STYLES}

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        # Replaces Django's "Select … to view": no row can be opened.
        title = capfirst(PhotoSource._meta.verbose_name_plural)
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: PhotoSource | None = None) -> bool:
        # Rows are read-only. The retry action requires the permission to change articles.
        return False

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("catalogue.change_article")

    @admin.display(description=_("product"), ordering="article__sku")
    def article_link(self, source: PhotoSource) -> SafeString:
        address = reverse("admin:catalogue_article_change", args=[source.article_id])
        return format_html('<a href="{}">{}</a>', address, source.article)

    @admin.display(description=_("address"), ordering="url")
    def address(self, source: PhotoSource) -> SafeString:
        return format_html('<a class="address" href="{0}" rel="noreferrer">{0}</a>', source.url)

    @admin.display(description=_("state"))
    def state(self, source: PhotoSource) -> str:
        reason = render_stored(source.error)
        if source.state == "failed":
            text = gettext("Failed: %(reason)s") % {"reason": reason}
        elif source.state == "fetched":
            text = gettext("Downloaded")
        elif source.error and source.due:
            again = date_format(timezone.localtime(source.due), "SHORT_DATETIME_FORMAT")
            text = gettext("Next attempt after %(time)s: %(reason)s") % {"time": again, "reason": reason}
        else:
            text = gettext("Waiting")
        return format_html('<span class="photo-state {}">{}</span>', source.state, text)

    @admin.action(description=_("Retry failed downloads"), permissions=["retry"])
    def try_again(self, request: HttpRequest, chosen: QuerySet[PhotoSource]) -> None:
        retried = sources.try_again(cast(PhotoSourceQuerySet, chosen))
        if retried:
            enqueue_unique(tasks.fetch_photos, queue="bulk")
        said = ngettext("Retrying %(n)d photo.", "Retrying %(n)d photos.", retried)
        self.message_user(request, said % {"n": retried})
