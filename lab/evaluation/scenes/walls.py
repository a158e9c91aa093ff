"""Walls and floors seen from the front: paint, wallpaper, bricks, tiles, boards."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from lab.drawings.fields import noise
from lab.evaluation.scenes.brush import ANY_HUE, CREAM, EARTH, WOOD, disc, lit, textured, tone


def wall(canvas: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Return a wall seen from the front: paint, wallpaper, bricks, tiles or boards."""
    covers = (painted, striped, dotted, bricks, tiles, boards)
    return covers[int(rng.integers(len(covers)))](canvas, rng)


def painted(canvas: Image.Image, rng: np.random.Generator) -> Image.Image:
    return textured(canvas.size, tone(rng, ANY_HUE, rng.uniform(0, 0.4), rng.uniform(0.45, 0.95)), rng, 0.05)


def striped(canvas: Image.Image, rng: np.random.Generator) -> Image.Image:
    scene, wide = painted(canvas, rng), int(rng.integers(16, 90))
    pen, other = ImageDraw.Draw(scene), tone(rng, ANY_HUE, 0.25, 0.8)
    for left in range(0, scene.width, 2 * wide):
        pen.rectangle((left, 0, left + wide * rng.uniform(0.96, 1.0), scene.height), fill=other)
    return scene


def dotted(canvas: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Return wallpaper with rows of flowers or dots."""
    scene, step = painted(canvas, rng), int(rng.integers(40, 110))
    pen, colour = ImageDraw.Draw(scene), tone(rng, ANY_HUE, 0.4, 0.6)
    for row, y in enumerate(range(0, scene.height + step, step)):
        for x in range(-step // 2 * (row % 2), scene.width + step, step):
            for angle in np.arange(0, 2 * np.pi, np.pi / 3):
                disc(pen, (x + step * 0.13 * np.cos(angle), y + step * 0.13 * np.sin(angle)), step * 0.1, colour)
    return scene


def bricks(canvas: Image.Image, rng: np.random.Generator) -> Image.Image:
    high = int(rng.integers(24, 56))
    return laid(canvas, rng, (high * 2.6, high), EARTH, (rng.uniform(0.3, 0.65), 0.55), 0.5)


def tiles(canvas: Image.Image, rng: np.random.Generator) -> Image.Image:
    side = int(rng.integers(50, 130))
    return laid(canvas, rng, (side, side), ANY_HUE, (0.12, 0.88), 0.0)


def boards(canvas: Image.Image, rng: np.random.Generator) -> Image.Image:
    return laid(canvas, rng, (canvas.width * 0.7, int(rng.integers(36, 90))), WOOD, (0.5, rng.uniform(0.4, 0.8)), 0.37)


def laid(
    canvas: Image.Image,
    rng: np.random.Generator,
    piece: tuple[float, float],
    hues: tuple[float, float],
    shade: tuple[float, float],
    shift: float,
) -> Image.Image:
    """Return rows of rectangular pieces (width, height in pixels), each row shifted by a share of a piece's width.

    All have one hue in `hues`, and about one `shade` (saturation, value).
    """
    scene = textured(canvas.size, tone(rng, CREAM, 0.1, 0.6), rng, 0.1)
    pen, (wide, high) = ImageDraw.Draw(scene), piece
    base, joint = tone(rng, hues, *shade), max(2, int(high * 0.06))
    for row in range(int(scene.height / high) + 1):
        for column in range(-1, int(scene.width / wide) + 2):
            left, top = (column - row * shift % 1) * wide, row * high
            light = rng.normal(1, 0.09)
            pen.rectangle((left, top, left + wide - joint, top + high - joint), fill=lit(base, light))
    grain = 1 + 0.06 * noise(rng, scene.height, scene.width, (3, 24))
    return Image.fromarray(np.clip(np.asarray(scene) * grain[..., None], 0, 255).astype(np.uint8))
