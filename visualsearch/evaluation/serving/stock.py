"""Fills a shop for a benchmark: articles whose photos have given vectors, through the rows that a worker writes."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
from django.db import transaction

from catalogue.models import Article, Brand, Category, Colour, Photo
from visualsearch.index.base import StoredVectors
from visualsearch.models import ModelVersion, PhotoEmbedding
from visualsearch.services import indexing, versions

# As the demo catalogue has it.
PHOTOS_AN_ARTICLE = 2
ARTICLES_AT_ONCE = 500


def stock(vectors_file: Path | str) -> None:
    """Add an article for each two of the vectors (n, dimensions), float16, in a .npy, and build the snapshot.

    The photos have no files: they are found, and never looked at again, since they have vectors of their digests.
    """
    vectors = np.load(vectors_file, allow_pickle=False)
    version = versions.serving_version()
    category = Category.objects.add_root({"name": "Made", "slug": "made"})
    brand, _ = Brand.objects.get_or_create(slug="made", defaults={"name": "Made"})
    colour, _ = Colour.objects.get_or_create(slug="made", defaults={"name": "Made", "hex": "#808080"})
    for start in range(0, len(vectors), ARTICLES_AT_ONCE * PHOTOS_AN_ARTICLE):
        _add(version, category, brand, colour, vectors[start : start + ARTICLES_AT_ONCE * PHOTOS_AN_ARTICLE], start)
    indexing.build_snapshot(version)


@transaction.atomic
def _add(
    version: ModelVersion, category: Category, brand: Brand, colour: Colour, vectors: StoredVectors, start: int
) -> None:
    locked = ModelVersion.objects.select_for_update(no_key=True).get(pk=version.pk)
    count = -(-len(vectors) // PHOTOS_AN_ARTICLE)
    articles = Article.objects.bulk_create(
        Article(
            sku=f"MADE-{start}-{number}",
            name=f"Made article {start + number}",
            slug=f"made-{start}-{number}",
            description="An article that a benchmark made.",
            category=category,
            brand=brand,
            price=20 + number % 80,
        )
        for number in range(count)
    )
    Article.colours.through.objects.bulk_create(
        Article.colours.through(article_id=article.pk, colour_id=colour.pk) for article in articles
    )
    photos = Photo.objects.bulk_create(
        Photo(
            article=articles[place // PHOTOS_AN_ARTICLE],
            file=f"made/{start + place}.jpg",
            position=place % PHOTOS_AN_ARTICLE,
            sha256=hashlib.sha256(f"made {start + place}".encode()).hexdigest(),
        )
        for place in range(len(vectors))
    )
    PhotoEmbedding.objects.bulk_create(
        PhotoEmbedding(model_version=locked, photo=photo, photo_sha256=photo.sha256, vector=vector.tobytes())
        for photo, vector in zip(photos, vectors, strict=True)
    )
    indexing.log_changes(locked, [photo.pk for photo in photos])
