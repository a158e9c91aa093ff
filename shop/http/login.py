"""Who guesses passwords is locked out for a while: django-axes, and what it has to be told."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from rest_framework.throttling import BaseThrottle


def client_address(request: HttpRequest) -> str | None:
    """Return the address of whoever logs in, past the proxies that SHOP_PROXIES counts, as the API's throttles do."""
    found: Any = BaseThrottle().get_ident(request)  # type: ignore[arg-type]  # it reads headers alone
    return str(found) if found else None


def locked_out(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """Answer to a login that was tried too often."""
    wait_s = int(settings.AXES_COOLOFF_TIME.total_seconds())
    response = render(request, "admin/locked_out.html", {"minutes": wait_s // 60}, status=429)
    response["Retry-After"] = str(wait_s)
    return response
