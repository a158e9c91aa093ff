"""Street photos of people in whole outfits, with the box of each garment: garments.csv beside photos/.

The format is that of Clothing Co-Parsing as prepared for this project: columns photo, category, x, y, width, height,
share. Boxes are fractions of the picture, as is the share that the garment's pixels have of it.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from visualsearch.inference.types import Box

# Origin and licence, for the cards of what learns from them.
OUTFITS_ORIGIN = "Clothing Co-Parsing, photos of passers-by, github.com/bearpaw/clothing-co-parsing (Apache-2.0)"
# Of the photos with boxes: they judge, and train nothing.
JUDGING_PHOTOS = 150
# Smaller garments are neither learnt nor looked for.
LEAST_SHARE = 0.01


@dataclass(frozen=True, slots=True)
class BoxedPhoto:
    """A photo with the label and the box of each garment that it shows."""

    path: Path
    garments: tuple[tuple[str, Box], ...]


def read_outfits(folder: Path, labels: Sequence[str]) -> list[BoxedPhoto]:
    """Return the photos of `folder`/garments.csv with their garments of these labels, in the csv's order."""
    garments_of: dict[str, list[tuple[str, Box]]] = {}
    with (folder / "garments.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            garments = garments_of.setdefault(row["photo"], [])
            if row["category"] in labels and float(row["share"]) >= LEAST_SHARE:
                x, y, width, height = (float(row[side]) for side in ("x", "y", "width", "height"))
                garments.append((row["category"], (x, y, width, height)))
    return [BoxedPhoto(folder / "photos" / f"{name}.jpg", tuple(found)) for name, found in garments_of.items()]


def split_outfits(photos: Sequence[BoxedPhoto]) -> tuple[list[BoxedPhoto], list[BoxedPhoto]]:
    """Return (judging, training): those judge whose names have the smallest sha256; at most a third of a small set."""
    ordered = sorted(photos, key=lambda photo: hashlib.sha256(photo.path.stem.encode()).hexdigest())
    judges = min(JUDGING_PHOTOS, max(1, len(ordered) // 3))
    return ordered[:judges], ordered[judges:]
