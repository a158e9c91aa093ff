"""Views that the garment head learns from: street photos cropped and lit anew, composites, and photos of one garment.

The network is frozen, so each view is run through it once, and its feature maps are kept as int8.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance

from catalogue.imaging import read_image
from lab.evaluation.clothing import LabelledPhoto
from lab.evaluation.composites import compose, garment_box
from lab.evaluation.outfits import BoxedPhoto
from visualsearch.inference.types import Box

Garments = tuple[tuple[str, Box], ...]
View = tuple[Image.Image, Garments]

# Views of a street photo, besides the photo itself.
CROPS_OF_A_PHOTO = 14
COMPOSITES = 2_250
# Of a crop's area; and how much of a garment must be in it.
LEAST_CROP, LEAST_INSIDE = 0.35, 0.4
# Photos drawn of each label, at least: rare ones repeat.
EVENLY = 300


@dataclass(frozen=True, slots=True)
class Views:
    """Feature maps of n views, (n, h, w, channels) as int8, and the garments of each in the network's square."""

    middle: NDArray[np.int8]
    last: NDArray[np.int8]
    garments: list[Garments]


def views_of(outfits: Sequence[BoxedPhoto], photos: Sequence[LabelledPhoto], seed: int) -> Iterator[Callable[[], View]]:
    """Yield functions that make one view each: of street photos, of composites, and of each second photo alone."""
    rng = np.random.default_rng(seed)
    for outfit in outfits:
        for crop in range(-1, CROPS_OF_A_PHOTO):
            yield partial(_street, outfit, rng, whole=crop < 0)
    even = evenly(photos)
    for _ in range(COMPOSITES):
        yield partial(_composite, even, rng)
    for photo in photos[::2]:
        yield partial(_single, photo, rng)


def evenly(photos: Sequence[LabelledPhoto]) -> list[LabelledPhoto]:
    """Return the photos with those of rare labels repeated."""
    of_label: dict[str, list[LabelledPhoto]] = {}
    for photo in photos:
        of_label.setdefault(photo.category, []).append(photo)
    return [
        photo for some in of_label.values() for photo in (some * (1 + EVENLY // len(some)))[: max(len(some), EVENLY)]
    ]


def in_square(garments: Garments, size: tuple[int, int]) -> Garments:
    """Return the garments with their boxes in the square that a photo of this size is letterboxed to."""
    side = max(size)
    spans = size[0] / side, size[1] / side
    return tuple(
        (
            label,
            (
                (1 - spans[0]) / 2 + box[0] * spans[0],
                (1 - spans[1]) / 2 + box[1] * spans[1],
                box[2] * spans[0],
                box[3] * spans[1],
            ),
        )
        for label, box in garments
    )


def cropped(garments: Garments, crop: Box) -> Garments:
    """Return the garments of which enough is within a crop, cut at its edges, as fractions of it."""
    kept = []
    for label, box in garments:
        low = [max(box[axis], crop[axis]) for axis in (0, 1)]
        high = [min(box[axis] + box[axis + 2], crop[axis] + crop[axis + 2]) for axis in (0, 1)]
        sides = [max(0.0, end - start) for start, end in zip(low, high, strict=True)]
        if sides[0] * sides[1] < LEAST_INSIDE * box[2] * box[3]:
            continue
        x, y = ((low[axis] - crop[axis]) / crop[axis + 2] for axis in (0, 1))
        kept.append((label, (x, y, sides[0] / crop[2], sides[1] / crop[3])))
    return tuple(kept)


def _street(outfit: BoxedPhoto, rng: np.random.Generator, *, whole: bool) -> View:
    photo = read_image(outfit.path.read_bytes())
    return (photo, outfit.garments) if whole else varied(photo, outfit.garments, rng, LEAST_CROP)


def _composite(photos: Sequence[LabelledPhoto], rng: np.random.Generator) -> View:
    chosen = [photos[place] for place in rng.integers(len(photos), size=rng.choice([2, 2, 3, 3, 4]))]
    picture, garments = compose([(photo, lit(read_image(photo.path.read_bytes()), rng)) for photo in chosen], rng)
    return (picture, garments) if rng.random() < 0.5 else mirrored(picture, garments)


def _single(photo: LabelledPhoto, rng: np.random.Generator) -> View:
    picture = read_image(photo.path.read_bytes())
    garments = ((photo.category, garment_box(picture)),)
    return (picture, garments) if rng.random() < 0.5 else varied(picture, garments, rng, 0.6)


def varied(photo: Image.Image, garments: Garments, rng: np.random.Generator, least: float) -> View:
    """Return a part of a photo, at least `least` of its area, perhaps mirrored, in other light."""
    side, shape = math.sqrt(rng.uniform(least, 1)), math.exp(rng.uniform(-0.3, 0.3))
    width, height = min(1.0, side * shape), min(1.0, side / shape)
    crop = rng.uniform(0, 1 - width), rng.uniform(0, 1 - height), width, height
    pixels = [round(share * photo.size[axis % 2]) for axis, share in enumerate(crop)]
    part = photo.crop((pixels[0], pixels[1], pixels[0] + max(8, pixels[2]), pixels[1] + max(8, pixels[3])))
    shown, kept = lit(part, rng), cropped(garments, crop)
    return (shown, kept) if rng.random() < 0.5 else mirrored(shown, kept)


def mirrored(photo: Image.Image, garments: Garments) -> View:
    turned = tuple((label, (1 - box[0] - box[2], *box[1:])) for label, box in garments)
    return photo.transpose(Image.Transpose.FLIP_LEFT_RIGHT), turned


def lit(photo: Image.Image, rng: np.random.Generator) -> Image.Image:
    photo = ImageEnhance.Brightness(photo).enhance(rng.uniform(0.7, 1.3))
    photo = ImageEnhance.Color(photo).enhance(rng.uniform(0.6, 1.4))
    warmth = rng.uniform(-0.12, 0.12)
    gains = np.array([1 + warmth, 1.0, 1 - warmth])
    return Image.fromarray(np.clip(np.asarray(photo, np.float32) * gains, 0, 255).astype(np.uint8))
