"""Admin list of near duplicates: pairs of articles with nearly the same photos, for staff to review."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST

from catalogue import jobs, scheduled_feeds
from catalogue.admin.actions import run
from catalogue.admin.styles import STYLES
from catalogue.broker import enqueue_unique
from catalogue.models import Article
from visualsearch import tasks
from visualsearch.models import DuplicateReport, NearDuplicate
from visualsearch.services import duplicates

PAIRS_A_PAGE = 25


class NearDuplicateAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # no [] at run time
    """Pairs side by side. A worker finds them; staff dismiss those that are two articles."""

    class Media:
        css = {"all": STYLES}
        js = [forms.Script("admin/progress.js", type="module")]

    def get_urls(self) -> list[Any]:
        def own(route: str, view: Any, name: str) -> Any:
            return path(route, self.admin_site.admin_view(view), name=f"visualsearch_nearduplicate_{name}")

        # Without super().get_urls(): pairs are not added, edited or deleted by hand.
        return [
            own("", self.list_view, "changelist"),
            own("begin/", require_POST(self.begin_view), "begin"),
            own("progress/", self.progress_view, "progress"),
            own("<int:pk>/settle/", require_POST(self.settle_view), "settle"),
            own("<int:pk>/hide/<int:article>/", self.hide_view, "hide"),
            own("<int:pk>/bin/<int:article>/", self.bin_view, "bin"),
        ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: NearDuplicate | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: NearDuplicate | None = None) -> bool:
        return bool(request.user.has_perm("catalogue.change_article"))

    def has_view_permission(self, request: HttpRequest, obj: NearDuplicate | None = None) -> bool:
        return bool(request.user.has_perm("catalogue.view_article")) or self.has_change_permission(request)

    def list_view(self, request: HttpRequest) -> HttpResponse:
        """Show the pairs that are not dismissed, and the report's progress."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        pages = Paginator(duplicates.open_pairs(), PAIRS_A_PAGE)
        report = duplicates.latest()
        context = {
            **self.admin_site.each_context(request),
            "title": capfirst(NearDuplicate._meta.verbose_name_plural),
            "opts": self.opts,
            "media": self.media,
            "report": report,
            "said": said(report) if report else None,
            "page": pages.get_page(request.GET.get("p")),
            "may_settle": self.has_change_permission(request),
            "may_delete": self.may_delete(request),
            "here": request.get_full_path(),
        }
        return TemplateResponse(request, "admin/visualsearch/near_duplicates.html", context)

    def begin_view(self, request: HttpRequest) -> HttpResponse:
        """Start the comparison of all photos in a worker."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        report = duplicates.begin()
        if not enqueue_unique(tasks.look_for_duplicates, report.pk, queue="bulk"):
            self.message_user(request, gettext("It will start in a moment."))
        return HttpResponseRedirect(reverse("admin:visualsearch_nearduplicate_changelist"))

    def progress_view(self, request: HttpRequest) -> HttpResponse:
        """Return the report's progress as JSON, for the polling script of its page."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        report = duplicates.latest()
        return JsonResponse(said(report) if report else {}, headers={"Cache-Control": "no-store"})

    def settle_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Dismiss a pair as two different articles, or undo that."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        taken_back = "undo" in request.POST
        if duplicates.dismiss(pk, dismissed=not taken_back) and not taken_back:
            request.session["settled_pair"] = pk
        else:
            request.session.pop("settled_pair", None)
        return HttpResponseRedirect(reverse("admin:visualsearch_nearduplicate_changelist"))

    def may_delete(self, request: HttpRequest) -> bool:
        return self.has_change_permission(request) and request.user.has_perm("catalogue.delete_article")

    def hide_view(self, request: HttpRequest, pk: int, article: int) -> HttpResponse:
        """Ask whether one article of a pair is to be hidden, and hide it; the pair is not shown any more then."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        return self.do(request, "hide", pk, article, gettext("Hide this product?"))

    def bin_view(self, request: HttpRequest, pk: int, article: int) -> HttpResponse:
        """Ask whether one article of a pair is to be deleted, and put it into the bin."""
        if not self.may_delete(request):
            raise PermissionDenied
        return self.do(request, "delete", pk, article, gettext("Delete this product?"))

    def do(self, request: HttpRequest, action: str, pk: int, key: int, title: str) -> HttpResponse:
        pair = duplicates.open_pairs().filter(pk=pk).first()
        if pair is None or key not in {pair.first_id, pair.second_id}:
            raise Http404
        chosen, other = (pair.first, pair.second) if key == pair.first_id else (pair.second, pair.first)
        if request.method == "POST":
            run(self, request, action, Article.objects.filter(pk=key))
            if action == "hide":
                # It would stay in the list for ever.
                duplicates.dismiss(pk)
            return HttpResponseRedirect(reverse("admin:visualsearch_nearduplicate_changelist"))
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "media": self.media,
            "action": action,
            "chosen": chosen,
            "other": other,
            "days": settings.BIN_DAYS,
            "listed": scheduled_feeds.listed(Article.objects.filter(pk=key)),
        }
        return TemplateResponse(request, "admin/visualsearch/pair_confirm.html", context)


def said(report: DuplicateReport) -> dict[str, Any]:
    """Return a report's progress, for the page and its polling script."""
    progress = jobs.progress(report)
    working = report.state == DuplicateReport.State.RUNNING
    if working:
        text = gettext("Comparing photos: %(done)s of %(total)s.") % {
            "done": progress.done,
            "total": progress.total or "…",
        }
    elif report.state != DuplicateReport.State.FINISHED:
        text = gettext("The comparison stopped at photo %(done)s of %(total)s. Start it again.") % {
            "done": progress.done,
            "total": progress.total or "…",
        }
    else:
        count = ngettext("%(n)d photo was compared.", "%(n)d photos were compared.", report.looked_at)
        text = count % {"n": report.looked_at}
    # The script reloads the section when the revision changes.
    return {
        "text": text,
        "working": working,
        "revision": f"{report.pk}:{int(working)}",
        "percent": progress.percent,
    }
