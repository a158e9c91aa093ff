"""Labels of photos as class indices and smoothed target distributions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lab.evaluation.clothing import LabelledPhoto

UNKNOWN = -1
# Of these labels the contributors say: this is none of the categories.
NONE_OF_THEM = {"other", "skip"}


def category_names(photos: Sequence[LabelledPhoto]) -> list[str]:
    """Return the categories of the photos, in alphabetical order: the order of the network's logits."""
    return sorted({photo.category for photo in photos if photo.category})


def category_labels(photos: Sequence[LabelledPhoto], names: Sequence[str]) -> NDArray[np.int64]:
    """Return each photo's category as its place in `names`. A photo without one counts by its own label."""
    places = {name: place for place, name in enumerate(names)}
    return np.array([places.get(photo.category or photo.label.lower(), UNKNOWN) for photo in photos], np.int64)


def category_shares(photos: Sequence[LabelledPhoto], names: Sequence[str], smoothing: float) -> NDArray[np.float32]:
    """Return what the network shall say of each photo, (n, categories): rows of shares, smoothed.

    A photo of something else has even shares: of a bag the network shall not be sure that it is a hat. A row of zeros
    says that nobody knows.
    """
    labels = category_labels(photos, names)
    shares = np.eye(len(names), dtype=np.float32)[labels] * (1 - smoothing) + smoothing / len(names)
    for share, photo, label in zip(shares, photos, labels, strict=True):
        if label == UNKNOWN:
            share[:] = 1 / len(names) if photo.label.lower() in NONE_OF_THEM else 0.0
    return shares
