"""Colours, textures and basic shapes that the scenes share."""

from __future__ import annotations

import colorsys

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from lab.drawings.fields import noise

Colour = tuple[int, int, int]
Place = tuple[float, float]

# Ranges of hue, 0 to 1.
ANY_HUE, EARTH, CREAM, WOOD, GREEN = (0.0, 1.0), (0.02, 0.09), (0.08, 0.16), (0.05, 0.1), (0.2, 0.4)


def tone(rng: np.random.Generator, hues: tuple[float, float], saturation: float, value: float) -> Colour:
    """Return a random colour with a hue in `hues`, near the given saturation and value; all 0 to 1."""
    spread = np.clip(rng.normal((saturation, value), 0.08), 0, 1)
    red, green, blue = colorsys.hsv_to_rgb(rng.uniform(*hues), *spread)
    return int(red * 255), int(green * 255), int(blue * 255)


def lit(colour: Colour, light: float) -> Colour:
    red, green, blue = (int(np.clip(part * light, 0, 255)) for part in colour)
    return red, green, blue


def textured(size: tuple[int, int], colour: Colour, rng: np.random.Generator, roughness: float) -> Image.Image:
    """Return a surface of one colour with coarse and fine brightness noise of amplitude `roughness`."""
    width, height = size
    light = 1 + roughness * (
        0.5 * noise(rng, height, width, (height / 4, width / 4)) + 0.4 * noise(rng, height, width, (4, 4))
    )
    return Image.fromarray(np.clip(light[..., None] * colour, 0, 255).astype(np.uint8))


def with_shadow(scene: Image.Image, centre: Place, reach: float) -> Image.Image:
    shadow = Image.new("L", scene.size)
    disc(ImageDraw.Draw(shadow), (centre[0] + reach * 0.06, centre[1] + reach * 0.08), reach * 1.03, 130)
    shadow = shadow.filter(ImageFilter.GaussianBlur(reach * 0.06))
    return Image.composite(Image.new("RGB", scene.size), scene, shadow)


def disc(pen: ImageDraw.ImageDraw, centre: Place, reach: float, fill: Colour | int) -> None:
    x, y = centre
    pen.ellipse((x - reach, y - reach, x + reach, y + reach), fill=fill)


def ball(pen: ImageDraw.ImageDraw, centre: Place, reach: float, colour: Colour) -> None:
    """Draw a sphere lit from the upper left."""
    for step in np.linspace(0, 1, 9):
        shift = reach * 0.35 * step
        disc(pen, (centre[0] - shift, centre[1] - shift), reach * (1 - 0.85 * step), lit(colour, 0.6 + 0.75 * step))


def within(rng: np.random.Generator, centre: Place, reach: float) -> Place:
    angle, away = rng.uniform(0, 2 * np.pi), reach * np.sqrt(rng.random())
    return centre[0] + away * np.cos(angle), centre[1] + away * np.sin(angle)


def leaf(
    pen: ImageDraw.ImageDraw,
    rng: np.random.Generator,
    root: Place,
    angle: float,
    length: float,
    breadth: float,
) -> None:
    """Draw a leaf from its root, one half lit; `breadth` is a share of its length, `angle` in radians."""
    along = np.linspace(0, 1, 9)
    half = np.sin(np.pi * along**0.8) * breadth / 2
    colour = tone(rng, GREEN, 0.6, rng.uniform(0.3, 0.65))
    cosine, sine = np.cos(angle), np.sin(angle)
    for side, light in ((1, 0.85), (-1, 1.1)):
        across = np.concatenate([half * side, np.zeros(9)])
        line = np.concatenate([along, along[::-1]])
        xs, ys = line * cosine - across * sine, line * sine + across * cosine
        points = [(root[0] + length * x, root[1] + length * y) for x, y in zip(xs, ys, strict=True)]
        pen.polygon(points, fill=lit(colour, light))
