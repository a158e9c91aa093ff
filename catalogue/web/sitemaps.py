"""Views of the sitemaps."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from catalogue import sitemaps


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Return the list of all sitemaps."""
    return _answer(request, sitemaps.INDEX, "1")


@require_safe
def section(request: HttpRequest, section: str) -> HttpResponse:
    """Return a sitemap: a section's, by the number of its page in `p`."""
    return _answer(request, section, request.GET.get("p", "1"))


def _answer(request: HttpRequest, section: str, page: str) -> HttpResponse:
    body = sitemaps.sitemap(section, page, f"{request.scheme}://{request.get_host()}")
    return HttpResponse(body, content_type="application/xml", headers={"X-Robots-Tag": "noindex, noodp, noarchive"})
