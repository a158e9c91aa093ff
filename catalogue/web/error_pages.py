"""Error handlers, named in shop/urls.py: problem responses (RFC 9457) below /api/, HTML pages elsewhere."""

from __future__ import annotations

import sys

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader
from django.utils.translation import gettext, override
from django.views import defaults

from catalogue.problems import PROBLEM_TYPES, is_disk_full, problem, problem_of
from catalogue.web.middleware import ADMIN_PREFIX, API_PREFIX, preferred_language


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path_info.startswith(API_PREFIX):
        # Raised before the language was chosen, perhaps.
        with override(preferred_language(request)):
            return problem_of(exception) or problem("invalid")
    return defaults.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Respond to staff whose role does not allow a page: who can help, in the look of the admin."""
    if request.path_info.startswith(API_PREFIX):
        with override(preferred_language(request)):
            return problem("permission_denied")
    if not request.path_info.startswith(ADMIN_PREFIX):
        return defaults.permission_denied(request, exception)
    context = {**admin.site.each_context(request), "title": gettext("You can’t do this")}
    return render(request, "admin/403.html", context, status=403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path_info.startswith(API_PREFIX):
        with override(preferred_language(request)):
            return problem_of(exception) or problem("not_found")
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Respond to a bug or a full disk. Context processors are not run: what they need may be what is broken."""
    code = "storage_full" if is_disk_full(sys.exception()) else "server_error"
    if request.path_info.startswith(API_PREFIX):
        with override(preferred_language(request)):
            return problem(code)
    kind = PROBLEM_TYPES[code]
    # Worded for shoppers; the API words it for developers.
    remedy = gettext("The problem is on our side. It has been logged.") if code == "server_error" else kind.remedy
    context = {"shop_name": settings.SHOP_NAME, "title": kind.title, "remedy": remedy}
    return HttpResponse(loader.get_template("500.html").render(context), status=kind.status)
