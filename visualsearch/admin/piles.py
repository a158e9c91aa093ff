"""Admin pages of piles: handing photos in, and one table in which staff correct what is proposed of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.models import ADDITION, LogEntry
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.core.paginator import Page, Paginator
from django.db.models import Count, Prefetch, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST

from catalogue import jobs
from catalogue.admin.styles import STYLES
from catalogue.broker import enqueue_unique
from catalogue.feeds import FeedError
from catalogue.messages import Message
from catalogue.messages.rendering import render, render_stored
from catalogue.photos.uploads import BoundedTemporaryUploadHandler, UploadLimits
from visualsearch import tasks
from visualsearch.admin.pile_rows import GroupForm, errors_of, moves_of, save_row
from visualsearch.models import Pile, PileGroup, PilePhoto
from visualsearch.models.piles import PileQuerySet
from visualsearch.services import piles

State = Pile.State

# Few enough for one form: Django reads 1,000 fields of a request.
GROUPS_A_PAGE = 20


class PileUploadHandler(BoundedTemporaryUploadHandler):
    """Writes the photos and ZIP files of a pile to temporary files."""

    def limits(self) -> UploadLimits:
        limit = settings.BATCH_MAX_BYTES
        spare = 1_000 * settings.DATA_UPLOAD_MAX_NUMBER_FILES
        return UploadLimits(limit, limit, spare, Message.of("request.import_too_large", limit=limit / 1e6))


class PileFilter(admin.SimpleListFilter):
    """Piles of which no article was added yet."""

    title = _("status")
    parameter_name = "todo"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", gettext("To add"))]

    def queryset(self, request: HttpRequest, rows: QuerySet[Pile]) -> QuerySet[Pile]:
        return cast(PileQuerySet, rows).to_add() if self.value() == "yes" else rows


class PileAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # no [] at run time
    """Piles of photos. A worker sorts them; staff correct the table, and add the articles."""

    list_display = ("begun", "progress_shown", "photo_count", "article_count", "by")
    list_filter = (PileFilter,)
    list_select_related = ("by",)

    class Media:
        css = {"all": [*STYLES, "admin/piles.css"]}
        js = [forms.Script("admin/progress.js", type="module"), forms.Script("admin/piles.js", type="module")]

    def get_urls(self) -> list[Any]:
        def own(route: str, view: Callable[..., Any], name: str) -> Any:
            return path(route, self.admin_site.admin_view(view), name=f"visualsearch_pile_{name}")

        return [
            # The CSRF check parses the form, which raises RequestDataTooBig if it is too large; the view handles that.
            own("add/", csrf_exempt(self.upload_view), "add"),
            own("<int:pk>/change/", self.table_view, "change"),
            own("<int:pk>/progress/", self.progress_view, "progress"),
            own("<int:pk>/stop/", require_POST(self.stop_view), "stop"),
            own("photo/<int:pk>.webp", self.photo_view, "photo"),
            *super().get_urls(),
        ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("catalogue.add_article"))

    has_view_permission = has_change_permission = has_delete_permission = lambda self, request, obj=None: (
        self.has_add_permission(request)
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Pile]:
        rows: QuerySet[Pile] = super().get_queryset(request)
        return rows.annotate(
            photo_number=Count("photos", distinct=True),
            added_number=Count("groups", filter=Q(groups__added=True), distinct=True),
        )

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[list[str], dict[str, int], set[str], Any]:
        rows = [str(pile) for pile in objs]
        return rows, {str(self.opts.verbose_name_plural): len(rows)}, set(), []

    def delete_model(self, request: HttpRequest, obj: Pile) -> None:
        piles.forget(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Pile]) -> None:
        for pile in queryset:
            piles.forget(pile)

    @admin.display(description=_("state"), ordering="state")
    def progress_shown(self, pile: Pile) -> str:
        return capfirst(str(State(pile.state).label))

    @admin.display(description=_("photos"))
    def photo_count(self, pile: Any) -> int:
        return int(pile.photo_number)

    @admin.display(description=_("products added"))
    def article_count(self, pile: Any) -> int:
        return int(pile.added_number)

    def upload_view(self, request: HttpRequest) -> HttpResponse:
        """Show the form, or take photos and lead to their pile; 413 if they are too large."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return self.show_form(request)
        request.upload_handlers = [PileUploadHandler(request)]
        try:
            return csrf_protect(self.receive)(request)
        except RequestDataTooBig:
            limit = settings.BATCH_MAX_BYTES / 1e6
            return self.show_form(request, render(Message.of("request.import_too_large", limit=limit)), status=413)

    def receive(self, request: HttpRequest) -> HttpResponse:
        try:
            pile = piles.receive(request.FILES.getlist("photos"), by=request.user)
        except FeedError as error:
            return self.show_form(request, render(error.message), status=400)
        enqueue_unique(tasks.sort_pile, pile.pk, queue="bulk")
        return HttpResponseRedirect(page_of(pile))

    def show_form(self, request: HttpRequest, problem: str = "", *, status: int = 200) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Add products from photos"),
            "opts": self.opts,
            "media": self.media,
            "problem": problem,
            "max_bytes": settings.BATCH_MAX_BYTES,
            "most": piles.MOST_PHOTOS,
        }
        return TemplateResponse(request, "admin/visualsearch/piles/upload.html", context, status=status)

    def table_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the table of a pile; save what was changed in it, and add the articles that were chosen."""
        pile = self.get_pile(request, pk)
        page = page_of_groups(pile, request.GET.get("p"))
        if request.method != "POST":
            return self.show_table(request, pile, page, [GroupForm(instance=one, prefix=f"g{one.pk}") for one in page])
        shown = [one for one in page if not one.added]
        rows = [GroupForm(request.POST, instance=one, prefix=f"g{one.pk}") for one in shown]
        # A row that is not in the form is one that another person made meanwhile.
        rows = [row for row in rows if row.add_prefix("name") in request.POST]
        wrong = [row for row in rows if not save_row(row)]
        piles.move(pile, moves_of(request))
        if "add" in request.POST or "hide" in request.POST:
            bad = {row.instance.pk for row in wrong}
            chosen = [one.pk for one in shown if f"choose-{one.pk}" in request.POST and one.pk not in bad]
            self.add(request, pile, chosen, published="add" in request.POST)
        elif request.headers.get("Accept") == "application/json":
            return JsonResponse(
                {"errors": {row.add_prefix(name): texts for row in wrong for name, texts in row.errors.items()}}
            )
        elif not wrong:
            self.message_user(request, gettext("Saved."))
        if not wrong:
            return HttpResponseRedirect(f"{page_of(pile)}?p={page.number}")
        bound = {row.instance.pk: row for row in wrong}
        page = page_of_groups(pile, request.GET.get("p"))
        return self.show_table(
            request, pile, page, [bound.get(one.pk) or GroupForm(instance=one, prefix=f"g{one.pk}") for one in page]
        )

    def add(self, request: HttpRequest, pile: Pile, chosen: list[int], *, published: bool) -> None:
        result = piles.add_articles(pile, chosen, published=published)
        if result.articles:
            LogEntry.objects.log_actions(request.user.pk, result.articles, ADDITION, gettext("From a batch of photos."))  # type: ignore[arg-type]
            said = ngettext("%(n)d product added.", "%(n)d products added.", len(result.articles))
            self.message_user(request, said % {"n": len(result.articles)})
        if result.refused:
            said = ngettext(
                "%(n)d product was not added: see the error beside it.",
                "%(n)d products were not added: see the errors beside them.",
                result.refused,
            )
            self.message_user(request, said % {"n": result.refused}, messages.ERROR)
        if not result.articles and not result.refused:
            self.message_user(request, gettext("No product is selected."), messages.WARNING)

    def show_table(
        self, request: HttpRequest, pile: Pile, page: Page[PileGroup], rows: list[GroupForm]
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Batch of %(time)s") % {"time": pile},
            "opts": self.opts,
            "media": self.media,
            "pile": pile,
            "said": said(pile),
            "reason": render_stored(pile.error),
            "notes": [render_stored(note) for note in pile.notes],
            "page": page,
            "rows": [(row, row.instance, errors_of(row)) for row in rows],
            "failed": [
                (one.name, render_stored(one.error)) for one in pile.photos.filter(failed=True).order_by("number")
            ],
            "sorted": pile.state == State.FINISHED,
        }
        return TemplateResponse(request, "admin/visualsearch/piles/table.html", context)

    def progress_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Return a pile's progress as JSON, for the polling script of its page."""
        return JsonResponse(said(self.get_pile(request, pk)), headers={"Cache-Control": "no-store"})

    def stop_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        pile = self.get_pile(request, pk)
        if not piles.cancel(pile):
            self.message_user(request, gettext("Too late: the photos are already sorted."), "warning")
        return HttpResponseRedirect(page_of(pile))

    def photo_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Return the thumbnail of a pile's photo."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        content = PilePhoto.objects.filter(pk=pk).values_list("thumbnail", flat=True).first()
        if not content:
            raise Http404
        return HttpResponse(
            bytes(content), content_type="image/webp", headers={"Cache-Control": "private, max-age=86400, immutable"}
        )

    def get_pile(self, request: HttpRequest, pk: int) -> Pile:
        if not self.has_view_permission(request):
            raise PermissionDenied
        pile = Pile.objects.filter(pk=pk).first()
        if pile is None:
            raise Http404
        return pile


def page_of_groups(pile: Pile, number: str | None) -> Page[PileGroup]:
    photos = PilePhoto.objects.defer("vector", "thumbnail").order_by("position", "number")
    groups = pile.groups.select_related("category", "article").prefetch_related(Prefetch("photos", photos), "colours")
    return Paginator(groups.order_by("number"), GROUPS_A_PAGE).get_page(number)


def page_of(pile: Pile) -> str:
    return reverse("admin:visualsearch_pile_change", args=[pile.pk])


def said(pile: Pile) -> dict[str, Any]:
    """Return a pile's progress, for the page and its polling script."""
    progress = jobs.progress(pile)
    working = pile.state == State.RUNNING
    text = capfirst(str(State(pile.state).label))
    if working:
        text = gettext("Analysing photos: %(done)d of %(total)d.") % {
            "done": min(progress.done, (progress.total or 1) - 1),
            "total": (progress.total or 1) - 1,
        }
    return {"text": text, "working": working, "revision": pile.state, "percent": progress.percent}
