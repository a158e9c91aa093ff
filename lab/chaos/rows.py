"""Prints the content of the shop's rows and files as JSON; run in the shop's environment.

python -m lab.chaos.rows
"""

from __future__ import annotations

import json
import sys
from typing import Any

import django

if __name__ == "__main__":
    django.setup()

from catalogue.models import Article, Photo, digest_of
from visualsearch.models import PhotoEmbedding
from visualsearch.services import versions


def described() -> dict[str, Any]:
    """Return each article's state by SKU: published, and the photo digests by row, by file and by embedding."""
    version = versions.serving_version()
    embedded = dict(PhotoEmbedding.objects.filter(model_version=version).values_list("photo_id", "photo_sha256"))
    articles: dict[str, Any] = {
        sku: {"published": published, "rows": [], "files": [], "vectors": []}
        for sku, published in Article.objects.values_list("sku", "published")
    }
    for photo in Photo.objects.select_related("article").order_by("sha256"):
        article = articles[photo.article.sku]
        article["rows"].append(photo.sha256)
        article["files"].append(file_digest(photo))
        article["vectors"].append(embedded.pop(photo.pk, ""))
    return {"articles": articles, "vectors without a photo": len(embedded)}


def file_digest(photo: Photo) -> str:
    try:
        with photo.file.open("rb") as file:
            return digest_of(file)
    except FileNotFoundError:
        return ""


if __name__ == "__main__":
    json.dump(described(), sys.stdout)
