"""Sitemaps for search engines: every page of the shop, in both languages; written by a worker, as files.

A file of 10,000 addresses takes seconds to make. The address of the shop is the caller's, so files have a placeholder
for it. One that is missing, or older than KEPT_FOR, is made for whoever asks, and kept.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, overload

from django.conf import settings
from django.contrib.sitemaps import Sitemap, views
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.paginator import Paginator
from django.db.models import Max
from django.http import Http404, HttpRequest, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language

from catalogue.browsing.tree import category_tree, in_use, walk
from catalogue.columns.following import column_table
from catalogue.exceptions import StoreUnreachableError
from catalogue.models import Article, Category

logger = logging.getLogger(__name__)

# A worker looks each hour for files of this age, and makes them anew.
REFRESHED_AFTER = timedelta(hours=6)
# Where no worker has made them anew for so long, they are made as they are asked for.
KEPT_FOR = timedelta(days=2)
# In files, where the shop's own scheme and host go.
PLACEHOLDER = "http://shop.invalid"
# The section of the list of all files, which no address can name.
INDEX = ""
_PAGE = re.compile(r"[1-9][0-9]{0,5}")
# The last characters of what was written whole.
_ENDS = (b"</urlset>", b"</sitemapindex>")

if TYPE_CHECKING:
    ArticlePages = Sitemap[Any]
    CategoryPages = Sitemap[Category]
    NamedPages = Sitemap[str]
else:
    # Sitemap is generic only in its type stubs.
    ArticlePages = CategoryPages = NamedPages = Sitemap


class Entries(Sequence[tuple[Article, str]]):
    """Each published article in each language, in the order of their ids. The rows of a part are read as it is."""

    ordered = True

    def __init__(self) -> None:
        self._ids = column_table().ids
        self._languages = [code for code, _ in settings.LANGUAGES]

    def __len__(self) -> int:
        return len(self._ids) * len(self._languages)

    @overload
    def __getitem__(self, part: int) -> tuple[Article, str]: ...
    @overload
    def __getitem__(self, part: slice) -> list[tuple[Article, str]]: ...
    def __getitem__(self, part: int | slice) -> tuple[Article, str] | list[tuple[Article, str]]:
        if isinstance(part, int):
            return self[part : part + 1][0]
        several = len(self._languages)
        # Pages have a number of entries that languages divide.
        ids = self._ids[(part.start or 0) // several : (part.stop or len(self)) // several]
        if not len(ids):
            return []
        published = Article.objects.published().filter(pk__range=(int(ids[0]), int(ids[-1])))
        rows = published.only("pk", "slug", "updated").order_by("pk")
        return [(row, language) for row in rows for language in self._languages]


class ArticleSitemap(ArticlePages):
    """Published articles."""

    i18n = True
    alternates = True
    # Entries of a file, one per article and language. The protocol allows 50,000.
    limit = 10_000

    def __init__(self) -> None:
        self._before_slug: dict[str | None, str] = {}

    @property
    def paginator(self) -> Paginator[Any]:
        """Pages that know their articles: Django's own would read all articles for each."""
        return Paginator(Entries(), self.limit)

    def location(self, article: Article) -> str:
        """Return the address of an article's page in the active language. A tenth of what reversing each takes."""
        language = get_language()
        if language not in self._before_slug:
            self._before_slug[language] = reverse("catalogue:article", args=["x", 0]).removesuffix("x-0/")
        return f"{self._before_slug[language]}{article.slug}-{article.pk}/"

    def lastmod(self, article: Article) -> datetime:
        return article.updated

    def get_latest_lastmod(self) -> datetime | None:
        latest: datetime | None = Article.objects.published().aggregate(latest=Max("updated"))["latest"]
        return latest


class CategorySitemap(CategoryPages):
    """Categories with articles, at any depth."""

    i18n = True
    alternates = True

    def items(self) -> list[Category]:
        return [branch.category for branch in walk(in_use(category_tree()))]


class PageSitemap(NamedPages):
    """Pages that exist whatever the catalogue contains."""

    i18n = True
    alternates = True

    def items(self) -> list[str]:
        return ["catalogue:home", "catalogue:articles"]

    def location(self, name: str) -> str:
        return reverse(name)


SITEMAPS: dict[str, Any] = {
    "pages": PageSitemap,
    "categories": CategorySitemap,
    "articles": ArticleSitemap,
}


class PlaceholderRequest(HttpRequest):
    """The request of nobody, from a shop whose address is PLACEHOLDER."""

    def get_host(self) -> str:
        return PLACEHOLDER.partition("://")[2]


def sitemap(section: str, page: str, site: str) -> bytes:
    """Return a file of a section's addresses, or the INDEX of all files, for a shop of this scheme and host.

    Raises Http404 for a section or page that there is not.
    """
    # One spelling of each number: what is made is kept under it.
    if not _PAGE.fullmatch(page):
        raise Http404
    return (kept(section, page) or keep(section, page)).replace(PLACEHOLDER.encode(), site.encode())


def kept(section: str, page: str) -> bytes | None:
    """Return a file as it was written; None where it is missing, too old or not whole."""
    store, path = storages["renditions"], _path(section, page)
    if section not in {INDEX, *SITEMAPS}:
        return None
    try:
        if timezone.now() - store.get_modified_time(path) > KEPT_FOR:
            return None
        with store.open(path) as file:
            written = bytes(file.read())
    except FileNotFoundError:
        return None
    except StoreUnreachableError as error:
        logger.warning("a sitemap is made anew: %s", error)
        return None
    return written if written.rstrip().endswith(_ENDS) else None


def keep(section: str, page: str) -> bytes:
    """Make a file anew and write it. Raises Http404 as `sitemap` does."""
    request = PlaceholderRequest()
    request.method, request.GET = "GET", QueryDict(f"p={page}")
    made = views.index(request, SITEMAPS) if section == INDEX else views.sitemap(request, SITEMAPS, section=section)
    body = bytes(made.render().content)
    try:
        storages["renditions"].save(_path(section, page), ContentFile(body))
    except OSError as error:
        # It is made again for the next one who asks.
        logger.warning("a sitemap cannot be kept: %s", error)
    return body


def refresh(*, for_s: float) -> bool:
    """Make for about so many seconds the files anew that are missing or old. Returns whether there are more."""
    until, store, before = time.monotonic() + for_s, storages["renditions"], timezone.now() - REFRESHED_AFTER
    for section, page in every_file():
        path = _path(section, page)
        if store.exists(path) and store.get_modified_time(path) > before:
            continue
        if time.monotonic() >= until:
            return True
        keep(section, page)
    return False


def every_file() -> Iterator[tuple[str, str]]:
    """Yield section and page of each file that there is to be."""
    yield INDEX, "1"
    for section, kind in SITEMAPS.items():
        for number in kind().paginator.page_range:
            yield section, str(number)


def _path(section: str, page: str) -> str:
    return f"sitemaps/{section or 'index'}-{page}.xml"
