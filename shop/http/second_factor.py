"""Sessions that lack a second factor are those of strangers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from catalogue.models.addresses import address_to
from catalogue.second_factor import missing_step

PAGE_OF = {"check": "admin:second_factor_check", "set_up": "admin:second_factor"}
# What somebody who has only shown a password may open besides, to get out.
OPEN = ("admin:login", "admin:logout", "admin:jsi18n")


class SecondFactorMiddleware:
    """Leads who has only shown a password to the page that asks for more; everywhere else they are a stranger.

    Comes after django-otp's middleware, which says by which device a session passed.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(address_to("admin:index")):
            user = request.user
            # Looked up where a page asks who it is for: most ask for nobody.
            request.user = SimpleLazyObject(lambda: passed(user))  # type: ignore[assignment]  # a lazy user
            return self.get_response(request)
        step = missing_step(request.user)
        if step is None:
            return self.get_response(request)
        page = reverse(PAGE_OF[step])
        if request.path_info in {page, *map(reverse, OPEN)}:
            return self.get_response(request)
        query = urlencode({"next": request.get_full_path()}) if request.method == "GET" else ""
        return HttpResponseRedirect(f"{page}?{query}" if query else page)


def passed(user: Any) -> Any:
    return user if missing_step(user) is None else AnonymousUser()
