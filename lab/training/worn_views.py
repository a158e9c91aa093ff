"""What a network learns worn garments from: views of packed photos, and what it saw in them before."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from catalogue.progress import progress_bar
from lab.evaluation.clothing import LabelledPhoto
from lab.evaluation.composites import compose
from lab.training import augmentation
from lab.training.garment_views import LEAST_CROP, Garments, evenly, in_square, lit, mirrored, varied
from lab.training.packing import Pack, PackedPhoto
from visualsearch.inference.letterbox import frame
from visualsearch.inference.regions import crop_of
from visualsearch.inference.types import Box

# Views of a photo: of a street photo, of one whose boxes are supposed, of each of its garments alone. Together with
# those below some 9,500: as a training is short, each is seen once or twice.
STREET_VIEWS, TAGGED_VIEWS, CLOSE_VIEWS = 4, 2, 1
COMPOSITES = 1_200
# A garment's box is widened so much on each side, of its side, before it is a picture of its own.
MARGIN = (0.0, 0.25)
WHOLE: Box = (0.0, 0.0, 1.0, 1.0)
BATCH = 32


@dataclass(frozen=True, slots=True)
class Lessons:
    """The views, n of them, as the first trainable layer takes them, and what the network said of them before.

    `maps` (n, h, w, channels), float16; `garments` in the network's square; `pooled` (n, d), float16; `logits`
    (n, labels); `single` (n,), whether a view is of one garment as a whole.
    """

    maps: NDArray[np.float16]
    garments: list[Garments]
    pooled: NDArray[np.float16]
    logits: NDArray[np.float32]
    single: NDArray[np.bool_]


# A square picture, (size, size, 3) uint8; the garments in it; whether it is of one garment as a whole.
Made = tuple[NDArray[np.uint8], Garments, bool]


def lessons_of(trunk: keras.Model, tail: keras.Model, pack: Pack, size: int, seed: int) -> Lessons:
    """Return the lessons of a pack: each view is run through the network once, whose `trunk` stays as it is."""
    makers = list(makers_of(pack, size, seed))
    maps, pooled, logits, garments, single = [], [], [], [], []
    with ThreadPoolExecutor(1) as ahead:

        def batch(start: int) -> list[Made]:
            return [make() for make in makers[start : start + BATCH]]

        following = ahead.submit(batch, 0)
        for start in progress_bar(range(0, len(makers), BATCH), desc="Looking at views", unit="batch"):
            made = following.result()
            following = ahead.submit(batch, start + BATCH)
            pixels = np.stack([pixels for pixels, _, _ in made]).astype(np.float32) / 127.5 - 1.0
            some = trunk.predict_on_batch(pixels)
            class_map, features = tail.predict_on_batch(some)
            maps.append(some.astype(np.float16))
            pooled.append(features.astype(np.float16))
            logits.append(class_map.mean(axis=(1, 2)))
            garments += [shown for _, shown, _ in made]
            single += [alone for _, _, alone in made]
    return Lessons(
        np.concatenate(maps), garments, np.concatenate(pooled), np.concatenate(logits), np.array(single, np.bool_)
    )


def makers_of(pack: Pack, size: int, seed: int) -> Iterator[Callable[[], Made]]:
    """Yield functions that make one view each, to be called in this order: they share a random generator."""
    rng = np.random.default_rng(seed)
    for photos, views in ((pack.street, STREET_VIEWS), (pack.tagged, TAGGED_VIEWS)):
        for photo in photos:
            for view in range(views):
                yield partial(_street, photo, rng, size, whole=view == 0)
    for photo in pack.street:
        for garment in photo.garments:
            for _ in range(CLOSE_VIEWS):
                yield partial(_close, photo, garment, rng, size)
    named = [photo for photo in pack.single if photo.garments]
    even = evenly([LabelledPhoto(Path(str(place)), "", "", one.garments[0][0]) for place, one in enumerate(named)])
    for _ in range(COMPOSITES):
        yield partial(_composite, named, even, rng, size)
    for place, photo in enumerate(pack.single):
        # By turns, since what they look like is known already.
        yield partial(_untouched, photo, size) if place % 2 == 0 else partial(_shopper, photo, pack.single, rng, size)


def _street(photo: PackedPhoto, rng: np.random.Generator, size: int, *, whole: bool) -> Made:
    picture, garments = photo.picture(), photo.garments
    if not whole:
        picture, garments = varied(picture, garments, rng, LEAST_CROP)
    return frame(picture, size, "letterbox"), in_square(garments, picture.size), False


def _close(photo: PackedPhoto, garment: tuple[str, Box], rng: np.random.Generator, size: int) -> Made:
    label, (x, y, width, height) = garment
    left, right, upper, lower = rng.uniform(*MARGIN, 4)
    low = max(0.0, x - left * width), max(0.0, y - upper * height)
    high = min(1.0, x + (1 + right) * width), min(1.0, y + (1 + lower) * height)
    picture = lit(crop_of(photo.picture(), (*low, high[0] - low[0], high[1] - low[1])), rng)
    if rng.random() < 0.5:
        picture, _ = mirrored(picture, ())
    return frame(picture, size, "letterbox"), ((label, WHOLE),), False


def _composite(
    named: Sequence[PackedPhoto], even: Sequence[LabelledPhoto], rng: np.random.Generator, size: int
) -> Made:
    chosen = [even[place] for place in rng.integers(len(even), size=rng.choice([2, 2, 3, 3, 4]))]
    shown = [(one, lit(named[int(one.path.name)].picture(), rng)) for one in chosen]
    picture, garments = compose(shown, rng)
    if rng.random() < 0.5:
        picture, garments = mirrored(picture, garments)
    return frame(picture, size, "letterbox"), in_square(garments, picture.size), False


def _untouched(photo: PackedPhoto, size: int) -> Made:
    return frame(photo.picture(), size, "letterbox"), photo.garments, True


def _shopper(photo: PackedPhoto, rooms: Sequence[PackedPhoto], rng: np.random.Generator, size: int) -> Made:
    room: Image.Image = rooms[int(rng.integers(len(rooms)))].picture()
    return augmentation.draw_view(photo.picture(), room, size, rng), photo.garments, True
