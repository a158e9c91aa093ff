"""Admin list of the attempts to deliver webhooks: what was answered, why one failed, and when the next one is."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalogue.admin.styles import STYLES
from catalogue.messages.rendering import render_stored
from visualsearch.models import WebhookAttempt


class OutcomeFilter(admin.SimpleListFilter):
    """Attempts that failed, or those that were taken."""

    title = _("result")
    parameter_name = "failed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("1", _("failed")), ("0", _("delivered"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[WebhookAttempt]) -> QuerySet[WebhookAttempt]:
        return queryset.filter(error__isnull=self.value() == "0") if self.value() in {"0", "1"} else queryset


class WebhookAttemptAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # no [] at run time
    """Deliveries of webhooks, the last ones of each app. Nobody changes them."""

    list_display = ("when", "client", "batch_start", "url", "number", "result", "next_one")
    list_display_links = None
    list_filter = (OutcomeFilter, "client")
    list_select_related = ("client",)
    search_fields = ("batch",)
    search_help_text = _("The number of a batch, as the API gives it.")
    list_per_page = 50

    class Media:
        css = {"all": STYLES}

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: WebhookAttempt | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: WebhookAttempt | None = None) -> bool:
        return False

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[WebhookAttempt], search_term: str
    ) -> tuple[QuerySet[WebhookAttempt], bool]:
        if not search_term.strip():
            return queryset, False
        try:
            return queryset.filter(batch=UUID(search_term.strip())), False
        except ValueError:
            return queryset.none(), False

    @admin.display(description=_("time"), ordering="pk")
    def when(self, attempt: WebhookAttempt) -> str:
        return short(attempt.made)

    @admin.display(description=_("batch"), ordering="batch")
    def batch_start(self, attempt: WebhookAttempt) -> SafeString:
        # The whole number is wider than all the rest; it leads to the attempts of this batch.
        return format_html('<a href="?q={}" title="{}">{}…</a>', attempt.batch, attempt.batch, str(attempt.batch)[:8])

    @admin.display(description=_("next attempt"), ordering="next_attempt")
    def next_one(self, attempt: WebhookAttempt) -> str:
        return short(attempt.next_attempt) if attempt.next_attempt else "–"

    @admin.display(description=_("result"), ordering="status")
    def result(self, attempt: WebhookAttempt) -> str | SafeString:
        if attempt.error is None:
            return gettext("Delivered (%(status)d)") % {"status": attempt.status}
        return format_html('<span class="photo-state failed">{}</span>', render_stored(attempt.error))


def short(time: datetime) -> str:
    return date_format(timezone.localtime(time), "SHORT_DATETIME_FORMAT")
