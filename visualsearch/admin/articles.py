"""Search by photo in the admin of articles: which photos are indexed, and why others are not."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from catalogue.admin.actions import run
from catalogue.admin.articles import ArticleAdmin
from catalogue.admin.photos import PhotoForm, PhotoInline
from catalogue.broker import enqueue
from catalogue.messages.rendering import render_stored
from catalogue.models import Article, Photo
from visualsearch import tasks
from visualsearch.admin.duplicates import NearDuplicateAdmin
from visualsearch.admin.failures import ModelFailureAdmin
from visualsearch.admin.photos import by_photo_view, look_view
from visualsearch.admin.piles import PileAdmin
from visualsearch.admin.versions import ModelVersionAdmin
from visualsearch.admin.webhooks import WebhookAttemptAdmin
from visualsearch.exceptions import SearchUnavailableError
from visualsearch.models import LabelMapping, ModelFailure, ModelVersion, NearDuplicate, Pile, WebhookAttempt
from visualsearch.services import versions
from visualsearch.services.indexing import embedding
from visualsearch.services.indexing.embedding import PhotoState
from visualsearch.services.piles import existing_articles

admin.site.register(NearDuplicate, NearDuplicateAdmin)
admin.site.register(Pile, PileAdmin)
admin.site.register(ModelVersion, ModelVersionAdmin)
admin.site.register(ModelFailure, ModelFailureAdmin)
admin.site.register(WebhookAttempt, WebhookAttemptAdmin)
# The start page, with the figures of search by photo.
admin.site.index_template = "admin/visualsearch/dashboard.html"

# The name of the button beside a failed photo; its value is the photo's id.
TRY_AGAIN = "_try_again"


class SearchablePhotoForm(PhotoForm):
    """A photo whose category and near duplicates a script requests as soon as a file is chosen."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].widget.attrs["data-look"] = reverse("admin:catalogue_article_look")


class SearchablePhotoInline(PhotoInline):
    """An article's photos, with the state of their indexing."""

    form = SearchablePhotoForm
    fields = ("thumbnail", "file", "alt", "state", "draft", "position")
    readonly_fields = ("thumbnail", "state")

    # Cached for all rows: Django creates a new inline for every request.
    states: dict[int, PhotoState] | None = None

    @admin.display(description=_("search by photo"))
    def state(self, photo: Photo) -> str:
        if not photo.pk:
            return ""
        if self.states is None:
            self.states = states_of(list(photo.article.photos.all()))
        return shown(photo, self.states.get(photo.pk))


def states_of(photos: list[Photo]) -> dict[int, PhotoState]:
    try:
        return embedding.photo_states(photos)
    except SearchUnavailableError:
        # No model can be loaded. The admin works without it; the health check reports the cause.
        return {}


def shown(photo: Photo, state: PhotoState | None) -> str:
    """Return a photo's state as text or HTML; a failed one has its reason and a retry button."""
    if state is None:
        return gettext("Search by photo isn’t available.")
    if state.state == "failed":
        return format_html(
            '<span class="photo-state failed">{}</span><button class="button" name="{}" value="{}">{}</button>',
            gettext("Cannot be indexed: %(reason)s") % {"reason": render_stored(state.error)},
            TRY_AGAIN,
            photo.pk,
            gettext("Save and retry"),
        )
    if state.state == "found":
        text = gettext("Indexed")
    elif state.since is None:
        text = gettext("Indexing…")
    else:
        since = date_format(timezone.localtime(state.since), "SHORT_DATETIME_FORMAT")
        text = gettext("Indexing… (waiting since %(time)s)") % {"time": since}
    return format_html('<span class="photo-state {}">{}</span>', state.state, text)


class PhotoStateFilter(admin.SimpleListFilter):
    """Articles with photos that are not indexed: pending or failed."""

    title = _("search by photo")
    parameter_name = "search"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("waiting", gettext("Photos being indexed")), ("failed", gettext("Photos with errors"))]

    def queryset(self, request: HttpRequest, articles: QuerySet[Article]) -> QuerySet[Article]:
        if self.value() not in {"waiting", "failed"}:
            return articles
        try:
            version = versions.serving_version()
        except SearchUnavailableError:
            return articles.none()
        photos = version.waiting() if self.value() == "waiting" else version.failed()
        return articles.filter(Exists(photos.filter(article=OuterRef("pk"))))


admin.site.unregister(Article)


@admin.register(Article)
class SearchableArticleAdmin(ArticleAdmin):
    """Articles, with the state of their photos in the index."""

    inlines = (SearchablePhotoInline, *ArticleAdmin.inlines[1:])
    list_filter = (*ArticleAdmin.list_filter, PhotoStateFilter)
    actions = (*ArticleAdmin.actions, "propose", "try_photos_again", "embed_photos_again")

    def get_urls(self) -> list[Any]:
        def own(route: str, view: Callable[..., HttpResponse], name: str) -> Any:
            return path(route, self.admin_site.admin_view(view), name=f"catalogue_article_{name}")

        return [
            own("look/", require_POST(partial(look_view, self)), "look"),
            # The CSRF check runs inside the view, which responds with a page to a request that is too large.
            own("by-photo/", csrf_exempt(partial(by_photo_view, self)), "by_photo"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        response: HttpResponse = super().changelist_view(request, {"search_by_photo": True, **(extra_context or {})})
        return response

    @admin.action(description=_("Suggest category, colours and names from photos"), permissions=["change"])
    def propose(self, request: HttpRequest, articles: QuerySet[Article]) -> HttpResponse | None:
        return run(self, request, existing_articles.ACTION, articles)

    @admin.action(description=_("Retry failed photos"), permissions=["change"])
    def try_photos_again(self, request: HttpRequest, articles: QuerySet[Article]) -> None:
        self.try_again(request, list(Photo.objects.filter(article__in=articles).values_list("pk", flat=True)))

    @admin.action(description=_("Re-index photos"), permissions=["change"])
    def embed_photos_again(self, request: HttpRequest, articles: QuerySet[Article]) -> None:
        chosen = Photo.objects.filter(article__in=articles.order_by())
        again = embedding.embed_again(chosen.values_list("pk", flat=True))
        if again:
            enqueue(tasks.embed_waiting, queue="bulk")
        said = ngettext(
            "Re-indexing %(n)d photo. It can be found again once that is done.",
            "Re-indexing %(n)d photos. They can be found again once that is done.",
            again,
        )
        self.message_user(request, said % {"n": again})

    def response_change(self, request: HttpRequest, obj: Article) -> HttpResponse:
        chosen = request.POST.get(TRY_AGAIN, "")
        if not chosen.isdecimal():
            response: HttpResponse = super().response_change(request, obj)
            return response
        self.try_again(request, list(obj.photos.filter(pk=chosen).values_list("pk", flat=True)))
        return HttpResponseRedirect(request.get_full_path())

    def try_again(self, request: HttpRequest, photo_ids: list[int]) -> None:
        retried = embedding.try_again(photo_ids)
        if retried:
            enqueue(tasks.embed_waiting, queue="bulk")
        said = ngettext("Retrying %(n)d photo.", "Retrying %(n)d photos.", retried)
        self.message_user(request, said % {"n": retried})


@admin.register(LabelMapping)
class LabelMappingAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # no [] at run time
    """The mapping from the model's labels to the shop's categories."""

    list_display = ("label", "category")
    list_select_related = ("category",)
    autocomplete_fields = ("category",)
    search_fields = ("label", "category__name", "category__name_fr")
