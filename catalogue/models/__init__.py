"""What is sold: categories, brands, articles and their photos; imports; clients of the API."""

from __future__ import annotations

from catalogue.models.api_clients import ApiClient, IdempotencyRecord
from catalogue.models.articles import MAX_STOCK, Article, Brand, Category, Colour, Named, article_slug, default_currency
from catalogue.models.imports import ImportRefusal, ImportRun, ImportRunQuerySet
from catalogue.models.photos import URL_AT_MOST, Photo, PhotoSource, digest_of, photo_path, photo_storage

__all__ = [
    "MAX_STOCK",
    "URL_AT_MOST",
    "ApiClient",
    "Article",
    "Brand",
    "Category",
    "Colour",
    "IdempotencyRecord",
    "ImportRefusal",
    "ImportRun",
    "ImportRunQuerySet",
    "Named",
    "Photo",
    "PhotoSource",
    "article_slug",
    "default_currency",
    "digest_of",
    "photo_path",
    "photo_storage",
]
