"""What is shown where no view answers: problems below /api/, pages elsewhere. Named in shop/urls.py."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader
from django.views import defaults

from catalogue.api.exception_handler import answer, problem
from catalogue.middleware import API_PREFIX


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path_info.startswith(API_PREFIX):
        return problem(exception, {}) or answer("invalid")
    return defaults.bad_request(request, exception)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path_info.startswith(API_PREFIX):
        return answer("not_found")
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer to a bug. No context processors: what they need may be what is broken."""
    if request.path_info.startswith(API_PREFIX):
        return answer("server_error")
    return HttpResponse(loader.get_template("500.html").render({"shop_name": settings.SHOP_NAME}), status=500)
