"""The catalogue's pages, and the pictures on them."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from catalogue import services
from catalogue.exceptions import ImageError
from catalogue.models import Article, Category, Photo


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "catalogue/home.html")


@require_safe
def articles(request: HttpRequest) -> HttpResponse:
    return render(request, "catalogue/articles.html", {"articles": Article.objects.published()})


@require_safe
def category(request: HttpRequest, slug: str) -> HttpResponse:
    chosen = get_object_or_404(Category, slug=slug)
    return render(request, "catalogue/category.html", {"category": chosen})


@require_safe
def article(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    shown = get_object_or_404(Article.objects.published(), pk=pk)
    return render(request, "catalogue/article.html", {"article": shown})


@require_safe
def rendition(request: HttpRequest, pk: int, digest: str, width: int) -> HttpResponse:
    """Send a photo's rendition. The digest in the address makes it safe to keep for ever."""
    photo = get_object_or_404(Photo, pk=pk)
    if width not in services.RENDITION_WIDTHS or photo.sha256[:16] != digest:
        raise Http404
    try:
        picture = services.get_rendition(photo, width=width)
    except (ImageError, FileNotFoundError) as error:
        raise Http404 from error
    response = HttpResponse(picture, content_type="image/webp")
    patch_cache_control(response, public=True, max_age=31_536_000, immutable=True)
    return response
