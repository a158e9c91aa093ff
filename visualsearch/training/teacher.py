"""The teacher: what ImageNet's network sees in the photos, which training for categories alone would forget."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from tqdm import tqdm

from visualsearch.inference.framing import frame
from visualsearch.training import architecture
from visualsearch.training.axes import principal_axes
from visualsearch.vectors import normalise

TEACHER_DIMENSIONS = 256
TEACHER_SIZE = 224
BATCH_PHOTOS = 32


def teach(weights: str | Path, photos: Sequence[Image.Image]) -> NDArray[np.float32]:
    """Return what ImageNet's network saw in each untouched photo: generalised-mean features on their main axes.

    Unit rows of TEACHER_DIMENSIONS numbers.
    """
    backbone = architecture.build_backbone(weights, TEACHER_SIZE)
    cubes = keras.ops.mean(keras.ops.power(backbone.output, 3), axis=(1, 2))
    seen = normalise(np.cbrt(features_of(keras.Model(backbone.input, cubes), photos, TEACHER_SIZE)))
    mean, matrix = principal_axes(seen, TEACHER_DIMENSIONS)
    return normalise((seen - mean) @ matrix)


def features_of(model: keras.Model, photos: Sequence[Image.Image], size: int) -> NDArray[np.float32]:
    """Return the output (n, d) of a model with one, for photos squashed to `size`."""
    starts = tqdm(range(0, len(photos), BATCH_PHOTOS), desc="Looking with ImageNet's eyes", unit="batch")
    return np.concatenate(
        [model.predict_on_batch(network_input(photos[start : start + BATCH_PHOTOS], size)) for start in starts]
    )


def network_input(photos: Sequence[Image.Image], size: int) -> NDArray[np.float32]:
    """Return photos squashed to (n, size, size, 3), −1..1."""
    return np.stack([frame(photo, size, "squash") for photo in photos]).astype(np.float32) / 127.5 - 1.0
