"""What photos are labelled as, in numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from visualsearch.evaluation.clothing import LabelledPhoto

UNKNOWN = -1
# Kinds are the contributors' own, finer labels; these say nothing of the garment.
UNTOLD = {"not sure", "other", "skip"}


def category_names(photos: Sequence[LabelledPhoto]) -> list[str]:
    """Return the categories of the photos, in alphabetical order: the order of the network's logits."""
    return sorted({photo.category for photo in photos if photo.category})


def category_labels(photos: Sequence[LabelledPhoto], names: Sequence[str]) -> NDArray[np.int64]:
    """Return each photo's category as its place in `names`. A photo without one counts by its own label."""
    places = {name: place for place, name in enumerate(names)}
    return np.array([places.get(photo.category or photo.label.lower(), UNKNOWN) for photo in photos], np.int64)


def kind_labels(photos: Sequence[LabelledPhoto]) -> NDArray[np.int64]:
    """Return each photo's kind: a number for every label that says something of the garment."""
    told = sorted({photo.label.lower() for photo in photos} - UNTOLD)
    places = {name: place for place, name in enumerate(told)}
    return np.array([places.get(photo.label.lower(), UNKNOWN) for photo in photos], np.int64)
