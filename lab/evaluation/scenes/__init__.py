"""Draws out-of-domain images: walls, rooms, food and plants.

Each is supersampled and gets texture, shading, blur and sensor noise, so that it resembles a photo. All randomness
comes from the given generator.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageFilter

from lab.evaluation.query_augmentation import relight
from lab.evaluation.scenes.food import food
from lab.evaluation.scenes.plants import plant
from lab.evaluation.scenes.rooms import room
from lab.evaluation.scenes.walls import wall

SHORT, LONG = 240, 320
SUPERSAMPLING = 2
SENSOR_NOISE = 4.0
BLUR_PIXELS = 1.2

Draw = Callable[[Image.Image, np.random.Generator], Image.Image]
# Each returns an image of the size of the given canvas.
SCENES: dict[str, Draw] = {"wall": wall, "room": room, "food": food, "plant": plant}


def draw_scene(draw: Draw, rng: np.random.Generator) -> Image.Image:
    """Return a drawn scene in portrait or landscape format, with random light, blur and noise."""
    width, height = (SHORT, LONG) if rng.random() < 0.6 else (LONG, SHORT)
    canvas = Image.new("RGB", (width * SUPERSAMPLING, height * SUPERSAMPLING))
    scene = draw(canvas, rng).resize((width, height), Image.Resampling.LANCZOS)
    scene = relight(_shaded(scene, rng), rng).filter(ImageFilter.GaussianBlur(rng.uniform(0, BLUR_PIXELS)))
    grain = rng.normal(0, rng.uniform(0, SENSOR_NOISE), (height, width, 3))
    return Image.fromarray(np.clip(np.asarray(scene) + grain, 0, 255).astype(np.uint8))


def _shaded(scene: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Return the scene lit from one random side, with vignetting."""
    rows, columns = np.meshgrid(
        np.linspace(-1, 1, scene.height), np.linspace(-1, 1, scene.width), indexing="ij", sparse=True
    )
    angle, fall = rng.uniform(0, 2 * np.pi), rng.uniform(0, 0.3)
    light = 1 + fall * (np.cos(angle) * columns + np.sin(angle) * rows) - 0.12 * (rows**2 + columns**2)
    return Image.fromarray(np.clip(np.asarray(scene) * light[..., None], 0, 255).astype(np.uint8))
