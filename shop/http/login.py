"""Login lockout after wrong passwords: callbacks of django-axes."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from catalogue.rate_limits import address_of


def client_address(request: HttpRequest) -> str | None:
    """Return the client's IP address, the same that rate limits use."""
    return address_of(request.META) or None


def locked_out(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """Respond with 429 and Retry-After to a login after too many failures."""
    wait_s = int(settings.AXES_COOLOFF_TIME.total_seconds())
    response = render(request, "admin/locked_out.html", {"minutes": wait_s // 60}, status=429)
    response["Retry-After"] = str(wait_s)
    return response
