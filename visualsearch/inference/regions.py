"""The vectors of a catalogue photo: of all of it, and of the regions of a figure before a white background."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PIL.Image import Image

from visualsearch.inference.types import Box, Inference, Model
from visualsearch.vectors import Vectors

# Of the whole photo, and of each region.
VECTORS_A_PHOTO = 4
# Pixels: a thinner region is widened, as far as the photo goes.
LEAST_SIDE = 8


def describe(model: Model, photos: Sequence[Image], whole: Sequence[Inference] | None = None) -> list[Vectors]:
    """Return the vectors to store of each photo, (1 to VECTORS_A_PHOTO, dimensions), float32, rows of length 1.

    The first is of the whole photo. A studio photo has more, if the model's descriptor has them: a model wears a top
    over trousers, and only one half of the photo shows the article. `whole` are the photos' inferences, where they are
    known already.
    """
    join = model.descriptor.join
    whole = model.predict(photos) if whole is None else whole
    stored = [[join(one.shape, one.colour)] for one in whole]
    if model.descriptor.settings.regions:
        regions = [
            (number, crop_of(photo, region))
            for number, (photo, inference) in enumerate(zip(photos, whole, strict=True))
            if inference.figure is not None
            for region in regions_of(inference.figure)
        ]
        if regions:
            vectors = join(*model.parts_of([crop for _, crop in regions]))
            for (number, _), vector in zip(regions, vectors, strict=True):
                stored[number].append(vector)
    return [np.stack(vectors) for vectors in stored]


def regions_of(figure: Box) -> list[Box]:
    """Return the regions of a figure that get a vector: its upper half, its lower half, its middle."""
    x, y, width, height = figure
    return [(x, y + height * start, width, height / 2) for start in (0.0, 0.5, 0.25)]


def crop_of(photo: Image, box: Box) -> Image:
    """Return the part of an upright photo in a box."""
    width, height = photo.size
    left, upper = math.floor(box[0] * width), math.floor(box[1] * height)
    right = min(width, max(left + LEAST_SIDE, math.ceil((box[0] + box[2]) * width)))
    lower = min(height, max(upper + LEAST_SIDE, math.ceil((box[1] + box[3]) * height)))
    return photo.crop((left, upper, right, lower))
