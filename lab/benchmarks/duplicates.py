"""`benchmark duplicates`: near-duplicate detection; recall of re-encoded, resized, cropped or brightened copies, and
false positives among different photos.
"""

from __future__ import annotations

import argparse
import io
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TextIO

import numpy as np
from PIL import Image

from catalogue.imaging import read_image
from visualsearch.inference.types import Model
from visualsearch.services import versions
from visualsearch.services.duplicates import NEARLY_THE_SAME
from visualsearch.services.indexing.embedding import BATCH_SIZE, DECODE_SIZE
from visualsearch.vectors import Vectors

HELP = "Precision and recall of the near-duplicate report, on a folder of photos."
THRESHOLDS = sorted({0.85, 0.93, 0.95, NEARLY_THE_SAME})
SEED = 1


def cut(photo: Image.Image, share: float) -> Image.Image:
    width, height = photo.size
    return photo.crop(
        (round(width * share), round(height * share), round(width * (1 - share)), round(height * (1 - share)))
    )


# The transformations of the copies.
CHANGES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "saved as JPEG at 60": lambda photo: photo,
    "half as large": lambda photo: photo.resize((max(photo.width // 2, 16), max(photo.height // 2, 16))),
    "5 % cut on each side": lambda photo: cut(photo, 0.05),
    "10 % cut on each side": lambda photo: cut(photo, 0.10),
    "12 % brighter": lambda photo: photo.point(lambda value: min(255, round(value * 1.12))),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, help="photos, in whatever folders; each of another article")
    parser.add_argument("--photos", type=int, default=1500, metavar="N", help="that are taken at most; default: 1500")
    parser.add_argument("--changed", type=int, default=200, metavar="N", help="of them that are changed; default: 200")


def run(options: dict[str, Any], out: TextIO) -> None:
    endings = {".jpg", ".jpeg", ".png", ".webp"}
    files = sorted(file for file in options["folder"].rglob("*") if file.suffix.lower() in endings)
    chosen = random.Random(SEED)  # noqa: S311  (a sample, no secret)
    files = chosen.sample(files, min(options["photos"], len(files)))
    if not files:
        out.write(f"No photo in {options['folder']}.")
        return
    model = versions.get_model(versions.serving_version())
    vectors, queries = embedded(model, [file.read_bytes() for file in files])
    # As duplicates are looked for: each photo is searched for among the others.
    near = queries @ vectors.T
    np.fill_diagonal(near, -1)
    out.write(f"{len(files):,} photos; a duplicate is from {NEARLY_THE_SAME} on")
    out.write("photos and their nearest other: median {:.2f}, 1 in 10 from {:.2f}, 1 in 100 from {:.2f}".format(
        *np.quantile(near.max(1), [0.5, 0.9, 0.99])))  # fmt: skip
    out.write(f"{'':<24}{'median':>8}{'1 in 100':>10}" + "".join(f"{f'from {one:g}':>12}" for one in THRESHOLDS))
    sample = chosen.sample(range(len(files)), min(options["changed"], len(files)))
    for name, change in CHANGES.items():
        _, again = embedded(model, [changed(files[place], change) for place in sample])
        alike = (again * vectors[sample]).sum(1)
        shares = "".join(f"{share:>12.1%}" for share in (np.mean(alike >= one) for one in THRESHOLDS))
        out.write(f"{name:<24}{np.median(alike):>8.3f}{np.quantile(alike, 0.01):>10.3f}{shares}")
    pairs = [int((np.triu(np.maximum(near, near.T), 1) >= one).sum()) for one in THRESHOLDS]
    out.write(f"{'pairs of others':<42}" + "".join(f"{count:>12,}" for count in pairs))


def changed(file: Path, change: Callable[[Image.Image], Image.Image]) -> bytes:
    written = io.BytesIO()
    with Image.open(file) as photo:
        change(photo.convert("RGB")).save(written, "JPEG", quality=60)
    return written.getvalue()


def embedded(model: Model, photos: Sequence[bytes]) -> tuple[Vectors, Vectors]:
    """Return the vectors of whole photos as stored, and those by which they are searched for, (n, dimensions) each."""
    descriptor, stored, queries = model.descriptor, [], []
    for start in range(0, len(photos), BATCH_SIZE):
        pictures = [read_image(photo, target=DECODE_SIZE) for photo in photos[start : start + BATCH_SIZE]]
        for one in model.predict(pictures):
            stored.append(descriptor.join(one.shape, one.colour))
            queries.append(descriptor.query(one.shape, one.colour, studio=one.studio))
    return np.stack(stored), np.stack(queries)
