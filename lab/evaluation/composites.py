"""Photos of several garments, put together of photos of one each: side by side, above each other, or in a grid."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image

from lab.evaluation.clothing import LabelledPhoto
from visualsearch.inference.foreground import border_of, lab_of
from visualsearch.inference.regions import crop_of
from visualsearch.inference.types import Box

SIZES = ((384, 512), (512, 384), (448, 448), (512, 512))
GROUNDS = ((255, 255, 255), (240, 240, 238), (127, 127, 127))
# Colours of the border that count as background; a cell so far from all of them, in Lab, is the garment.
BACKGROUNDS, LEAST_DISTANCE = 5, 13.0
CLUSTER_STEPS = 8
# Of a row's or column's cells that belong to a garment; its margin; the least share of the photo that a box has.
LEAST_CELLS, MARGIN, LEAST_AREA = 0.06, 0.02, 0.3
# The box of a photo whose garment does not stand out: contributors fill the picture.
NEARLY_ALL: Box = (0.03, 0.03, 0.94, 0.94)


def garment_box(photo: Image.Image) -> Box:
    """Return where the one garment of a photo is: what is unlike the clusters of colours at the border.

    NEARLY_ALL, if what is found is too small to be it.
    """
    lab = lab_of(photo)
    border = border_of(lab)
    centres = border[np.linspace(0, len(border) - 1, BACKGROUNDS).astype(int)].copy()
    for _ in range(CLUSTER_STEPS):
        nearest = np.argmin(((border[:, None] - centres) ** 2).sum(axis=-1), axis=1)
        for place in range(BACKGROUNDS):
            if (nearest == place).any():
                centres[place] = border[nearest == place].mean(axis=0)
    figure = np.linalg.norm(lab[:, :, None] - centres, axis=-1).min(axis=-1) > LEAST_DISTANCE
    edges = []
    for axis in (0, 1):
        found = np.flatnonzero(figure.mean(axis=axis) > LEAST_CELLS)
        if not len(found):
            return NEARLY_ALL
        cells = figure.shape[0]
        low, high = max(0.0, found[0] / cells - MARGIN), min(1.0, (found[-1] + 1) / cells + MARGIN)
        edges.append((low, high - low))
    (x, width), (y, height) = edges
    return (x, y, width, height) if width * height > LEAST_AREA else NEARLY_ALL


def compose(
    photos: Sequence[tuple[LabelledPhoto, Image.Image]], rng: np.random.Generator
) -> tuple[Image.Image, tuple[tuple[str, Box], ...]]:
    """Return a picture of two to four labelled photos, each in a cell of its own, and each garment's label and box."""
    width, height = SIZES[rng.integers(len(SIZES))]
    picture = Image.new("RGB", (width, height), GROUNDS[rng.integers(len(GROUNDS))])
    edge = float(rng.choice([0.0, 0.0, 0.02, 0.05]))
    garments = []
    for (labelled, original), (x, y, across, down) in zip(photos, cells_of(len(photos), rng), strict=True):
        left, upper = round((x + edge * across) * width), round((y + edge * down) * height)
        size = max(8, round(across * (1 - 2 * edge) * width)), max(8, round(down * (1 - 2 * edge) * height))
        photo, box = original, garment_box(original)
        if rng.random() < 0.5:
            photo, box = crop_of(original, box), (0.0, 0.0, 1.0, 1.0)
        fill = rng.random() < 0.4
        ratios = size[0] / photo.width, size[1] / photo.height
        scale = max(ratios) if fill else min(ratios)
        shown = photo.resize((max(1, round(photo.width * scale)), max(1, round(photo.height * scale))))
        # The middle of what is too large for the cell; the middle of the cell for what is smaller.
        over = (shown.width - size[0]) // 2, (shown.height - size[1]) // 2
        part = shown.crop(
            (max(0, over[0]), max(0, over[1]), shown.width - max(0, over[0]), shown.height - max(0, over[1]))
        )
        place = left + max(0, -over[0]), upper + max(0, -over[1])
        picture.paste(part, place)
        garments.append((labelled.category, _box_in(picture, part, place, shown, over, box)))
    return picture, tuple(garments)


def cells_of(count: int, rng: np.random.Generator) -> list[Box]:
    """Return the cells of a picture of two, three or four garments, of random sizes."""
    first, second = rng.uniform(0.4, 0.6, 2).tolist()
    layouts: dict[int, list[list[Box]]] = {
        2: [
            [(0, 0, first, 1), (first, 0, 1 - first, 1)],
            [(0, 0, 1, first), (0, first, 1, 1 - first)],
        ],
        3: [
            [(0, 0, first, 1), (first, 0, 1 - first, second), (first, second, 1 - first, 1 - second)],
            [(0, 0, 1, first), (0, first, second, 1 - first), (second, first, 1 - second, 1 - first)],
            [(0, 0, 1 / 3, 1), (1 / 3, 0, 1 / 3, 1), (2 / 3, 0, 1 / 3, 1)],
        ],
        4: [
            [
                (0, 0, first, second),
                (first, 0, 1 - first, second),
                (0, second, first, 1 - second),
                (first, second, 1 - first, 1 - second),
            ]
        ],
    }
    return layouts[count][rng.integers(len(layouts[count]))]


def _box_in(
    picture: Image.Image,
    part: Image.Image,
    place: tuple[int, int],
    shown: Image.Image,
    over: tuple[int, int],
    box: Box,
) -> Box:
    """Return a box of the scaled photo `shown`, of which `part` was pasted at `place`, as fractions of the picture."""
    edges = []
    for axis in (0, 1):
        offset = max(0, over[axis])
        low = min(max(box[axis] * shown.size[axis] - offset, 0), part.size[axis])
        high = min(max((box[axis] + box[axis + 2]) * shown.size[axis] - offset, 0), part.size[axis])
        edges.append(((place[axis] + low) / picture.size[axis], (high - low) / picture.size[axis]))
    (x, width), (y, height) = edges
    return x, y, width, height
