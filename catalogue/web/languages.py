"""The language of a page: what its address says, else what the reader's browser asks for.

/fr/articles/ is in French and /en/articles/ in English, for every reader. /articles/ is in the language that the
reader chose (a cookie), else in that of the browser (Accept-Language).
"""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, get_urlconf, set_urlconf, translate_url
from django.urls.resolvers import LocalePrefixPattern
from django.utils.translation import get_language_from_path


class LanguagePrefix(LocalePrefixPattern):
    """The language at the beginning of an address; an address may also say none.

    Links in the default language say so with `prefix_default_language` alone: on pages whose own address does.
    """

    def match(self, path: str) -> tuple[str, tuple[()], dict[str, str]] | None:
        if (language := get_language_from_path(f"/{path}")) is None:
            return path, (), {}
        prefix = f"{language}/"
        return (path.removeprefix(prefix), (), {}) if path.startswith(prefix) else None


def in_every_language(*patterns: URLPattern | URLResolver, says_default: bool = False) -> list[URLResolver]:
    """Return URL patterns as i18n_patterns() does, for addresses that say a language and ones that do not."""
    return [URLResolver(LanguagePrefix(prefix_default_language=says_default), list(patterns))]


def address_in(path: str, language: str) -> str:
    """Return the address of a page in a language, with its query string: the one that search engines are to know."""
    urlconf = get_urlconf()
    set_urlconf(None)
    try:
        return str(translate_url(path, language))
    finally:
        set_urlconf(urlconf)
