"""Selection of the language of each response."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation.trans_real import parse_accept_lang_header

from catalogue.models.recording import recording

API_PREFIX = "/api/"
ADMIN_PREFIX = "/admin/"


class LanguageMiddleware(LocaleMiddleware):
    """Selects a page's language by its URL, and that of API responses by Accept-Language.

    The admin has one URL for all languages: it speaks the language of the cookie, else that of Accept-Language.

    Django's LocaleMiddleware selects the default language for every URL without a language prefix, as long as pages in
    the default language have none.
    """

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        if request.path_info.startswith(API_PREFIX):
            activate(request, preferred_language(request))
        elif request.path_info.startswith(ADMIN_PREFIX):
            activate(request, translation.get_language_from_request(request))

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if request.path_info.startswith(ADMIN_PREFIX):
            patch_vary_headers(response, ("Accept-Language", "Cookie"))
        answer: HttpResponseBase = super().process_response(request, response)
        return answer


def activate(request: HttpRequest, language: str) -> None:
    translation.activate(language)
    request.LANGUAGE_CODE = translation.get_language() or settings.LANGUAGE_CODE


class RecordingMiddleware:
    """Records what a request changes in the catalogue as one change set, of the user who asked."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        # The API knows its user only later, and tells the request then.
        how = "api" if request.path_info.startswith(API_PREFIX) else "form"
        with recording(how, user=lambda: getattr(request, "user", None)):
            return self.get_response(request)


def preferred_language(request: HttpRequest) -> str:
    """Return the shop's language that the client prefers, by Accept-Language alone."""
    for code, _weight in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
        try:
            return translation.get_supported_language_variant(code)
        except LookupError:
            continue
    return settings.LANGUAGE_CODE
