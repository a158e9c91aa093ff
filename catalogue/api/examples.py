"""Examples of requests and answers in the OpenAPI document. Tests hold them against the schemas."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample

from catalogue.api.pictures import SIZES

SITE = "https://shop.example"


def request_of(name: str, value: Any, media_type: str = "application/json") -> OpenApiExample:
    return OpenApiExample(name, value=value, request_only=True, media_type=media_type)


def answer_of(name: str, value: Any, status: int = 200) -> OpenApiExample:
    return OpenApiExample(name, value=value, response_only=True, status_codes=[str(status)])


def _pictures(photo_id: int) -> dict[str, Any]:
    address = f"{SITE}/media/{photo_id}/3f2d44f72a47b43d"
    return {
        name: {"url": f"{address}-{width}.webp", "width": width, "height": width * 3 // 2}
        for name, width in SIZES.items()
    }


ARTICLE_VALUE: dict[str, Any] = {
    "id": 17,
    "sku": "D-0017",
    "name": "Linen summer dress",
    "url": "/articles/linen-summer-dress-17/",
    "category": "dress",
    "brand": "Maison Claire",
    "price": {"amount": "39.90", "currency": "EUR"},
    "regular_price": {"amount": "59.90", "currency": "EUR"},
    "in_stock": True,
    "image": f"{SITE}/media/42/3f2d44f72a47b43d-320.webp",
    "pictures": _pictures(42),
}
_PHOTO: dict[str, Any] = {
    "id": 42,
    "alt": "Linen summer dress, from the front",
    "images": {str(width): f"{SITE}/media/42/3f2d44f72a47b43d-{width}.webp" for width in SIZES.values()},
    "pictures": _pictures(42),
}
_DETAIL: dict[str, Any] = {
    **ARTICLE_VALUE,
    "description": "Cut straight, with a belt.",
    "category_path": [{"slug": "clothing", "name": "Clothing"}, {"slug": "dress", "name": "Dresses"}],
    "additional_categories": [],
    "colours": [{"slug": "navy", "name": "Navy", "hex": "#1f2f4f"}],
    "sizes": ["36", "38"],
    "variants": [
        {"size": "36", "colour": "navy", "sku": "D-0017-36", "barcode": "4006381333931", "in_stock": True},
        {"size": "38", "colour": "navy", "sku": "D-0017-38", "barcode": "", "in_stock": False},
    ],
    "style_number": "SD-17",
    "colour_variants": [],
    "photos": [_PHOTO],
}
_WRITTEN: dict[str, Any] = {
    **_DETAIL,
    "variants": [],
    "photos": [],
    "image": None,
    "pictures": None,
    "regular_price": None,
    "written": {
        "name": "Linen summer dress",
        "name_fr": "Robe d’été en lin",
        "description": "Cut straight, with a belt.",
        "description_fr": "",
        "category": "dress",
        "brand": None,
        "stock": 3,
        "published": True,
        "proposed": [],
        "variants": [],
    },
}

ARTICLE_PAGE = answer_of(
    "A page of articles",
    {
        "count": 31,
        "next": f"{SITE}/api/articles?limit=24&offset=24",
        "previous": None,
        "results": [ARTICLE_VALUE],
    },
)
ARTICLE = answer_of("A dress", _DETAIL)
ARTICLE_INPUT = request_of(
    "A dress",
    {
        "sku": "D-0017",
        "name": "Linen summer dress",
        "name_fr": "Robe d’été en lin",
        "category": "dress",
        "price": {"amount": "39.90", "currency": "EUR"},
        "sizes": ["36", "38"],
        "stock": 3,
    },
)
ARTICLE_CHANGE = request_of(
    "A reduced price",
    {"price": {"amount": "39.90", "currency": "EUR"}, "regular_price": {"amount": "59.90", "currency": "EUR"}},
)
ARTICLE_ADDED = OpenApiExample("What staff see of it", value=_WRITTEN, response_only=True, status_codes=["200", "201"])
CATEGORIES = answer_of(
    "A tree of two",
    {
        "slug": "clothing",
        "name": "Clothing",
        "url": "/categories/clothing/",
        "articles": 31,
        "children": [
            {"slug": "dress", "name": "Dresses", "url": "/categories/dress/", "articles": 12, "children": []},
        ],
    },
)
PHOTO_INPUT = request_of(
    "A file", {"image": "(the file)", "alt": "Linen summer dress, from the front"}, "multipart/form-data"
)
PHOTO_ADDED = answer_of("The photo", _PHOTO, 201)
PHOTO_CHANGE = request_of("Another text", {"alt": "Linen summer dress, from the front", "position": 0})
PHOTO_REPLACED = request_of("Another file", {"image": "(the file)"}, "multipart/form-data")
PHOTO_CHANGED = answer_of("The photo", _PHOTO)
PHOTO_ORDER = request_of("The second one first", {"photos": [43, 42]})
PHOTOS_ORDERED = answer_of("In the new order", _PHOTO)
