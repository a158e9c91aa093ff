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
    """Selects the language of a response: what the address says, else that of the cookie, else of Accept-Language.

    The API has no cookie. Django's LocaleMiddleware would select the default language for every address that says none.
    """

    def process_request(self, request: HttpRequest) -> None:
        said = translation.get_language_from_path(request.path_info)
        if said == settings.LANGUAGE_CODE:
            request.urlconf = settings.URLCONF_SAYING_DEFAULT_LANGUAGE
        if request.path_info.startswith(API_PREFIX):
            activate(request, preferred_language(request))
        else:
            activate(request, said or translation.get_language_from_request(request))

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        answer: HttpResponseBase = super().process_response(request, response)
        says_none = translation.get_language_from_path(request.path_info) is None
        if says_none and not request.path_info.startswith(API_PREFIX):
            patch_vary_headers(answer, ("Accept-Language", "Cookie"))
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
    return language_of(request.headers.get("Accept-Language", ""))


def language_of(accepted: str) -> str:
    """Return the shop's language that a header Accept-Language prefers."""
    for code, _weight in parse_accept_lang_header(accepted):
        try:
            return translation.get_supported_language_variant(code)
        except LookupError:
            continue
    return settings.LANGUAGE_CODE
