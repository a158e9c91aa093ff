"""Views of the catalogue's pages, and of photo renditions."""

from __future__ import annotations

import logging
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from catalogue import history
from catalogue.browsing.article_pages import ArticlePages
from catalogue.browsing.category_links import links_of_list
from catalogue.browsing.colour_variants import colour_choices, shown_colour_variants
from catalogue.browsing.filter_panel import as_sent, build_panel
from catalogue.browsing.listing import QUERY_MAX_CHARACTERS, ListQuery, read_list
from catalogue.browsing.offers import published_offer
from catalogue.browsing.suggestions import suggest
from catalogue.exceptions import BusyError, ImageError, StoreUnreachableError
from catalogue.models import Article, Category, Photo
from catalogue.photos import services
from catalogue.problems import detail_of, problem
from catalogue.rights import sees_hidden
from catalogue.text_search.searching import TextSearch, plan_search
from catalogue.web.home import newest

logger = logging.getLogger(__name__)

ARTICLES_A_PAGE = 24
# The modules that the scripts of an article's page import, preloaded so that they are fetched in parallel.
ARTICLE_MODULES = ("js/focus.js", "js/gestures.js", "js/placement.js")


@require_safe
def articles(request: HttpRequest) -> HttpResponse:
    return article_list(request, None)


@require_safe
def category(request: HttpRequest, slug: str) -> HttpResponse:
    return article_list(request, get_object_or_404(Category, slug=slug))


def article_list(request: HttpRequest, category: Category | None) -> HttpResponse:
    """Return the page of all articles, or of a category and its descendants, that match the search and filters."""
    sent = request.GET.copy()
    sent["q"] = sent.get("q", "")[:QUERY_MAX_CHARACTERS]
    # Invalid parameters are left out, and the page says which; they never cause an error.
    query, left_out = read_list(sent)
    # Of all that is offered, so that a category or a filter does not change what words mean.
    search = plan_search(query.text, Article.objects.published())
    offer = published_offer(category, search)
    pages: Any = ArticlePages(query, offer)
    paginator: Paginator[Article] = Paginator(pages, ARTICLES_A_PAGE)
    page = paginator.get_page(request.GET.get("page"))
    context = {
        "heading": heading(query.text, category),
        "category": category,
        "path": Category.objects.get_ancestors(category) if category else [],
        "categories": links_of_list(query, offer),
        "query": query.text,
        "search": search,
        "corrections": corrections(search, query),
        "panel": build_panel(query, offer, left_out=left_out),
        "page": page,
        # Nobody is left with an empty page: words that find nothing, with or without filters, show what is new.
        "instead": newest() if search is not None and not search.found else [],
        "total": paginator.count,
        "numbers": paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1),
        "gap": paginator.ELLIPSIS,
    }
    return render(request, "catalogue/articles.html", context)


def corrections(search: TextSearch | None, query: ListQuery) -> dict[str, str]:
    """Return the address of the list with the words that may have been meant, by these words."""
    if search is None or not search.did_you_mean:
        return {}
    values = as_sent(query)
    values["q"] = search.did_you_mean
    return {search.did_you_mean: f"?{values.urlencode()}"}


def heading(query: str, category: Category | None) -> str:
    """Return a list's heading: the search words, the category, or both."""
    if query and category:
        return _("“%(query)s” in %(name)s") % {"query": query, "name": category.title}
    if query:
        return _("“%(query)s”") % {"query": query}
    return category.title if category else _("All products")


@require_safe
def suggestions(request: HttpRequest) -> HttpResponse:
    """Return autocomplete suggestions as JSON."""
    response = JsonResponse({"suggestions": suggest(request.GET.get("q", ""))})
    patch_cache_control(response, public=True, max_age=60)
    return response


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Return robots.txt. It excludes search results, which are expensive and link to no other pages."""
    return render(request, "robots.txt", content_type="text/plain; charset=utf-8")


@require_safe
def article(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    shown = Article.objects.published().for_page().filter(pk=pk).first() or history.merged_into(pk)
    if shown is None:
        raise Http404
    if (slug, pk) != (shown.slug, shown.pk):
        return redirect(shown, permanent=True)
    path = []
    if shown.category is not None:
        path = [*Category.objects.get_ancestors(shown.category), shown.category]
    others = shown_colour_variants(shown)
    context = {
        "article": shown,
        "path": path,
        "listed": listed_in(shown),
        "colour_variants": others,
        "colour_choices": colour_choices(shown, others),
        "modules": ARTICLE_MODULES,
    }
    return render(request, "catalogue/article.html", context)


def listed_in(article: Article) -> list[Category]:
    """Return the categories beside its own in which an article is listed."""
    return [category for category in article.additional_categories.order_by("path") if category != article.category]


@require_safe
def rendition(request: HttpRequest, pk: int, digest: str, width: int, kind: str) -> HttpResponse:
    """Return a photo's rendition. The digest in the URL makes it immutable, so it is cached for a year.

    AVIF is slow to encode and left to the worker; until it exists, WebP is returned, cached for a minute.
    Photos of unpublished articles, and those in the bin, are for those who see such articles, and not cached.
    """
    photo = get_object_or_404(Photo.all_objects.select_related("article"), pk=pk)
    known = width in services.RENDITION_WIDTHS and kind in services.RENDITION_KINDS
    if not known or photo.sha256[:16] != digest:
        raise Http404
    published = photo.is_public
    if not (published or sees_hidden(request)):
        raise Http404
    wanted = kind
    try:
        picture = services.kept_rendition(photo, width=width, kind=kind)
        if picture is None:
            kind = "webp"
            picture = services.get_rendition(photo, width=width, kind=kind)
    except BusyError as error:
        return problem(error.code, detail_of(error))
    except StoreUnreachableError as error:
        # A page shows the photo's description in its place.
        logger.warning("photo %d cannot be fetched: %s", pk, error)
        return problem("unavailable")
    except (ImageError, FileNotFoundError) as error:
        raise Http404 from error
    response = HttpResponse(picture, content_type=f"image/{kind}")
    if published and kind == wanted:
        patch_cache_control(response, public=True, max_age=31_536_000, immutable=True)
    elif published:
        patch_cache_control(response, public=True, max_age=60)
    else:
        patch_cache_control(response, private=True, no_store=True)
    return response
