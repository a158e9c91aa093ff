"""What templates need beyond Django: prices, renditions, and this page in another language."""

from __future__ import annotations

from decimal import Decimal

from django import template
from django.conf import settings
from django.http import HttpRequest
from django.urls import translate_url

from catalogue.models import Article, Photo
from catalogue.money import written
from catalogue.services import RENDITION_WIDTHS

register = template.Library()


@register.filter
def price(article: Article) -> str:
    """Return an article's price as its reader writes it, as in €39.90 or 39,90 €; empty where the shop gave none."""
    return "" if article.price is None else written(article.price, article.currency)


@register.filter
def money(amount: Decimal) -> str:
    """Return an amount in the shop's currency, as its reader writes it."""
    return written(amount, settings.CURRENCY)


@register.filter
def rendition(photo: Photo, width: int) -> str:
    """Return the address of a photo's rendition, `width` pixels wide."""
    return photo.image_url(width)


@register.filter
def srcset(photo: Photo) -> str:
    """Return all renditions of a photo, for the browser to choose from."""
    return ", ".join(f"{photo.image_url(width)} {width}w" for width in RENDITION_WIDTHS)


@register.simple_tag(takes_context=True)
def in_language(context: template.Context, code: str) -> str:
    """Return this page's address in another language, its query included."""
    request: HttpRequest | None = context.get("request")
    return translate_url(request.get_full_path(), code) if request else f"/{code}/"
