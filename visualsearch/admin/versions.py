"""Admin page of model versions: register, shadow test, A/B test, promote, roll back, retire; statistics of each."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.formats import number_format
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from catalogue.admin.styles import STYLES
from catalogue.messages.rendering import render
from catalogue.models import Photo
from visualsearch.exceptions import RolloutError
from visualsearch.inference.types import Card
from visualsearch.models import ModelVersion
from visualsearch.services.indexing.status import count
from visualsearch.services.rollout import experiment_stats, lifecycle

State = ModelVersion.State


class ModelVersionAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # no [] at run time
    """The model versions and their rollout."""

    class Media:
        css = {"all": [*STYLES, "admin/figures.css"]}
        js = [forms.Script("admin/progress.js", type="module"), forms.Script("admin/import.js", type="module")]

    def get_urls(self) -> list[Any]:
        def own(route: str, view: Callable[..., Any], name: str) -> Any:
            return path(route, self.admin_site.admin_view(view), name=f"visualsearch_modelversion_{name}")

        # Without super().get_urls(): versions are not added, edited or deleted by hand.
        return [
            own("", self.list_view, "changelist"),
            own("progress/", self.progress_view, "progress"),
            own("register/", require_POST(self.register_view), "register"),
            own("back/", require_POST(self.back_view), "back"),
            own("<int:pk>/steer/", require_POST(self.action_view), "steer"),
        ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ModelVersion | None = None) -> bool:
        return False

    def list_view(self, request: HttpRequest) -> HttpResponse:
        """Show the versions, each with its possible actions and statistics."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        versions = list(ModelVersion.objects.order_by("-created"))
        serving = next((one for one in versions if one.state == State.SERVING), None)
        context = {
            **self.admin_site.each_context(request),
            "title": capfirst(ModelVersion._meta.verbose_name_plural),
            "opts": self.opts,
            "media": self.media,
            "said": said(),
            "rows": [row_of(one, serving) for one in versions],
            "shares": lifecycle.SHARES[1:],
            "back": lifecycle.previous(),
            "artefacts": [described(folder, card) for folder, card in lifecycle.artefacts().items()],
            "may_steer": self.has_change_permission(request),
            "planned": experiment_stats.PLANNED_SEARCHES,
            "looks": experiment_stats.INTERIM_ANALYSES,
        }
        return TemplateResponse(request, "admin/visualsearch/versions.html", context)

    def progress_view(self, request: HttpRequest) -> HttpResponse:
        """Return the embedding progress of versions being built as JSON, for the page's polling script."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return JsonResponse(said(), headers={"Cache-Control": "no-store"})

    def register_view(self, request: HttpRequest) -> HttpResponse:
        """Register an artefact."""
        return self.done(
            request, lambda: lifecycle.register(request.POST.get("artefact", "")), _("The version is being built.")
        )

    def back_view(self, request: HttpRequest) -> HttpResponse:
        """Roll back to the version that served before."""
        return self.done(request, lifecycle.go_back, _("The previous version is active again."))

    def action_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Run the action of the pressed button on a version. Raises Http404 for an unknown version or action."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        version = ModelVersion.objects.filter(pk=pk).first()
        if version is None:
            raise Http404
        wanted, _space, value = request.POST.get("do", "").partition(" ")
        verbs: dict[str, tuple[Callable[[], Any], Any]] = {
            "compare": (lambda: lifecycle.set_shadow(version, wanted=True), _("Shadow test started.")),
            "ignore": (lambda: lifecycle.set_shadow(version, wanted=False), _("Shadow test stopped.")),
            "share": (lambda: lifecycle.set_share(version, int(value)), _("Share of visitors changed.")),
            "promote": (lambda: lifecycle.promote(version), _("The version is now active.")),
            "retire": (lambda: lifecycle.retire(version), _("The version is retired. Its vectors are being removed.")),
        }
        if wanted not in verbs or (wanted == "share" and not re.fullmatch(r"[0-9]{1,3}", value)):
            raise Http404
        return self.done(request, *verbs[wanted])

    def done(self, request: HttpRequest, act: Callable[[], Any], text: Any) -> HttpResponse:
        """Run `act`, show `text` or the RolloutError, and redirect to the list. Raises PermissionDenied."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        try:
            act()
        except RolloutError as error:
            self.message_user(request, render(error.message), "error")
        else:
            self.message_user(request, text)
        return HttpResponseRedirect(reverse("admin:visualsearch_modelversion_changelist"))


def row_of(version: ModelVersion, serving: ModelVersion | None) -> dict[str, Any]:
    """Return the template context of a version."""
    figures = experiment_stats.figures_of(version, since=experiment_stats.begun(version))
    on_trial = serving is not None and version.state == State.READY
    retired = version.state == State.RETIRED
    return {
        "version": version,
        "vectors": version.embeddings.count(),
        "counts": None if retired else count(version),
        "figures": figures,
        "verdict": experiment_stats.verdict_of(version, serving) if on_trial and serving and figures.searches else None,
        "complete": version.state in {State.READY, State.STANDBY},
    }


def described(folder: str, card: Card) -> dict[str, Any]:
    """Return the template context of an artefact that can be registered."""
    sizes = card.facts.get("bytes")
    return {
        "folder": folder,
        "name": f"{card.name} {card.version}",
        "dimensions": card.dimensions,
        "bytes": sum(sizes.values()) if isinstance(sizes, dict) else None,
    }


def said() -> dict[str, Any]:
    """Return the progress of the versions being built, for the page and its polling script."""
    building = list(ModelVersion.objects.filter(state=State.BUILDING).order_by("pk"))
    states = "-".join(f"{pk}{state}" for pk, state in ModelVersion.objects.order_by("pk").values_list("pk", "state"))
    if not building:
        return {"revision": states, "working": False, "text": "", "percent": 100}
    photos, waiting = Photo.objects.count(), sum(count(version).pending for version in building)
    whole = photos * len(building)
    text = gettext("%(version)s is being built: %(done)s of %(all)s photos.") % {
        "version": ", ".join(map(str, building)),
        "done": number_format(whole - waiting, force_grouping=True),
        "all": number_format(whole, force_grouping=True),
    }
    percent = round(100 * (whole - waiting) / whole) if whole else 0
    return {"revision": states, "working": True, "text": text, "percent": percent}
