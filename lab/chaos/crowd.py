"""Adds ten thousand articles with a tiny photo each, or deletes them; run in the shop's environment.

python -m lab.chaos.crowd add|delete
"""

from __future__ import annotations

import io
import sys
import time
from hashlib import sha256

import django
import numpy as np
from django.core.files.base import ContentFile
from PIL import Image

if __name__ == "__main__":
    django.setup()

from django.db import transaction

from catalogue import history
from catalogue.models import Article, ChangeSet, Photo, photo_storage
from visualsearch.models import ModelVersion, PhotoEmbedding
from visualsearch.services import versions
from visualsearch.services.indexing import indexing
from visualsearch.vectors import normalise, quantise

COUNT, AT_ONCE = 10_000, 500
SKU = "CROWD-{}"
ASKED_EVERY_S = 0.5


def add(count: int = COUNT) -> None:
    """Write the rows and files of articles, with vectors that are drawn, since embedding would take minutes."""
    rng = np.random.default_rng(0)
    version = versions.serving_version()
    for start in range(0, count, AT_ONCE):
        numbers = range(start, min(count, start + AT_ONCE))
        files = [tiny(rng) for _ in numbers]
        vectors = quantise(normalise(rng.standard_normal((len(files), version.dimensions), dtype=np.float32)))
        with transaction.atomic():
            locked = ModelVersion.objects.select_for_update(no_key=True).get(pk=version.pk)
            articles = Article.objects.bulk_create(
                Article(sku=SKU.format(number), slug=SKU.format(number).lower(), name="Crowd", price="1.00")
                for number in numbers
            )
            photos = Photo.objects.bulk_create(
                Photo(article=article, file=stored(file), sha256=sha256(file).hexdigest())
                for article, file in zip(articles, files, strict=True)
            )
            PhotoEmbedding.objects.bulk_create(
                PhotoEmbedding(model_version=locked, photo=photo, photo_sha256=photo.sha256, vector=vector.tobytes())
                for photo, vector in zip(photos, vectors, strict=True)
            )
            indexing.log_changes(locked, [photo.pk for photo in photos])


def tiny(rng: np.random.Generator) -> bytes:
    file = io.BytesIO()
    Image.fromarray(rng.integers(0, 255, (8, 8, 3), dtype=np.uint8)).save(file, "PNG")
    return file.getvalue()


def stored(content: bytes) -> str:
    name = sha256(content).hexdigest()
    return photo_storage().save(f"{name[:2]}/{name[:32]}.png", ContentFile(content))


def delete() -> None:
    """Put the crowd into the bin, then out of it, each by a worker. Raises RuntimeError if something is left."""
    crowd = Article.all_objects.filter(sku__startswith=SKU.format(""))
    for action in ("delete", "purge"):
        change = history.begin(action, list(crowd.values_list("pk", flat=True)), by=None)
        while change.state not in ChangeSet.ENDED:
            time.sleep(ASKED_EVERY_S)
            change.refresh_from_db()
    if left := crowd.count():
        raise RuntimeError(f"{left} articles are left")


if __name__ == "__main__":
    {"add": add, "delete": delete}[sys.argv[1]]()
