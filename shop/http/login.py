"""Who guesses passwords is locked out for a while: django-axes, and what it has to be told."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from catalogue.rate_limits import address_of


def client_address(request: HttpRequest) -> str | None:
    """Return the address of whoever logs in, as rate limits know it."""
    return address_of(request.META) or None


def locked_out(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """Answer to a login that was tried too often."""
    wait_s = int(settings.AXES_COOLOFF_TIME.total_seconds())
    response = render(request, "admin/locked_out.html", {"minutes": wait_s // 60}, status=429)
    response["Retry-After"] = str(wait_s)
    return response
