"""Labels of photos as class indices and smoothed target distributions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lab.evaluation.clothing import LabelledPhoto

UNKNOWN = -1
# Contributors' labels that mean: none of the categories.
NONE_OF_THEM = {"other", "skip"}


def category_names(photos: Sequence[LabelledPhoto]) -> list[str]:
    """Return the categories of the photos, in alphabetical order: the order of the network's logits."""
    return sorted({photo.category for photo in photos if photo.category})


def category_labels(photos: Sequence[LabelledPhoto], names: Sequence[str]) -> NDArray[np.int64]:
    """Return each photo's class index in `names`, (n,), UNKNOWN if it has none; without a category its label counts."""
    places = {name: place for place, name in enumerate(names)}
    return np.array([places.get(photo.category or photo.label.lower(), UNKNOWN) for photo in photos], np.int64)


def category_shares(photos: Sequence[LabelledPhoto], names: Sequence[str], smoothing: float) -> NDArray[np.float32]:
    """Return the target distribution of each photo, (n, categories) float32, with label smoothing (0 to 1).

    A photo of none of the categories gets the uniform distribution, so that the network learns to be uncertain about
    it. A photo without a usable label gets a row of zeros.
    """
    labels = category_labels(photos, names)
    shares = np.eye(len(names), dtype=np.float32)[labels] * (1 - smoothing) + smoothing / len(names)
    for share, photo, label in zip(shares, photos, labels, strict=True):
        if label == UNKNOWN:
            share[:] = 1 / len(names) if photo.label.lower() in NONE_OF_THEM else 0.0
    return shares
