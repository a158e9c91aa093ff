"""Admin list of searches on which a model failed: vectors, categories, and photos that shoppers agreed to give."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalogue.admin.styles import STYLES
from visualsearch.models import ModelFailure
from visualsearch.services.formats import percent
from visualsearch.services.labels import label_in_words
from visualsearch.services.retrieval.articles import Match
from visualsearch.services.rollout import feedback
from visualsearch.services.rollout.nearest import nearest_of

# Articles that are shown beside a search.
NEAREST = 4
# A likeness below this says nothing to people.
LEAST_SAID = 0.1


class RecognisedAsFilter(admin.SimpleListFilter):
    """Filters by what the model took the photo for, by the names that shops have for its labels."""

    title = _("recognised as")
    parameter_name = "predicted"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        labels = ModelFailure.objects.exclude(predicted="").order_by().values_list("predicted", flat=True).distinct()
        return sorted(((label, label_in_words(label)) for label in labels), key=lambda choice: choice[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet[ModelFailure]) -> QuerySet[ModelFailure]:
        return queryset.filter(predicted=self.value()) if self.value() else queryset


class ModelFailureAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # no [] at run time
    """Model failures, as training data for the next model."""

    list_display = ("created", "kind", "given", "nearest", "predicted_name", "sure", "corrected_name", "version")
    list_display_links = None
    list_filter = ("kind", "version", RecognisedAsFilter, ("photo", admin.EmptyFieldListFilter))
    list_select_related = ("version",)
    # Each row with a photo searches the index.
    list_per_page = 25
    show_full_result_count = False
    actions = ("export",)

    class Media:
        css = {"all": STYLES}

    def get_urls(self) -> list[Any]:
        photo = self.admin_site.admin_view(self.photo_view)
        return [path("<int:pk>/photo/", photo, name="visualsearch_modelfailure_photo"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Say so where no more is taken of what customers tell."""
        if request.method == "GET" and feedback.is_full():
            self.message_user(
                request,
                _("The list is full: what customers tell is no longer added. Delete rows that you have dealt with."),
                messages.WARNING,
            )
        return super().changelist_view(request, extra_context)

    def get_list_display(self, request: HttpRequest) -> Any:
        return [name for name in self.list_display if name != "version" or request.user.is_superuser]

    def get_list_filter(self, request: HttpRequest) -> Any:
        return [name for name in self.list_filter if name != "version" or request.user.is_superuser]

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changes = super().get_changelist_instance(request)
        rows = list(changes.result_list)
        found = nearest_of([row for row in rows if row.photo], limit=NEAREST)
        for row in rows:
            row.nearest_articles = found.get(row.pk, [])
        changes.result_list = rows
        return changes

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: ModelFailure | None = None) -> bool:
        return False

    def delete_model(self, request: HttpRequest, obj: ModelFailure) -> None:
        feedback.forget(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[ModelFailure]) -> None:
        for mistake in queryset:
            feedback.forget(mistake)

    @admin.display(description=_("recognised as"), ordering="predicted")
    def predicted_name(self, mistake: ModelFailure) -> str:
        return label_in_words(mistake.predicted) if mistake.predicted else "–"

    @admin.display(description=_("probability"), ordering="probability")
    def sure(self, mistake: ModelFailure) -> str:
        return "–" if mistake.probability is None else percent(mistake.probability)

    @admin.display(description=_("corrected to"), ordering="corrected")
    def corrected_name(self, mistake: ModelFailure) -> str:
        return label_in_words(mistake.corrected) if mistake.corrected else "–"

    @admin.display(description=_("photo"))
    def given(self, mistake: ModelFailure) -> str | SafeString:
        if not mistake.photo:
            return "–"
        address = reverse("admin:visualsearch_modelfailure_photo", args=[mistake.pk])
        alt = gettext("Photo left by a customer")
        # Whatever a stranger left is seen by those who want to see it.
        picture = format_html('<img class="thumbnail" src="{}" alt="{}" loading="lazy">', address, alt)
        asked = gettext("Show the photo")
        return format_html('<label class="veiled"><input type="checkbox" aria-label="{}">{}</label>', asked, picture)

    @admin.display(description=_("closest products"))
    def nearest(self, mistake: ModelFailure) -> str | SafeString:
        matches: list[Match] = getattr(mistake, "nearest_articles", [])
        if not matches:
            return "–"
        pictures = format_html_join(
            "",
            '<a href="{}" title="{}"><img class="thumbnail" src="{}" alt="{}" loading="lazy"></a>',
            (
                (
                    reverse("admin:catalogue_article_change", args=[match.article.pk]),
                    f"{match.article} · {percent(match.likeness)}"
                    if match.likeness >= LEAST_SAID
                    else str(match.article),
                    match.article.cover.image_url(320),
                    str(match.article),
                )
                for match in matches
                if match.article.cover
            ),
        )
        return format_html('<div class="nearest">{}</div>', pictures)

    def photo_view(self, request: HttpRequest, pk: int) -> HttpResponse | FileResponse:
        """Return a photo that a shopper gave. It was re-encoded on receipt, without its file's metadata."""
        mistake = ModelFailure.objects.filter(pk=pk).exclude(photo="").first()
        if mistake is None:
            raise Http404
        if not self.has_view_permission(request, mistake):
            raise PermissionDenied
        try:
            file = mistake.photo.open("rb")
        except FileNotFoundError as error:
            raise Http404 from error
        return FileResponse(file, content_type="image/webp", headers={"Cache-Control": "private, no-store"})

    @admin.action(description=_("Download for training (JSON Lines)"), permissions=["view"])
    def export(self, request: HttpRequest, mistakes: QuerySet[ModelFailure]) -> StreamingHttpResponse:
        headers = {"Content-Disposition": 'attachment; filename="failures.jsonl"'}
        return StreamingHttpResponse(lines(mistakes), content_type="application/jsonl", headers=headers)


def lines(mistakes: QuerySet[ModelFailure]) -> Iterator[str]:
    """Yield each failure as a line of JSON; its vector as base64 of little-endian float16."""
    for mistake in mistakes.select_related("version").iterator():
        row = {
            "created": mistake.created.isoformat(),
            "kind": mistake.kind,
            "model": str(mistake.version),
            "predicted": mistake.predicted,
            "probability": mistake.probability,
            "corrected": mistake.corrected,
            "vector": b64encode(bytes(mistake.vector)).decode(),
            "photo": str(mistake.photo.name or ""),
        }
        yield json.dumps(row) + "\n"
