"""Structured data of an article's page for search engines: schema.org's Product and BreadcrumbList, as JSON-LD."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from catalogue.models import Article, Category

IMAGE_WIDTH = 1280


def product(article: Article, request: HttpRequest, colour_variants: Iterable[Article] = ()) -> dict[str, Any]:
    """Return an article as https://schema.org/Product, with an Offer where it has a price.

    Its other colours are in a https://schema.org/ProductGroup, as Google documents variants with pages of their own.
    """
    address = request.build_absolute_uri(article.get_absolute_url())
    described: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": article.title,
        "sku": article.sku,
        "url": address,
        "image": [request.build_absolute_uri(photo.image_url(IMAGE_WIDTH)) for photo in article.photos.all()],
        "description": article.text or article.title,
    }
    if article.brand:
        described["brand"] = {"@type": "Brand", "name": article.brand.title}
    if article.category:
        described["category"] = article.category.title
    if article.colours.all():
        described["color"] = ", ".join(colour.title for colour in article.colours.all())
    if others := list(colour_variants):
        described["isVariantOf"] = {
            "@type": "ProductGroup",
            "name": article.title,
            "productGroupID": article.style_number,
            "variesBy": ["https://schema.org/color"],
            "hasVariant": [{"url": request.build_absolute_uri(each.get_absolute_url())} for each in [article, *others]],
        }
    if article.price is not None:
        described["offers"] = {
            "@type": "Offer",
            "url": address,
            "price": str(article.price),
            "priceCurrency": article.currency,
            "availability": f"https://schema.org/{'InStock' if article.in_stock else 'OutOfStock'}",
        }
        if article.regular_price is not None:
            # As Google documents a price that is reduced: the offer has the price, its specification the one before.
            described["offers"]["priceSpecification"] = {
                "@type": "UnitPriceSpecification",
                "priceType": "https://schema.org/StrikethroughPrice",
                "price": str(article.regular_price),
                "priceCurrency": article.currency,
            }
    return described


def breadcrumbs(article: Article, path: Iterable[Category], request: HttpRequest) -> dict[str, Any]:
    """Return the path to an article as https://schema.org/BreadcrumbList."""
    steps = [
        (_("Home"), reverse("catalogue:home")),
        (_("All products"), reverse("catalogue:articles")),
        *((category.title, category.get_absolute_url()) for category in path),
        (article.title, article.get_absolute_url()),
    ]
    return {
        "@context": "https://schema.org",
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": place, "name": name, "item": request.build_absolute_uri(address)}
            for place, (name, address) in enumerate(steps, start=1)
        ],
    }
