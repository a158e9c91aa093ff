"""Admin pages of feeds that the shop fetches by itself: settings, schedule, results, and what has left a feed."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from catalogue import scheduled_feeds, tasks
from catalogue.admin import feed_pages
from catalogue.admin.feed_form import READING, ScheduledFeedForm
from catalogue.admin.filters import FeedFilter
from catalogue.admin.styles import STYLES
from catalogue.broker import enqueue, enqueue_unique
from catalogue.feeds.formulas import escape_formula
from catalogue.models import FeedFetch, ScheduledFeed

State = FeedFetch.State

# The articles that have left, on the page; the CSV file has all.
SHOWN = 50


class ScheduledFeedAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # no [] at run time
    """Feeds. One is looked at first; switched on, it is fetched on its schedule."""

    form = ScheduledFeedForm
    list_display = ("name", "state_shown", "schedule_shown", "fetched", "due", "article_count")
    list_filter = (FeedFilter,)
    fieldsets = (
        (None, {"fields": ("name", "url", "user", "password")}),
        (_("Schedule"), {"fields": ("schedule", "daily_at")}),
        (_("Reading the file"), {"fields": ("kind", "encoding", "columns_text", "hidden")}),
        (_("Products no longer in the feed"), {"fields": ("on_leaving", "leaving_percent")}),
    )

    class Media:
        css = {"all": STYLES}
        js = [forms.Script("admin/progress.js", type="module"), forms.Script("admin/import.js", type="module")]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ScheduledFeed]:
        feeds: QuerySet[ScheduledFeed] = super().get_queryset(request)
        return feeds.annotate(
            count_of_articles=Count("articles", filter=Q(articles__left=None, articles__article__deleted=None))
        )

    def get_urls(self) -> list[Any]:
        def own(route: str, view: Callable[..., Any], name: str) -> Any:
            return path(route, self.admin_site.admin_view(view), name=f"catalogue_scheduledfeed_{name}")

        return [
            own("<int:pk>/change/", self.feed_view, "change"),
            own("<int:pk>/settings/", self.settings_view, "settings"),
            own("<int:pk>/progress/", self.progress_view, "progress"),
            own("<int:pk>/steer/", require_POST(self.action_view), "steer"),
            own("<int:pk>/left.csv", self.left_view, "left"),
            *super().get_urls(),
        ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        # Whoever adds a feed has articles written.
        return super().has_add_permission(request) and request.user.has_perms(
            ["catalogue.add_importrun", "catalogue.add_article", "catalogue.change_article", "catalogue.add_category"]
        )

    def has_change_permission(self, request: HttpRequest, obj: ScheduledFeed | None = None) -> bool:
        return super().has_change_permission(request, obj) and self.has_add_permission(request)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """Return what is deleted without listing its articles, which stay."""
        feeds = [str(feed) for feed in objs]
        needed = set() if self.has_delete_permission(request) else {str(self.opts.verbose_name)}
        return feeds, {str(self.opts.verbose_name_plural): len(feeds)}, needed, []

    def delete_model(self, request: HttpRequest, obj: ScheduledFeed) -> None:
        self.delete_queryset(request, ScheduledFeed.objects.filter(pk=obj.pk))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[ScheduledFeed]) -> None:
        scheduled_feeds.delete(*queryset.values_list("pk", flat=True))
        # The rows behind are removed by a worker.
        transaction.on_commit(partial(enqueue, tasks.reconcile_jobs, queue="bulk"))

    def save_model(self, request: HttpRequest, obj: ScheduledFeed, form: ScheduledFeedForm, change: bool) -> None:
        if not change:
            obj.save()
            return
        # Only what the form has: a worker may be writing the rest.
        obj.save(update_fields=[*ScheduledFeedForm.Meta.fields, "columns", "published"])
        if READING & set(form.changed_data):
            scheduled_feeds.forget_file(obj)
        if {"schedule", "daily_at"} & set(form.changed_data):
            scheduled_feeds.reschedule(obj)

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        # Who may only look would be shown every field as text, the password too.
        if object_id is not None and not self.has_change_permission(request):
            raise PermissionDenied
        response: HttpResponse = super().changeform_view(request, object_id, form_url, extra_context)
        return response

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        # Saving leads to the feed's page.
        context |= {"show_save_and_add_another": False, "show_save_and_continue": False}
        return super().render_change_form(request, context, *args, **kwargs)

    def response_add(self, request: HttpRequest, obj: ScheduledFeed, post_url_continue: str | None = None) -> Any:
        return HttpResponseRedirect(page_of(obj.pk))

    def response_change(self, request: HttpRequest, obj: ScheduledFeed) -> Any:
        return HttpResponseRedirect(page_of(obj.pk))

    @admin.display(description=_("state"), ordering="state")
    def state_shown(self, feed: ScheduledFeed) -> str:
        return feed_pages.said_state(feed)

    @admin.display(description=_("schedule"), ordering="schedule")
    def schedule_shown(self, feed: ScheduledFeed) -> str:
        return feed_pages.said_schedule(feed)

    @admin.display(description=_("products"), ordering="count_of_articles")
    def article_count(self, feed: Any) -> int:
        return int(feed.count_of_articles)

    def settings_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.changeform_view(request, str(pk))

    def feed_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show a feed: what is under way, what it asks, and the results of its last fetches."""
        feed = self.get_feed(request, pk)
        asking = feed.fetches.filter(state=State.ASKING).first()
        context = {
            **self.admin_site.each_context(request),
            **feed_pages.context(feed),
            "title": feed.name,
            "opts": self.opts,
            "media": self.media,
            "asking": asking,
            "missing": scheduled_feeds.missing(asking).select_related("article")[:SHOWN] if asking else [],
            "missing_count": scheduled_feeds.missing(asking).count() if asking else 0,
            "shown_at_most": SHOWN,
            "may_steer": self.has_change_permission(request, feed),
            "may_delete": self.has_delete_permission(request, feed),
        }
        return TemplateResponse(request, "admin/catalogue/scheduledfeed/feed.html", context)

    def progress_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Return what is under way as JSON, for the polling script of the page."""
        feed = self.get_feed(request, pk)
        return JsonResponse(feed_pages.said(feed), headers={"Cache-Control": "no-store"})

    def action_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Look at, switch on, fetch or pause a feed, or answer what it asks."""
        feed = self.get_feed(request, pk)
        if not self.has_change_permission(request, feed):
            raise PermissionDenied
        # The fetch that the page asked about: a later one may ask about other articles.
        asked = request.POST.get("fetch", "")
        asking = feed.fetches.filter(state=State.ASKING).first()
        if asking is not None and str(asking.pk) != asked:
            asking = None
        actions: dict[str, Callable[[], object]] = {
            "look": lambda: scheduled_feeds.look(feed, by=request.user),
            "switch_on": lambda: scheduled_feeds.switch_on(feed, by=request.user),
            "fetch": lambda: scheduled_feeds.fetch_now(feed, by=request.user),
            "pause": lambda: scheduled_feeds.pause(feed),
            "leave": lambda: asking and scheduled_feeds.let_leave(asking),
            "keep": lambda: asking and scheduled_feeds.keep(asking),
        }
        wanted = request.POST.get("do", "")
        if wanted in actions and not actions[wanted]():
            self.message_user(
                request,
                gettext("Not possible now: a fetch is in progress, or the feed has changed in the meantime."),
                "warning",
            )
        for fetch in FeedFetch.objects.open().filter(feed=feed.pk):
            if fetch.state != State.IMPORTING:
                enqueue_unique(tasks.fetch_feed, fetch.pk, queue="bulk")
            elif fetch.run_id:
                enqueue_unique(tasks.run_import, fetch.run_id, queue="bulk")
        return HttpResponseRedirect(page_of(feed.pk))

    def left_view(self, request: HttpRequest, pk: int) -> StreamingHttpResponse:
        """Return the articles that have left, of which staff are asked, as a CSV file."""
        asking = self.get_feed(request, pk).fetches.filter(state=State.ASKING).first()
        if asking is None:
            raise Http404
        rows = scheduled_feeds.missing(asking).values_list("article__sku", "article__name").iterator()

        def lines() -> Iterator[bytes]:
            # The byte order mark, by which spreadsheets recognise UTF-8.
            yield b"\xef\xbb\xbfsku,name\r\n"
            for row in rows:
                line = io.StringIO(newline="")
                csv.writer(line).writerow(map(escape_formula, row))
                yield line.getvalue().encode()

        headers = {"Content-Disposition": f'attachment; filename="feed-{pk}-left.csv"'}
        return StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8", headers=headers)

    def get_feed(self, request: HttpRequest, pk: int) -> ScheduledFeed:
        feed = ScheduledFeed.objects.filter(pk=pk).first()
        if feed is None:
            raise Http404
        if not self.has_view_permission(request, feed):
            raise PermissionDenied
        return feed


def page_of(pk: int) -> str:
    return reverse("admin:catalogue_scheduledfeed_change", args=[pk])
