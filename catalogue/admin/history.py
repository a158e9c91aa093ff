"""Admin pages of what was changed: the list of changes, one change with its undo, and the history of one row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import unquote
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from catalogue import history, jobs, tasks
from catalogue.admin.actions import bare_text, page_of
from catalogue.admin.history_text import left_out_rows, number_text, rows_of, what
from catalogue.admin.styles import STYLES
from catalogue.broker import enqueue_unique
from catalogue.messages.rendering import render_stored
from catalogue.models import Article, ChangeSet, Edit
from catalogue.models.recording import recording

State = ChangeSet.State
EDITS_A_PAGE = 50
LEFT_OUT_SHOWN = 50


class KeepsHistory:
    """Mixin: the history page of a row, with each field before and after. What a form changes in it is one edit."""

    def _changeform_view(self, request: HttpRequest, object_id: str | None, *args: Any) -> HttpResponse:
        if request.method == "POST" and object_id and object_id.isdecimal():
            # What the form is compared with is what it is written over.
            model: Any = self.model  # type: ignore[attr-defined]  # of the ModelAdmin mixed into
            model._base_manager.filter(pk=object_id).select_for_update().values_list("pk").first()
        with recording(ChangeSet.How.FORM) as made, made.together():
            answer: HttpResponse = super()._changeform_view(request, object_id, *args)  # type: ignore[misc]  # Django's, in its transaction
        return answer

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Show what changed in a row, the last first; of an article also what changed in its photos."""
        model_admin: Any = self
        model = model_admin.model
        row = get_object_or_404(model._base_manager, pk=unquote(object_id)) if object_id.isdecimal() else None
        if row is None:
            raise Http404
        if not model_admin.has_view_or_change_permission(request, row):
            raise PermissionDenied
        edits = Edit.objects.filter(article_id=row.pk) if model is Article else Edit.objects.none()
        if model is not Article:
            edits = Edit.objects.filter(kind=model.KIND, row_id=row.pk)
        page = pages(request, edits.select_related(*SHOWN_OF_SET).defer("change_set__selection").order_by("-pk"))
        changes = grouped(list(page.object_list))
        entries = LogEntry.objects.filter(
            object_id=str(row.pk), content_type=ContentType.objects.get_for_model(model)
        ).select_related("user")
        first = edits.order_by("pk").values_list("change_set__begun", flat=True).first()
        older = entries.filter(action_time__lt=first) if first else entries
        context = {
            **model_admin.admin_site.each_context(request),
            "title": gettext("History: %(name)s") % {"name": row},
            "opts": model_admin.opts,
            "media": model_admin.media,
            "object": row,
            "changes": changes,
            "page": page,
            "older": older.order_by("-action_time")[:EDITS_A_PAGE],
            "article": row.pk if model is Article else None,
            "may_undo": may_undo(request),
            "days": settings.HISTORY_DAYS,
        }
        return TemplateResponse(request, "admin/catalogue/history.html", context)


# What `what` reads of the change set of an edit.
SHOWN_OF_SET = ("change_set__by", "change_set__import_run", "change_set__undoes__import_run")


def pages(request: HttpRequest, rows: QuerySet[Any]) -> Page[Any]:
    return Paginator(rows, EDITS_A_PAGE).get_page(request.GET.get("p"))


def grouped(edits: list[Edit]) -> list[dict[str, Any]]:
    """Return the change sets of a row's edits, each with these."""
    sets: dict[UUID, tuple[ChangeSet, list[Edit]]] = {}
    for edit in edits:
        sets.setdefault(edit.change_set_id, (edit.change_set, []))[1].append(edit)
    return [
        {"change": change, "what": what(change), "edits": rows_of(of_row), "url": page_of(change)}
        for change, of_row in sets.values()
    ]


def may_undo(request: HttpRequest) -> bool:
    """Return whether the user may take changes back: articles may come and go with it."""
    return request.user.has_perms(["catalogue.change_article", "catalogue.delete_article"])


class ChangeSetAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # no [] at run time
    """Changes: of forms, bulk changes, imports, the API, commands and undos. Rows are only looked at."""

    list_display = ("what_shown", "how", "number_shown", "begun", "by", "state")
    list_display_links = None
    list_filter = ("how", ("by", admin.RelatedOnlyFieldListFilter), "begun")
    list_per_page = 50
    show_full_result_count = False

    class Media:
        css = {"all": STYLES}
        js = [forms.Script("admin/progress.js", type="module"), forms.Script("admin/import.js", type="module")]

    def get_urls(self) -> list[Any]:
        def own(route: str, view: Callable[..., Any], name: str) -> Any:
            return path(route, self.admin_site.admin_view(view), name=f"catalogue_changeset_{name}")

        return [
            own("<uuid:pk>/change/", self.page_view, "change"),
            own("<uuid:pk>/progress/", self.progress_view, "progress"),
            own("<uuid:pk>/cancel/", require_POST(self.cancel_view), "cancel"),
            own("<uuid:pk>/undo/", self.undo_view, "undo"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ChangeSet]:
        counted = Edit.objects.filter(change_set=OuterRef("pk")).order_by().values("change_set").annotate(n=Count("pk"))
        return ChangeSet.objects.for_display().annotate(edit_count=Coalesce(Subquery(counted.values("n")), 0))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        # Replaces Django's "Select … to view".
        return super().changelist_view(request, {"title": gettext("Changes"), **(extra_context or {})})

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: ChangeSet | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ChangeSet | None = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: ChangeSet | None = None) -> bool:
        return request.user.has_perm("catalogue.view_article") or request.user.has_perm("catalogue.change_article")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    @admin.display(description=_("change"))
    def what_shown(self, change: ChangeSet) -> SafeString:
        return format_html('<a href="{}">{}</a>', page_of(change), what(change))

    @admin.display(description=_("items"))
    def number_shown(self, change: ChangeSet) -> str:
        return number_text(change)

    def page_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Show what a change did, how far it is, what it left out, and offer to take it back."""
        change = self.get_change(request, pk)
        edits = change.edits.order_by("pk")
        page = pages(request, edits)
        context = {
            **self.admin_site.each_context(request),
            "title": what(change),
            "opts": self.opts,
            "media": self.media,
            "change": change,
            "said": said(change),
            "reason": render_stored(change.error),
            "bare": "" if change.is_working else bare_text(change),
            "is_job": change.how in {ChangeSet.How.BULK, ChangeSet.How.UNDO},
            "left_out": left_out_rows(change.left_out[:LEFT_OUT_SHOWN]),
            "more_left_out": max(change.left_out_count - LEFT_OUT_SHOWN, 0),
            "edits": rows_of(list(page.object_list)),
            "page": page,
            "undos": [{"url": page_of(undo), "undo": undo} for undo in change.undos.select_related("by")],
            "undone": page_of(change.undoes) if change.undoes else "",
            "may_undo": may_undo(request) and not change.is_open and page.paginator.count,
            "may_cancel": may_undo(request) and change.is_working,
        }
        return TemplateResponse(request, "admin/catalogue/changeset/page.html", context)

    def progress_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Return how far a change is as JSON, for the polling script of its page."""
        return JsonResponse(said(self.get_change(request, pk)), headers={"Cache-Control": "no-store"})

    def cancel_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Stop a change that goes on in the background."""
        change = self.get_change(request, pk)
        if not may_undo(request):
            raise PermissionDenied
        if not history.cancel(change):
            self.message_user(request, gettext("It had already finished."), "warning")
        return HttpResponseRedirect(page_of(change))

    def undo_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Show what an undo would do and what it leaves out, or do it."""
        change = self.get_change(request, pk)
        if not may_undo(request) or change.is_open:
            raise PermissionDenied
        asked = request.GET.get("article", "")
        article = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 19 else None
        if asked and article is None:
            raise Http404
        if request.method == "POST":
            undo = history.begin_undo(change, by=request.user, article=article)
            if undo.is_working:
                enqueue_unique(tasks.run_change, str(undo.pk), queue="bulk")
            return HttpResponseRedirect(page_of(undo))
        outcome = history.preview_undo(change, article)
        page = pages(request, history.edits_of(change, article))
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Undo: %(what)s") % {"what": what(change)},
            "opts": self.opts,
            "media": self.media,
            "change": change,
            "count": page.paginator.count,
            "outcome": outcome,
            "left_out": left_out_rows(outcome.left_out[:LEFT_OUT_SHOWN]) if outcome else [],
            "more_left_out": max(len(outcome.left_out) - LEFT_OUT_SHOWN, 0) if outcome else 0,
            "edits": rows_of(list(page.object_list)),
            "page": page,
            "back": page_of(change),
            "article": article,
        }
        return TemplateResponse(request, "admin/catalogue/changeset/undo.html", context)

    def get_change(self, request: HttpRequest, pk: UUID) -> ChangeSet:
        change = self.get_queryset(request).filter(pk=pk).first()
        if change is None:
            raise Http404
        if not self.has_view_permission(request, change):
            raise PermissionDenied
        return change


def said(change: ChangeSet) -> dict[str, Any]:
    """Return how far a change is for the page and its polling script: counts, and text in the reader's language.

    "revision" changes when the page offers other actions.
    """
    text = capfirst(str(State(change.state).label))
    if change.is_working and not change.lease_token and not change.cursor:
        text = gettext("Waiting to start")
    elif change.is_working:
        total = change.total or 0
        done = ngettext("%(done)d of %(total)d done", "%(done)d of %(total)d done", total)
        text = done % {"done": change.done, "total": total}
    return {
        "revision": change.state,
        "working": change.is_working,
        "text": text,
        "percent": jobs.progress(change).percent,
        "numbers": {"changed": change.changed, "left_out": change.left_out_count},
    }
