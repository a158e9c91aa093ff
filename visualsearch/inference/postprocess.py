"""Postprocessing: predictions, box, map and embedding parts from a network's outputs and a photo's colours."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from visualsearch.inference.descriptor import Descriptor, Settings, colour_histogram
from visualsearch.inference.foreground import (
    CELLS,
    box_of,
    figure_box,
    figure_mask,
    lab_of,
    mask_of,
    white_share,
)
from visualsearch.inference.garments import Detection, pooled_within
from visualsearch.inference.letterbox import to_photo, unframe
from visualsearch.inference.regions import crop_of
from visualsearch.inference.types import Box, Inference, Prediction
from visualsearch.vectors import Vectors, normalise


def probabilities_of(class_map: NDArray[np.float32], temperature: float) -> NDArray[np.float64]:
    """Return the probability of each label, (labels,), by softmax with temperature of the class map (h, w, labels).

    Temperature scaling: Guo et al., On Calibration of Modern Neural Networks, 2017.
    """
    logits = class_map.mean(axis=(0, 1), dtype=np.float64) / temperature
    powers = np.exp(logits - logits.max())
    return np.asarray(powers / powers.sum(), np.float64)


def seen_at(class_map: NDArray[np.float32], probabilities: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return the class activation map (h, w), 0 to 1: the labels' maps weighted by their probability.

    Zhou et al., Learning Deep Features for Discriminative Localization, 2016.
    """
    seen = class_map @ probabilities
    low, high = seen.min(), seen.max()
    return ((seen - low) / (high - low) if high > low else np.ones_like(seen)).astype(np.float32)


def histograms_of(
    photo: Image.Image, class_map: NDArray[np.float32] | None, settings: Settings
) -> tuple[NDArray[np.float32], NDArray[np.float32] | None, bool]:
    """Return the photo's coarse and fine colour histogram, of which the colour part is made, and whether it is a studio
    photo. The fine one is None where the descriptor has none.
    """
    lab = lab_of(photo)
    mask = mask_of(lab, _seen_on(photo, class_map, settings), settings.mask)
    return (
        colour_histogram(lab, mask, settings.bins),
        _fine_histogram(lab, settings),
        _figure(lab, settings) is not None,
    )


def postprocess(
    photo: Image.Image,
    outputs: Sequence[NDArray[np.float32]] | None,
    labels: Sequence[str],
    descriptor: Descriptor,
) -> Inference:
    """Return the inference of one photo as a whole.

    `outputs`: class map (h, w, labels), pooled features and whatever else, if a network ran.
    """
    settings = descriptor.settings
    lab = lab_of(photo)
    seen = _seen_on(photo, None if outputs is None else outputs[0], settings)
    mask = mask_of(lab, seen, settings.mask)
    fine = _fine_histogram(lab, settings)
    colour = descriptor.colour(colour_histogram(lab, mask, settings.bins)[None], None if fine is None else fine[None])[
        0
    ]
    figure = _figure(lab, settings)
    if outputs is None:
        nothing = np.zeros(descriptor.shape_dimensions, np.float32)
        return Inference((), box_of(mask, settings.mask), mask, nothing, colour, figure)
    class_map, pooled = outputs[:2]
    probabilities = probabilities_of(class_map, settings.temperature)
    predictions = predictions_of(probabilities, labels)
    activation = unframe(seen_at(class_map, probabilities), photo.size, settings.framing, class_map.shape[0])
    shape = descriptor.shape(pooled[None])[0]
    return Inference(predictions, box_of(mask, settings.mask), activation, shape, colour, figure)


def parts_of(
    photos: Sequence[Image.Image], outputs: Iterable[Sequence[NDArray[np.float32]]], descriptor: Descriptor
) -> tuple[Vectors, Vectors]:
    """Return the shape and colour part of each photo as a whole, (n, d) each; `outputs` as of `postprocess`."""
    settings = descriptor.settings
    pooled, coarse = [], []
    fine: list[NDArray[np.float32]] = []
    for photo, (class_map, features, *_) in zip(photos, outputs, strict=True):
        lab = lab_of(photo)
        mask = mask_of(lab, _seen_on(photo, class_map, settings), settings.mask)
        pooled.append(features)
        coarse.append(colour_histogram(lab, mask, settings.bins))
        if (histogram := _fine_histogram(lab, settings)) is not None:
            fine.append(histogram)
    colour = descriptor.colour(np.stack(coarse), np.stack(fine) if fine else None)
    return descriptor.shape(np.stack(pooled)), colour


def garments_of(
    photo: Image.Image,
    outputs: Sequence[NDArray[np.float32]],
    detections: Sequence[Detection],
    labels: Sequence[str],
    descriptor: Descriptor,
) -> list[Inference]:
    """Return the inference of each garment that a photo shows, best first, one at least.

    `outputs` are class map, pooled features, and the two feature maps. A photo of one garment is described as a whole;
    of several, each by the features and colours within its box and those of the whole photo in equal parts: what it is
    worn with tells articles apart, too, whose shop photos show whole outfits.
    """
    whole = postprocess(photo, outputs, labels, descriptor)
    settings = descriptor.settings
    boxes = [to_photo(one.box, photo.size, settings.framing) for one in detections]
    if len(detections) < 2:
        return [replace(whole, box=box) for box in boxes] or [whole]
    middle, last = outputs[2:]
    pooled = np.stack([pooled_within((last, middle), one.box) for one in detections])
    garments = []
    for one, box, shape in zip(detections, boxes, descriptor.shape(pooled), strict=True):
        lab = lab_of(crop_of(photo, box))
        histogram = colour_histogram(lab, mask_of(lab, None, settings.mask), settings.bins)
        fine = _fine_histogram(lab, settings)
        colour = descriptor.colour(histogram[None], None if fine is None else fine[None])[0]
        garments.append(
            Inference(
                predictions_of(one.probabilities, labels),
                box,
                whole.map,
                normalise(shape + whole.shape),
                descriptor.mean_colour(colour, whole.colour),
                whole.figure,
            )
        )
    return garments


def predictions_of(probabilities: NDArray[np.float64], labels: Sequence[str]) -> tuple[Prediction, ...]:
    """Return the probabilities of labels as predictions, likeliest first."""
    return tuple(
        Prediction(labels[index], name_of(labels[index]), float(probabilities[index]))
        for index in np.argsort(-probabilities, kind="stable")
    )


def name_of(label: str) -> str:
    """Return a label's display name: "t-shirt" becomes "T-shirt"."""
    return label[:1].upper() + label[1:]


def _fine_histogram(lab: NDArray[np.float32], settings: Settings) -> NDArray[np.float32] | None:
    if settings.fine is None:
        return None
    return colour_histogram(lab, figure_mask(lab, settings.fine.mask), settings.fine.bins)


def _figure(lab: NDArray[np.float32], settings: Settings) -> Box | None:
    """Return the box of the figure of a studio photo, None for one in a room, or where both count alike."""
    if settings.fine is None or white_share(lab) < settings.studio_border:
        return None
    return figure_box(lab, settings.fine.mask)


def _seen_on(
    photo: Image.Image, class_map: NDArray[np.float32] | None, settings: Settings
) -> NDArray[np.float32] | None:
    if class_map is None:
        return None
    seen = seen_at(class_map, probabilities_of(class_map, settings.temperature))
    return unframe(seen, photo.size, settings.framing, CELLS)
