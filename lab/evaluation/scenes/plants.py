"""Plants: a potted plant, a hedge, a meadow with flowers."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from lab.evaluation.scenes.brush import EARTH, GREEN, Place, disc, leaf, lit, textured, tone
from lab.evaluation.scenes.walls import painted


def plant(canvas: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Return a potted plant before a wall, a hedge, or a meadow with flowers."""
    width, height = canvas.size
    kind = int(rng.integers(3))
    if kind == 0:
        scene = painted(canvas, rng)
        pen = ImageDraw.Draw(scene)
        _potted(pen, rng, (width, height))
        return scene
    scene = textured(canvas.size, tone(rng, GREEN, 0.5, 0.2), rng, 0.25)
    pen = ImageDraw.Draw(scene)
    for _ in range(260):
        root = (rng.uniform(0, width), rng.uniform(0, height))
        upwards = rng.normal(-np.pi / 2, 0.35) if kind == 1 else rng.uniform(0, 2 * np.pi)
        leaf(pen, rng, root, upwards, width * rng.uniform(0.06, 0.16), 0.12 if kind == 1 else 0.35)
    for _ in range(int(rng.integers(0, 14))):
        _flower(pen, rng, (rng.uniform(0, width), rng.uniform(0, height)), width * rng.uniform(0.02, 0.06))
    return scene


def _flower(pen: ImageDraw.ImageDraw, rng: np.random.Generator, centre: Place, reach: float) -> None:
    colour = tone(rng, (0.75, 1.15), 0.6, 0.9)
    for angle in np.arange(0, 2 * np.pi, np.pi / 4) + rng.uniform(0, 1):
        place = (centre[0] + reach * 0.7 * np.cos(angle), centre[1] + reach * 0.7 * np.sin(angle))
        disc(pen, place, reach * 0.4, lit(colour, rng.normal(1, 0.08)))
    disc(pen, centre, reach * 0.4, (220, 180, 50))


def _potted(pen: ImageDraw.ImageDraw, rng: np.random.Generator, size: tuple[int, int]) -> None:
    """Draw a plant in a pot, on the lower edge of the picture."""
    width, height = size
    x, rim, wide = width * rng.uniform(0.35, 0.65), height * rng.uniform(0.6, 0.75), width * rng.uniform(0.12, 0.2)
    clay = tone(rng, EARTH, rng.uniform(0.1, 0.6), 0.65)
    long, breadth = height * rng.uniform(0.2, 0.4), rng.uniform(0.1, 0.5)
    for _ in range(int(rng.integers(15, 60))):
        leaf(
            pen,
            rng,
            (x + rng.normal(0, wide / 4), rim),
            rng.normal(-np.pi / 2, 0.7),
            long * rng.uniform(0.6, 1.2),
            breadth,
        )
    for step in np.linspace(-1, 1, 24):
        inner, outer = x + step * wide * 0.75, x + step * wide
        slat = [(outer, rim), (outer + wide / 11, rim), (inner + wide / 11, height * 0.97), (inner, height * 0.97)]
        pen.polygon(slat, fill=lit(clay, 1.1 - 0.4 * abs(step + 0.3)))
    pen.rectangle((x - wide * 1.08, rim, x + wide * 1.18, rim + height * 0.04), fill=lit(clay, 1.05))
