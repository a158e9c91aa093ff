"""The language of each answer."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.middleware.locale import LocaleMiddleware
from django.utils import translation
from django.utils.translation.trans_real import parse_accept_lang_header

API_PREFIX = "/api/"


class LanguageMiddleware(LocaleMiddleware):
    """Pages speak the language of their address, the API that of the header Accept-Language.

    Django's own gives every address without a language the default one, as long as pages have addresses without.
    """

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        if request.path_info.startswith(API_PREFIX):
            translation.activate(preferred_language(request))
            request.LANGUAGE_CODE = translation.get_language() or settings.LANGUAGE_CODE


def preferred_language(request: HttpRequest) -> str:
    """Return the language of the shop that the client likes best, by its header alone."""
    for code, _weight in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
        try:
            return translation.get_supported_language_variant(code)
        except LookupError:
            continue
    return settings.LANGUAGE_CODE
