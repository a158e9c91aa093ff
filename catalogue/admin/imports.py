"""Admin pages of imports: upload, preview of the changes, progress, and rows with errors."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST

from catalogue import imports, tasks
from catalogue.admin.filters import ImportFilter
from catalogue.admin.import_columns import ColumnsForm
from catalogue.admin.import_rows import first_rows
from catalogue.admin.import_words import (
    FORMAT_NAMES,
    error_of,
    new_terms,
    previews,
    said,
    said_state,
    shown,
    template_name,
)
from catalogue.admin.styles import STYLES
from catalogue.broker import enqueue, enqueue_unique
from catalogue.feeds import FeedError
from catalogue.feeds.columns import columns_of, written_columns
from catalogue.feeds.row_errors import refusal_lines
from catalogue.feeds.templates import TEMPLATES
from catalogue.messages import Message
from catalogue.messages.rendering import render, render_stored
from catalogue.models import ImportRun, ScheduledFeed
from catalogue.photos.uploads import ImportUploadHandler

# The codes of messages on what becomes of the file, which are shown apart from what it has and is not used.
HINTS = {"feed.in_bin", "feed.photos_alone", "feed.proposed"}
# The most refused rows on the page; the CSV file has all.
SHOWN = 20
ENCODINGS = [
    ("", _("Detect automatically (UTF-8 or UTF-16)")),
    ("cp1252", _("Windows, western Europe (cp1252)")),
    ("latin-1", _("ISO 8859-1 (latin-1)")),
]


class ImportForm(forms.Form):
    """A file to import, and the options of parsing it."""

    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "A table (CSV or Excel), a Google or Meta feed (XML, TSV, CSV), an export from Shopify, "
            "WooCommerce, PrestaShop or Magento (CSV), or a ZIP of photos, with or without a table."
        ),
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xml,.xlsx,.zip"}),
    )
    hidden = forms.BooleanField(
        label=_("Keep new products hidden until I publish them"),
        required=False,
        help_text=_("Applies where the file does not say whether a product is published."),
    )
    encoding = forms.ChoiceField(label=_("Encoding"), choices=ENCODINGS, required=False)


class ImportRunAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # no [] at run time
    """Imports. A dry run validates the file first; nothing changes until staff start the import."""

    list_display = ("name", "progress_shown", "created", "changed", "refused", "begun", "by")
    list_filter = (ImportFilter,)
    list_select_related = ("by",)
    show_full_result_count = False

    class Media:
        css = {"all": STYLES}
        js = [forms.Script("admin/progress.js", type="module"), forms.Script("admin/import.js", type="module")]

    def get_urls(self) -> list[Any]:
        def own(route: str, view: Callable[..., Any], name: str) -> Any:
            return path(route, self.admin_site.admin_view(view), name=f"catalogue_importrun_{name}")

        return [
            # The CSRF check parses the form, which raises RequestDataTooBig if it is too large. So it runs inside the
            # view, which handles the error and responds with a page.
            own("add/", csrf_exempt(self.upload_view), "add"),
            own("template/<str:file>/", self.template_view, "template"),
            own("<int:pk>/change/", self.run_view, "change"),
            own("<int:pk>/progress/", self.progress_view, "progress"),
            own("<int:pk>/columns/", self.columns_view, "columns"),
            own("<int:pk>/steer/", require_POST(self.action_view), "steer"),
            own("<int:pk>/refused.csv", self.refused_view, "refused"),
            *super().get_urls(),
        ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perms(
            ["catalogue.add_importrun", "catalogue.add_article", "catalogue.change_article", "catalogue.add_category"]
        )

    def has_change_permission(self, request: HttpRequest, obj: ImportRun | None = None) -> bool:
        # Starting or resuming an import writes articles, as a new import does.
        return self.has_add_permission(request)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """Return what is deleted without reading the row errors, of which there may be millions."""
        runs = [str(run) for run in objs]
        needed = set() if self.has_delete_permission(request) else {str(self.opts.verbose_name)}
        return runs, {str(self.opts.verbose_name_plural): len(runs)}, needed, []

    def delete_model(self, request: HttpRequest, obj: ImportRun) -> None:
        self.delete_queryset(request, ImportRun.objects.filter(pk=obj.pk))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[ImportRun]) -> None:
        imports.delete(*queryset.values_list("pk", flat=True))
        # The rows behind are removed by a worker.
        transaction.on_commit(partial(enqueue, tasks.reconcile_jobs, queue="bulk"))

    @admin.display(description=_("state"), ordering="state")
    def progress_shown(self, run: ImportRun) -> str:
        return said_state(run)

    def upload_view(self, request: HttpRequest) -> HttpResponse:
        """Show the form, or accept a file and redirect to its import; 413 if it is too large."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return self.show_form(request, ImportForm())
        request.upload_handlers = [ImportUploadHandler(request)]
        try:
            # Parses the form, see get_urls.
            return csrf_protect(self.receive)(request)
        except RequestDataTooBig:
            problem = Message.of("request.import_too_large", limit=settings.IMPORT_MAX_BYTES / 1e6)
            return self.show_form(request, ImportForm(), status=413, problem=render(problem))

    def receive(self, request: HttpRequest) -> HttpResponse:
        form = ImportForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.show_form(request, form)
        given = form.cleaned_data
        try:
            run = imports.receive(
                given["file"],
                by=request.user,
                encoding=given["encoding"],
                published=not given["hidden"],
            )
        except FeedError as error:
            form.add_error("file", render(error.message))
            return self.show_form(request, form)
        return self.go_on(run)

    def go_on(self, run: ImportRun) -> HttpResponse:
        """Have a worker go on with an import if there is anything to do, and lead to its page."""
        run.refresh_from_db()
        if run.is_working:
            enqueue_unique(tasks.run_import, run.pk, queue="bulk")
        return HttpResponseRedirect(page_of(run))

    def show_form(
        self, request: HttpRequest, form: ImportForm, *, status: int = 200, problem: str = ""
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Import products"),
            "opts": self.opts,
            "form": form,
            "media": self.media,
            "problem": problem,
            "max_bytes": settings.IMPORT_MAX_BYTES,
            "templates": [(template.file, template_name(template)) for template in TEMPLATES.values()],
        }
        return TemplateResponse(request, "admin/catalogue/importrun/upload.html", context, status=status)

    def run_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show an import's columns, its progress, and its first rows and errors."""
        run = self.get_run(request, pk)
        return self.show_run(request, run, ColumnsForm(run) if may_choose(run) else None)

    def columns_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Read an import with other columns, or as another format."""
        run = self.get_run(request, pk)
        if request.method != "POST":
            return HttpResponseRedirect(page_of(run))
        if not self.has_change_permission(request):
            raise PermissionDenied
        steer = {"forget": imports.forget, "table": imports.read_as_table, "recognised": imports.read_as_recognised}
        form = ColumnsForm(run, request.POST)
        wanted = request.POST.get("columns", "")
        if wanted not in steer and may_choose(run) and not form.is_valid():
            return self.show_run(request, run, form)
        if wanted in steer:
            done = steer[wanted](run)
        else:
            done = may_choose(run) and imports.choose(run, form.chosen(form.cleaned_data), by=request.user)
        if not done:
            self.message_user(request, gettext("Too late: the import had already moved on."), "warning")
        return self.go_on(run)

    def show_run(self, request: HttpRequest, run: ImportRun, form: ColumnsForm | None) -> HttpResponse:
        may_steer = self.has_change_permission(request)
        # The first rows show their changes themselves.
        seen = {row["line"] for row in run.first_rows}
        context = {
            **self.admin_site.each_context(request),
            "title": run.name,
            "opts": self.opts,
            "media": self.media,
            "run": run,
            "said": said(run),
            "reason": render_stored(run.error),
            "feed": ScheduledFeed.objects.filter(fetches__run=run).first(),
            "format": FORMAT_NAMES.get(run.kind, run.kind),
            "notes": [render_stored(note) for note in run.notes if note["code"] not in HINTS],
            "hints": [render_stored(note) for note in run.notes if note["code"] in HINTS],
            "new_terms": new_terms(run),
            "form": form,
            "columns_at_most": imports.COLUMNS_AT_MOST,
            "recognised": FORMAT_NAMES.get(run.recognised, run.recognised),
            "is_kept": form is not None and imports.is_kept(imports.names_of(run)),
            "mapping": shlex.quote(written_columns(columns_of(run.columns))),
            "first": first_rows(run),
            "previews": previews([each for each in run.previews if each["line"] not in seen]),
            "refusals": [shown(row) for row in run.refusals.all()[:SHOWN]],
            "more_refusals": max(run.refused - SHOWN, 0),
            "errors_kept": imports.ERRORS_AT_MOST if run.refused > imports.ERRORS_AT_MOST else 0,
            "change": run.change_sets.filter(how="import").first() if run.state in run.ENDED else None,
            "may_steer": may_steer,
            "may_choose": run.state in imports.OPEN,
        }
        return TemplateResponse(request, "admin/catalogue/importrun/run.html", context)

    def progress_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Return an import's progress as JSON, for the polling script of its page."""
        return JsonResponse(said(self.get_run(request, pk)), headers={"Cache-Control": "no-store"})

    def action_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Start, pause, resume or cancel an import."""
        run = self.get_run(request, pk)
        if not self.has_change_permission(request):
            raise PermissionDenied
        steer = {"start": imports.start, "pause": imports.pause, "resume": imports.resume, "cancel": imports.cancel}
        wanted = request.POST.get("do", "")
        if wanted in steer and not steer[wanted](run):
            self.message_user(request, gettext("Too late: the import had already moved on."), "warning")
        elif wanted in {"start", "resume"}:
            enqueue_unique(tasks.run_import, run.pk, queue="bulk")
        return HttpResponseRedirect(page_of(run))

    def template_view(self, request: HttpRequest, file: str) -> HttpResponse:
        """Return a file to fill in, of one of the formats that are read."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        template = TEMPLATES.get(file)
        if template is None:
            raise Http404
        headers = {"Content-Disposition": f'attachment; filename="{template.file}"'}
        return HttpResponse(template.content(), content_type=template.content_type, headers=headers)

    def refused_view(self, request: HttpRequest, pk: int) -> StreamingHttpResponse:
        """Return the refused rows as a CSV file."""
        run = self.get_run(request, pk)
        rows = (error_of(row) for row in run.refusals.iterator())

        def encoded() -> Iterator[bytes]:
            # The byte order mark, by which spreadsheets recognise UTF-8.
            yield b"\xef\xbb\xbf"
            for line in refusal_lines(rows):
                yield line.encode("utf-8", "backslashreplace")

        name = f"import-{run.pk}-refused.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return StreamingHttpResponse(encoded(), content_type="text/csv; charset=utf-8", headers=headers)

    def get_run(self, request: HttpRequest, pk: int) -> ImportRun:
        run = ImportRun.objects.select_related("by").filter(pk=pk).first()
        if run is None:
            raise Http404
        if not self.has_view_permission(request, run):
            raise PermissionDenied
        return run


def may_choose(run: ImportRun) -> bool:
    """Return whether the columns of an import may still be chosen."""
    return bool(run.table and run.mapped_by) and run.state in imports.OPEN


def page_of(run: ImportRun) -> str:
    return reverse("admin:catalogue_importrun_change", args=[run.pk])
