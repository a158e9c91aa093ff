"""Fills a benchmark's shop with articles of given vectors, by writing the rows that a worker would write."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.db import transaction

from catalogue.models import Article, Brand, Category, Colour, Photo, photo_storage
from lab.benchmarks.serving.photos import browser_photos
from visualsearch.models import ModelVersion, PhotoEmbedding
from visualsearch.services import versions
from visualsearch.services.indexing import indexing
from visualsearch.services.rollout import lifecycle

# As in the demo catalogue.
PHOTOS_AN_ARTICLE = 2
ARTICLES_AT_ONCE, ROWS_AT_ONCE = 500, 5_000
# ext4 gives a file 65,000 names at most.
LINKS_A_FILE = 60_000
# Folder of the photos in their storage.
FOLDER = "made"


def stock(vectors_file: Path | str) -> None:
    """Add an article for every two vectors of a .npy file, (n, dimensions) float16, and build the snapshot.

    The photos are all of one picture. They are never re-embedded, since embeddings of their digests exist.
    """
    vectors = np.load(vectors_file, allow_pickle=False)
    version = versions.serving_version()
    kind, folder = _kind(), _folder()
    content = browser_photos(None, 1)[0]
    for number in range(len(vectors)):
        if number % LINKS_A_FILE == 0:
            picture = folder / f"picture{number}.jpg"
            picture.write_bytes(content)
        (folder / f"{number}.jpg").hardlink_to(picture)
    for start in range(0, len(vectors), ARTICLES_AT_ONCE * PHOTOS_AN_ARTICLE):
        some = vectors[start : start + ARTICLES_AT_ONCE * PHOTOS_AN_ARTICLE]
        digests = [hashlib.sha256(f"made {start + place}".encode()).hexdigest() for place in range(len(some))]
        with transaction.atomic():
            locked = ModelVersion.objects.select_for_update(no_key=True).get(pk=version.pk)
            photos = _add(kind, start, digests)
            PhotoEmbedding.objects.bulk_create(
                PhotoEmbedding(model_version=locked, photo=photo, photo_sha256=photo.sha256, vector=vector.tobytes())
                for photo, vector in zip(photos, some, strict=True)
            )
            indexing.log_changes(locked, [photo.pk for photo in photos])
    indexing.build_snapshot(version)


def stock_second() -> None:
    """Register the float32 network as a second version, copy the vectors of the serving one, and make it ready.

    Both models share one vector space, so the copies are valid.
    """
    first = versions.serving_version()
    folder = Path(settings.ARTEFACTS_DIR) / settings.VISUAL_MODEL["FALLBACK"]
    second = lifecycle.register(str(folder))
    last = 0
    while rows := list(first.embeddings.filter(photo_id__gt=last).order_by("photo_id")[:ROWS_AT_ONCE]):
        last = rows[-1].photo_id
        with transaction.atomic():
            ModelVersion.objects.select_for_update(no_key=True).get(pk=second.pk)
            for row in rows:
                row.pk, row.model_version = None, second
            PhotoEmbedding.objects.bulk_create(rows)
            indexing.log_changes(second, [row.photo_id for row in rows])
    lifecycle.finish_built()
    indexing.build_snapshot(second)


def stock_waiting(pictures: Path | str, count: int) -> None:
    """Add articles with `count` photos to embed, two each. Their files are hard links to those of a folder, in turn."""
    files = sorted(Path(pictures).iterdir())
    digests = [hashlib.sha256(file.read_bytes()).hexdigest() for file in files]
    kind, folder = _kind(), _folder()
    for number in range(count):
        (folder / f"{number}.jpg").hardlink_to(files[number % len(files)])
    for start in range(0, count, ARTICLES_AT_ONCE * PHOTOS_AN_ARTICLE):
        numbers = range(start, min(count, start + ARTICLES_AT_ONCE * PHOTOS_AN_ARTICLE))
        with transaction.atomic():
            _add(kind, start, [digests[number % len(files)] for number in numbers])


def _folder() -> Path:
    folder = Path(photo_storage().path(FOLDER))
    folder.mkdir(parents=True)
    return folder


def _kind() -> tuple[Sequence[Category], Brand, Colour]:
    """Return a category for each of the serving model's labels, a brand and a colour."""
    labels = versions.get_model(versions.serving_version()).card.labels
    brand, _ = Brand.objects.get_or_create(slug="made", defaults={"name": "Trial"})
    colour, _ = Colour.objects.get_or_create(slug="made", defaults={"name": "Trial", "hex": "#808080"})
    return [Category.objects.add_root({"name": label, "slug": label}) for label in labels], brand, colour


def _add(kind: tuple[Sequence[Category], Brand, Colour], start: int, digests: Sequence[str]) -> list[Photo]:
    """Add articles of categories in turn, a brand and a colour, with a photo for each digest; numbered from `start`."""
    categories, brand, colour = kind
    count = -(-len(digests) // PHOTOS_AN_ARTICLE)
    articles = Article.objects.bulk_create(
        Article(
            sku=f"MADE-{start}-{number}",
            name=f"Made article {start + number}",
            slug=f"made-{start}-{number}",
            description="An article that a benchmark made.",
            category=categories[number % len(categories)],
            brand=brand,
            price=20 + number % 80,
        )
        for number in range(count)
    )
    coloured: Any = Article.colours.through
    coloured.objects.bulk_create(coloured(article_id=article.pk, colour_id=colour.pk) for article in articles)
    return Photo.objects.bulk_create(
        Photo(
            article=articles[place // PHOTOS_AN_ARTICLE],
            file=f"{FOLDER}/{start + place}.jpg",
            position=place % PHOTOS_AN_ARTICLE,
            sha256=digest,
        )
        for place, digest in enumerate(digests)
    )
