"""Detection of the garments that a photo shows: a small head on the feature maps of the network's one run.

The head is an anchor-free detector: a heat map of each label, whose peaks are garments, and a box a cell (Zhou, Wang
and Krähenbühl, Objects as Points, 2019; Tian et al., FCOS, 2019). What a garment looks like is pooled from the same
feature maps, within its box.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from visualsearch.inference.interpreters import Interpreters, dequantised
from visualsearch.inference.letterbox import coverage_of
from visualsearch.inference.types import Box

HEAD_FILE = "garments.tflite"
DETECTION_FILE = "garments.json"
MOST_GARMENTS = 6


@dataclass(frozen=True, slots=True)
class DetectionSettings:
    """Which peaks of the heat maps are garments.

    A peak has a score of at least `least_score`, 0 to 1. Of two boxes with an intersection over union of more than
    `same_overlap`, or `other_overlap` where their labels differ, the one of the higher score is kept.
    """

    least_score: float = 0.25
    same_overlap: float = 0.5
    other_overlap: float = 0.6

    @classmethod
    def load(cls, folder: Path) -> DetectionSettings:
        return cls(**json.loads((folder / DETECTION_FILE).read_text(encoding="utf-8")))

    def save(self, folder: Path) -> None:
        (folder / DETECTION_FILE).write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Detection:
    """A garment: its box in the network's square input, the score of its peak, a probability of each label."""

    box: Box
    score: float
    probabilities: NDArray[np.float64]


class GarmentHead:
    """The network of an artefact's HEAD_FILE: from two feature maps to heat maps and boxes."""

    def __init__(self, interpreters: Interpreters, settings: DetectionSettings) -> None:
        self.settings = settings
        self._interpreters = interpreters

    def detect(self, middle: NDArray[np.float32], last: NDArray[np.float32]) -> list[Detection]:
        """Return the garments in one photo's feature maps (h, w, channels), the surest first, MOST_GARMENTS at most."""
        with self._interpreters.borrow() as interpreter:
            interpreter.allocate_tensors()
            for source in interpreter.get_input_details():
                given = next(one for one in (middle, last) if one.shape == tuple(source["shape"][1:]))
                interpreter.set_tensor(source["index"], given[None])
            interpreter.invoke()
            # By the numbers at the end of their names: first the heat maps, then the boxes.
            heat, boxes = (
                dequantised(interpreter.get_tensor(target["index"]), target)[0]
                for target in sorted(interpreter.get_output_details(), key=lambda target: str(target["name"]))
            )
        return peaks_of(heat, boxes, self.settings)


def peaks_of(heat: NDArray[np.float32], boxes: NDArray[np.float32], settings: DetectionSettings) -> list[Detection]:
    """Return the garments at the peaks of heat maps (h, w, labels), which are logits, best first.

    `boxes` (h, w, 4) are left, upper, right and lower edge, in sides of the square, of the garment at each cell.
    """
    scores = 1 / (1 + np.exp(-heat))
    rows, columns, _ = scores.shape
    padded = np.pad(scores, ((1, 1), (1, 1), (0, 0)))
    around = np.max([padded[y : y + rows, x : x + columns] for y in range(3) for x in range(3)], axis=0)
    peaks = np.argwhere((scores >= settings.least_score) & (scores >= around))
    kept: list[tuple[NDArray[np.float64], int, Detection]] = []
    for row, column, label in sorted(peaks.tolist(), key=lambda peak: -scores[tuple(peak)]):
        edges = np.clip(boxes[row, column].astype(np.float64), 0.0, 1.0)
        if edges[2] <= edges[0] or edges[3] <= edges[1]:
            continue
        if any(
            overlap(edges, other) > (settings.same_overlap if label == its_label else settings.other_overlap)
            for other, its_label, _ in kept
        ):
            continue
        logits = heat[row, column].astype(np.float64)
        # A likelier label at the same place is another garment there, which was found before.
        powers = np.where(logits <= logits[label], np.exp(logits - logits[label]), 0.0)
        left, upper, right, lower = edges.tolist()
        detection = Detection(
            (left, upper, right - left, lower - upper), float(scores[row, column, label]), powers / powers.sum()
        )
        kept.append((edges, label, detection))
        if len(kept) == MOST_GARMENTS:
            break
    return [detection for *_, detection in kept]


def overlap(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """Return the intersection over union of two boxes, given by their edges (left, upper, right, lower)."""
    width, height = np.minimum(first[2:], second[2:]) - np.maximum(first[:2], second[:2])
    shared = max(width, 0.0) * max(height, 0.0)
    areas = [np.prod(edges[2:] - edges[:2]) for edges in (first, second)]
    return float(shared / (sum(areas) - shared))


def pooled_within(maps: Sequence[NDArray[np.float32]], box: Box) -> NDArray[np.float32]:
    """Return the mean features of each map (h, w, channels) within a box of the square, side by side, (d,).

    A cell counts by the share of it that the box covers.
    """
    return np.concatenate([np.tensordot(coverage_of(features.shape[:2], box), features, axes=2) for features in maps])
