"""Error handlers, named in shop/urls.py: problem responses (RFC 9457) below /api/, HTML pages elsewhere."""

from __future__ import annotations

import sys
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.shortcuts import render
from django.template import loader
from django.utils.translation import gettext, override
from django.views import defaults

from catalogue.problems import (
    PROBLEM_TYPES,
    RETRY_AFTER_S,
    is_passing,
    problem,
    problem_of,
    retry_after,
    storage_problem,
)
from catalogue.web.middleware import ADMIN_PREFIX, API_PREFIX, preferred_language

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


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
    """Respond to a bug, to a disk that takes nothing, or to a database that others hold or that is restarted.

    Context processors are not run: what they need may be broken. What was typed into a form of staff is on the page, to
    be sent again.
    """
    error = sys.exception()
    code = storage_problem(error) or ("unavailable" if is_passing(error) else "server_error")
    if code != "server_error" and request.method in SAFE_METHODS:
        # Nothing was to be saved: it could not be read.
        code = "unavailable"
    if request.path_info.startswith(API_PREFIX):
        with override(preferred_language(request)):
            return problem(code)
    kind = PROBLEM_TYPES[code]
    # Worded for shoppers; the API words it for developers.
    remedy = gettext("The problem is on our side. It has been logged.") if code == "server_error" else kind.remedy
    context = {"shop_name": settings.SHOP_NAME, "title": kind.title, "remedy": remedy}
    if code != "server_error" and request.method == "POST" and request.path_info.startswith(ADMIN_PREFIX):
        context |= sent_again(request)
    headers = retry_after(RETRY_AFTER_S) if kind.status == HTTPStatus.SERVICE_UNAVAILABLE else {}
    try:
        page = loader.get_template("500.html").render(context)
    except OSError:
        # Not even a template can be read.
        return HttpResponse(f"{kind.title} {remedy}", "text/plain; charset=utf-8", kind.status, headers=headers)
    return HttpResponse(page, status=kind.status, headers=headers)


def sent_again(request: HttpRequest) -> dict[str, Any]:
    """Return what a form needs to send the same again; nothing for one with a password, or that was not read."""
    try:
        fields = [(name, value) for name, values in request.POST.lists() for value in values]
        files = [file.name for _name, uploads in request.FILES.lists() for file in uploads]
    except (OSError, SuspiciousOperation, UnreadablePostError):
        return {}
    if any("password" in name for name, _value in fields):
        return {}
    return {"fields": fields, "files": files, "address": request.get_full_path()}
