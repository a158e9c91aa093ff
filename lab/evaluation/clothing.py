"""A folder of labelled photos of garments: photos.csv beside images/, split by contributor."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

# The test set: their photos are not used for training, calibration, thresholds or projections.
HELD_OUT_CONTRIBUTORS = 60
# The validation set: their photos do not train the network, but calibrate it.
CALIBRATION_CONTRIBUTORS = 25


@dataclass(frozen=True, slots=True)
class LabelledPhoto:
    """One row of photos.csv. `category` is empty where the contributor's label is none of the categories."""

    path: Path
    contributor: str
    label: str
    category: str


def read_photos(folder: Path) -> list[LabelledPhoto]:
    """Return the rows of `folder`/photos.csv (columns photo, contributor, label, category), in its order."""
    with (folder / "photos.csv").open(newline="", encoding="utf-8") as file:
        return [
            LabelledPhoto(folder / "images" / row["photo"], row["contributor"], row["label"], row["category"])
            for row in csv.DictReader(file)
        ]


@dataclass(frozen=True, slots=True)
class Split:
    """Training, validation and test set. Each contributor is in one only, so that rooms and lighting do not leak."""

    training: list[LabelledPhoto]
    calibration: list[LabelledPhoto]
    judging: list[LabelledPhoto]


def in_order(contributors: Iterable[str]) -> list[str]:
    """Return the contributors ordered by sha256 of their names: a reproducible pseudo-random order."""
    return sorted(set(contributors), key=lambda name: hashlib.sha256(name.encode()).hexdigest())


def split(photos: Sequence[LabelledPhoto]) -> Split:
    """Split the photos by contributor: the first HELD_OUT_CONTRIBUTORS are the test set, the next
    CALIBRATION_CONTRIBUTORS the validation set. In a small data set they are at most a third and a sixth of all.
    """
    ordered = in_order(photo.contributor for photo in photos)
    judges = min(HELD_OUT_CONTRIBUTORS, max(1, len(ordered) // 3))
    calibrators = min(CALIBRATION_CONTRIBUTORS, max(1, len(ordered) // 6))
    place = {name: number for number, name in enumerate(ordered)}
    return Split(
        training=[photo for photo in photos if place[photo.contributor] >= judges + calibrators],
        calibration=[photo for photo in photos if judges <= place[photo.contributor] < judges + calibrators],
        judging=[photo for photo in photos if place[photo.contributor] < judges],
    )
