"""Target features from the ImageNet network, against catastrophic forgetting in fine-tuning."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from catalogue.progress import progress_bar
from lab.training.axes import principal_axes
from visualsearch.inference.letterbox import frame
from visualsearch.vectors import normalise

TEACHER_DIMENSIONS = 256
BATCH_PHOTOS = 32


def teach(backbone: keras.Model, photos: Sequence[Image.Image]) -> NDArray[np.float32]:
    """Return the features of each unaugmented photo from an ImageNet backbone, unit rows (n, TEACHER_DIMENSIONS).

    They are generalised-mean pooled with p = 3 (GeM; Radenović et al., Fine-tuning CNN Image Retrieval with No Human
    Annotation, 2018), which separates articles better than average pooling, then projected by PCA with half whitening.
    """
    cubes = keras.ops.mean(keras.ops.power(keras.ops.relu(backbone.output), 3), axis=(1, 2))
    size = int(backbone.input.shape[1])
    seen = normalise(np.cbrt(features_of(keras.Model(backbone.input, cubes), photos, size)))
    mean, matrix = principal_axes(seen, TEACHER_DIMENSIONS)
    return normalise((seen - mean) @ matrix)


def features_of(model: keras.Model, photos: Sequence[Image.Image], size: int) -> NDArray[np.float32]:
    """Return the output (n, d) of a single-output model for photos squashed to `size` pixels."""
    starts = progress_bar(range(0, len(photos), BATCH_PHOTOS), desc="Looking at untouched photos", unit="batch")
    return np.concatenate(
        [model.predict_on_batch(network_input(photos[start : start + BATCH_PHOTOS], size)) for start in starts]
    )


def network_input(photos: Sequence[Image.Image], size: int) -> NDArray[np.float32]:
    """Return the photos squashed to (n, size, size, 3), float32 in −1..1."""
    return np.stack([frame(photo, size, "squash") for photo in photos]).astype(np.float32) / 127.5 - 1.0
