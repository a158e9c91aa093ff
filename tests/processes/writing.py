"""A writer or a reader of vectors, in a process of its own.

    python -m tests.processes.writing write SEED ROUNDS
    python -m tests.processes.writing read FILE

A writer takes random photos in turn: writes a vector for some, deletes one, and commits late. A reader keeps up with
the log until FILE is there; then it says whether its index equals the rows.
"""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path

import django
from django.db import transaction

if __name__ == "__main__":
    django.setup()

import numpy as np

from catalogue.models import Article, Photo
from visualsearch.models import ModelVersion, PhotoEmbedding
from visualsearch.services import versions
from visualsearch.services.indexing import embedding, indexing
from visualsearch.vectors import normalise, quantise

PHOTOS = 300
COMMITS_LATE_S = 0.02


def prepare() -> None:
    """Make the photos that writers write for: rows without files."""
    article = Article.objects.create(sku="PROCESSES", name="Thing")
    Photo.objects.bulk_create([Photo(article=article, file=f"{n}.png", sha256=f"{n:064}") for n in range(PHOTOS)])
    versions.serving_version()


def write(seed: int, rounds: int) -> None:
    rng = random.Random(seed)
    version = versions.serving_version()
    for _ in range(rounds):
        if rng.random() < 0.15:
            with transaction.atomic():
                photo = Photo.objects.order_by("pk")[rng.randrange(PHOTOS // 2) : PHOTOS].first()
                if photo is not None:
                    photo.delete()
                time.sleep(rng.random() * COMMITS_LATE_S)
            continue
        photos = rng.sample(list(Photo.objects.values_list("pk", "sha256")), 3)
        with transaction.atomic():
            embedding._write(version, {pk: (digest, vector(version, rng.getrandbits(32))) for pk, digest in photos})
            time.sleep(rng.random() * COMMITS_LATE_S)


def vector(version: ModelVersion, seed: int) -> bytes:
    drawn = np.random.default_rng(seed).normal(size=(1, version.dimensions)).astype(np.float32)
    return quantise(normalise(drawn)).tobytes()


def read(stop: Path) -> int:
    version = versions.serving_version()
    index = indexing.fresh_index(version)
    refreshed = 0
    while not stop.exists():
        before = index.sequence
        indexing.refresh(index, version)
        refreshed += index.sequence > before
    indexing.refresh(index, version)
    ids, vectors = index.rows()
    rows = list(PhotoEmbedding.objects.order_by("photo_id").values_list("photo_id", "vector"))
    stored = b"".join(bytes(row) for _, row in rows)
    equal = (indexing.photo_ids_of(version, ids), vectors.tobytes()) == ([pk for pk, _ in rows], stored)
    print(f"{len(ids)} of {len(rows)} vectors, in {refreshed} steps, snapshot {index.snapshot_sequence}")  # noqa: T201
    return 0 if equal else 1


if __name__ == "__main__":
    role, *words = sys.argv[1:]
    if role == "prepare":
        prepare()
    elif role == "write":
        write(int(words[0]), int(words[1]))
    else:
        sys.exit(read(Path(words[0])))
