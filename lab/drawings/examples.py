"""Drawn query photos of articles, as shoppers take them: indoors, in warm light, slightly rotated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

from lab.drawings.article import DrawnArticle
from lab.drawings.assortment import ASSORTMENT
from lab.drawings.draw import Setting, photograph, seeded
from lab.drawings.geometry import band, joined, spline
from lab.drawings.paint import Light
from lab.drawings.piece import Cloth, Piece

SIZE = (720, 960)


@dataclass(frozen=True)
class Example:
    """A shopper's photo: what it is called, which article it shows, and how it was taken."""

    slug: str
    sku: str
    setting: Setting
    tint: tuple[float, float, float]  # of the lamp
    blur: float  # pixels

    @property
    def article(self) -> DrawnArticle:
        return next(article for article in ASSORTMENT if article.sku == self.sku)


_LAMP = Light(x=0.62, y=-0.2, z=0.6, ambient=0.36)
_WINDOW = Light(x=-0.7, y=-0.12, z=0.6, ambient=0.42)
_EXAMPLES = (
    Example("dress", "DR01-01", Setting("plaster", "#c9bda9", _LAMP, 2.5, 0.84, distance=3.5), (1.05, 1.0, 0.9), 0.9),
    Example("shirt", "SH02-01", Setting("boards", "#a5774c", _WINDOW, -11, 0.86, distance=1.2), (1.03, 1.0, 0.93), 0.8),
    Example("shoes", "CH02-02", Setting("room", "#b9bcb4", _LAMP, 0, 0.74, shift=(0.02, 0.17)), (1.06, 1.0, 0.88), 1.0),
    Example("t-shirt", "TS02-02", Setting("sheet", "#cfd0cf", _WINDOW, 14, 0.78, distance=0.8), (0.97, 1.0, 1.04), 0.8),
)


def examples() -> Sequence[Example]:
    """Return the photos to try the search with."""
    return _EXAMPLES


def draw_example(example: Example, *, size: tuple[int, int] = SIZE) -> Image.Image:
    """Return the shopper's photo, RGB, the same every time."""
    article = example.article
    rng = seeded("shopper", example.slug)
    garment = article.cut(article.cloth, seeded(article.sku), article.accent)
    if example.slug == "dress":
        garment.pieces[:0] = hanger()
    # Larger than wanted: what is crooked is cut off.
    wide = round(size[0] * 1.08), round(size[1] * 1.08)
    picture = photograph(garment, article, example.setting, rng, wide)
    return _by_hand(picture, example, rng, size)


def hanger() -> list[Piece]:
    """Return a wooden hanger for a neck at (0, 0)."""
    wood = Cloth("#a9794a", "smooth", gloss=0.3)
    shoulders = spline([(-17.0, 5.0), (-9, 1.2), (0, -1.6), (9, 1.2), (17.0, 5.0)])
    hook = spline([(0, -1.2), (0.1, -5.6), (2.4, -8.2), (0.6, -11.2), (-2.0, -9.6)])
    steel = Cloth("#9a9a98", "smooth", gloss=1.0)
    return [
        Piece(band(hook, 0.5), steel, rim=0.3, thickness=0.2, folds=0, shadow=0),
        Piece(
            joined(shoulders, (shoulders + np.array((0, 2.6)))[::-1]), wood, rim=1.0, thickness=0.5, folds=0, shadow=0
        ),
    ]


def _by_hand(picture: Image.Image, example: Example, rng: np.random.Generator, size: tuple[int, int]) -> Image.Image:
    """Return the picture as held by hand: slightly crooked, out of focus, in coloured light, with noise."""
    width, height = picture.size
    corners = np.array([(0, 0), (0, height), (width, height), (width, 0)], dtype=np.float64)
    inward = np.array([(1, 1), (1, -1), (-1, -1), (-1, 1)]) * (width, height)
    corners += inward * rng.uniform(0.005, 0.055, (4, 2))
    quad = tuple(float(number) for number in corners.ravel())
    picture = picture.transform(size, Image.Transform.QUAD, quad, Image.Resampling.BICUBIC)
    picture = picture.filter(ImageFilter.GaussianBlur(example.blur * size[0] / SIZE[0]))
    pixels = np.asarray(picture, dtype=np.float32) * np.array(example.tint, dtype=np.float32)
    rows = np.linspace(-1, 1, size[1], dtype=np.float32)[:, None, None]
    columns = np.linspace(-1, 1, size[0], dtype=np.float32)[None, :, None]
    pixels *= 0.97 - 0.1 * (rows**2 + columns**2) - 0.05 * columns
    pixels += rng.standard_normal((size[1], size[0], 1), dtype=np.float32) * 2.2
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
