"""How many of the garments in photos of several are found, and named right: outfits on the street, and composites."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL.Image import Image

from catalogue.imaging import read_image
from catalogue.progress import progress_bar
from lab.evaluation.clothing import LabelledPhoto
from lab.evaluation.composites import compose
from lab.evaluation.outfits import read_outfits, split_outfits
from lab.evaluation.recall import Share, mean_of, share_of
from visualsearch.inference.garments import MOST_GARMENTS, overlap
from visualsearch.inference.types import Box, Inference, Model

# Intersection over union from which a box is that of a garment.
FOUND_FROM = 0.5
# Composites of two garments and of three: so many of each.
COMPOSITES_OF_EACH = 120

Garments = Sequence[tuple[str, Box]]


def judge_outfits(model: Model, folder: Path) -> dict[str, Share]:
    """Return the figures of a folder's judging street photos."""
    photos, _ = split_outfits(read_outfits(folder, model.card.labels))
    shown = [(photo.path, photo.garments) for photo in photos if photo.garments]
    pictures = ((read_image(path.read_bytes()), garments) for path, garments in shown)
    return judge_garments(model, pictures, len(shown), "outfits")


def judge_composites(model: Model, photos: Sequence[LabelledPhoto]) -> dict[str, Share]:
    """Return the figures of composites of two and three of these photos."""
    rng = np.random.default_rng(11)

    def made() -> Iterator[tuple[Image, Garments]]:
        for count in (2, 3):
            for _ in range(COMPOSITES_OF_EACH):
                chosen = [photos[place] for place in rng.choice(len(photos), count, replace=False)]
                yield compose([(photo, read_image(photo.path.read_bytes())) for photo in chosen], rng)

    return judge_garments(model, made(), 2 * COMPOSITES_OF_EACH, "composites")


def judge_garments(model: Model, pictures: Iterator[tuple[Image, Garments]], count: int, name: str) -> dict[str, Share]:
    """Return which share of the true garments is found, of those named right, and of photos whose first label is there.

    And how much of the most garments that a search may name a photo has.
    """
    named: list[bool] = []
    found: list[bool] = []
    first: list[bool] = []
    boxes: list[int] = []
    for picture, garments in progress_bar(pictures, total=count, desc=f"Looking at {name}", unit="photo"):
        (seen,) = model.predict_garments([picture])
        first.append(seen[0].predictions[0].label in {label for label, _ in garments})
        boxes.append(len(seen))
        for hit in matched(seen, garments):
            found.append(hit is not None)
            if hit is not None:
                named.append(hit)
    return {
        f"{name}: garments found": share_of(np.array(found)),
        f"{name}: of these named right": share_of(np.array(named or [False])),
        f"{name}: first label there": share_of(np.array(first)),
        f"{name}: boxes of {MOST_GARMENTS}": mean_of(np.array(boxes) / MOST_GARMENTS),
    }


def matched(seen: Sequence[Inference], garments: Garments) -> list[bool | None]:
    """Return for each true garment whether its box is named right, None if no box is its. A box is of one garment."""
    free = list(seen)
    hits: list[bool | None] = []
    for label, box in garments:
        overlaps = [overlap(_edges(box), _edges(one.box)) for one in free]
        best = int(np.argmax(overlaps)) if overlaps else -1
        if best < 0 or overlaps[best] < FOUND_FROM:
            hits.append(None)
        else:
            hits.append(free.pop(best).predictions[0].label == label)
    return hits


def _edges(box: Box) -> np.ndarray:
    x, y, width, height = box
    return np.array([x, y, x + width, y + height])
