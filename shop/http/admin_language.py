"""Redirects of the admin's former addresses, which had a language prefix as the shop's pages have."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.encoding import escape_uri_path
from django.views.decorators.csrf import csrf_exempt


# The page redirected to checks the form's token.
@csrf_exempt
def without_language_prefix(request: HttpRequest, language: str, page: str = "") -> HttpResponseRedirect:
    """Redirect to the admin page, and keep the language in the cookie. Raises Http404 for an unknown language.

    A form that was open when the address changed is sent on as it is (307).
    """
    if language not in dict(settings.LANGUAGES):
        raise Http404
    query = request.META.get("QUERY_STRING", "")
    address = reverse("admin:index") + escape_uri_path(page) + (f"?{query}" if query else "")
    response = HttpResponseRedirect(address, status=302 if request.method in {"GET", "HEAD"} else 307)
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        path=settings.LANGUAGE_COOKIE_PATH,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite=settings.LANGUAGE_COOKIE_SAMESITE,  # type: ignore[arg-type]  # a plain str
    )
    return response
