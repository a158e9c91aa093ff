"""The button of an empty shop that loads the demo."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from catalogue import tasks
from catalogue.broker import enqueue_unique
from catalogue.models import Article


class LoadsDemo(ModelAdmin):  # type: ignore[type-arg]  # no [] at run time
    """Mixin: staff may have a worker load the demo, as long as there is no article."""

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(require_POST(self.load_demo_view))
        return [path("load-demo/", view, name="catalogue_article_load_demo"), *super().get_urls()]

    def load_demo_view(self, request: HttpRequest) -> HttpResponse:
        if not request.user.has_perms(["catalogue.add_article", "catalogue.add_category"]):
            raise PermissionDenied
        if Article.objects.exists():
            self.message_user(request, gettext("The shop has products already. Nothing was added."), messages.WARNING)
        elif enqueue_unique(tasks.load_demo, queue="bulk"):
            said = gettext("The demo is being loaded. It takes a minute: reload this page to see it.")
            self.message_user(request, said)
        else:
            said = gettext("The demo cannot be loaded at the moment. Try again in a few minutes.")
            self.message_user(request, said, messages.ERROR)
        return HttpResponseRedirect(reverse("admin:index"))
