"""How many of the garments in photos of several are found, and named right: outfits on the street, and composites."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL.Image import Image

from catalogue.imaging import read_image
from catalogue.progress import progress_bar
from lab.evaluation.cases import Cases, digest_of
from lab.evaluation.clothing import LabelledPhoto
from lab.evaluation.composites import compose
from lab.evaluation.failures import Failure, with_boxes
from lab.evaluation.outfits import read_outfits, split_outfits
from lab.evaluation.recall import mean_of, share_of
from visualsearch.inference.garments import MOST_GARMENTS, overlap
from visualsearch.inference.types import Box, Inference, Model

# Intersection over union from which a box is that of a garment.
FOUND_FROM = 0.5
# Composites of two garments and of three: so many of each.
COMPOSITES_OF_EACH = 120

Garments = Sequence[tuple[str, Box]]


def judge_outfits(model: Model, folder: Path) -> Cases:
    """Return the cases of a folder's judging street photos."""
    photos, _ = split_outfits(read_outfits(folder, model.card.labels))
    shown = [(photo.path, photo.garments) for photo in photos if photo.garments]
    pictures = ((read_image(path.read_bytes()), garments) for path, garments in shown)
    return judge_garments(model, pictures, len(shown), "outfits")


def judge_composites(model: Model, photos: Sequence[LabelledPhoto]) -> Cases:
    """Return the cases of composites of two and three of these photos."""
    rng = np.random.default_rng(11)

    def made() -> Iterator[tuple[Image, Garments]]:
        for count in (2, 3):
            for _ in range(COMPOSITES_OF_EACH):
                chosen = [photos[place] for place in rng.choice(len(photos), count, replace=False)]
                yield compose([(photo, read_image(photo.path.read_bytes())) for photo in chosen], rng)

    return judge_garments(model, made(), 2 * COMPOSITES_OF_EACH, "composites")


def judge_garments(model: Model, pictures: Iterator[tuple[Image, Garments]], count: int, name: str) -> Cases:
    """Return which of the true garments are found and named right, and of which photos the first label is there.

    And how much of the most garments that a search may name a photo has.
    """
    found: list[bool] = []
    named: list[bool] = []
    first: list[bool] = []
    boxes: list[int] = []
    labels: list[str] = []
    failures: list[Failure] = []
    for picture, garments in progress_bar(pictures, total=count, desc=f"Looking at {name}", unit="photo"):
        (seen,) = model.predict_garments([picture])
        first.append(seen[0].predictions[0].label in {label for label, _ in garments})
        boxes.append(len(seen))
        hits = matched(seen, garments)
        found += [hit is not None for hit in hits]
        named += [bool(hit) for hit in hits]
        labels += [label for label, _ in garments]
        if not all(hits):
            said = [(one.predictions[0].label, one.box) for one in seen]
            shown = with_boxes(picture, garments, said)
            failures.append(Failure((shown.copy,), f"{sum(map(bool, hits))} of {len(hits)} right"))
    right = np.array([name for name, is_found in zip(named, found, strict=True) if is_found] or [False])
    hits_of = {
        f"{name}: garments found": np.array(found),
        f"{name}: garments found and named right": np.array(named),
        f"{name}: first label there": np.array(first),
    }
    figures = {
        f"{name}: garments found": share_of(hits_of[f"{name}: garments found"]),
        f"{name}: of these named right": share_of(right),
        f"{name}: first label there": share_of(hits_of[f"{name}: first label there"]),
        f"{name}: boxes of {MOST_GARMENTS}": mean_of(np.array(boxes) / MOST_GARMENTS),
    }
    judged = dict.fromkeys(hits_of, digest_of(labels))
    return Cases(None, {}, judged, figures, hits_of, {name: failures})


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
