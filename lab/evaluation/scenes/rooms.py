"""Rooms: a wall, a floor, a window or a picture, and furniture."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from lab.evaluation.scenes.brush import ANY_HUE, CREAM, GREEN, WOOD, ball, lit, tone
from lab.evaluation.scenes.walls import boards, dotted, painted, striped


def room(canvas: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Return a corner of a room: wall and floor, a window or a picture, and furniture."""
    width, height = canvas.size
    scene = (painted, striped, dotted)[int(rng.integers(3))](canvas, rng)
    horizon = int(height * rng.uniform(0.55, 0.75))
    floor = boards(Image.new("RGB", (width, height)), rng)
    scene.paste(floor.resize((width, height - horizon), box=(0, 0, width, height)), (0, horizon))
    pen = ImageDraw.Draw(scene)
    pen.rectangle((0, horizon - height // 50, width, horizon), fill=tone(rng, CREAM, 0.1, 0.85))
    _hang(pen, rng, width, horizon)
    furnish = (_sofa, _table, _shelf, _lamp)
    for place in rng.permutation(len(furnish))[: int(rng.integers(1, 4))]:
        furnish[place](pen, rng, (width, height), horizon)
    return scene


def _hang(pen: ImageDraw.ImageDraw, rng: np.random.Generator, width: int, horizon: int) -> None:
    """Draw a window or a picture on the wall."""
    left, top = width * rng.uniform(0.05, 0.5), horizon * rng.uniform(0.05, 0.2)
    right, bottom = left + width * rng.uniform(0.2, 0.4), top + horizon * rng.uniform(0.3, 0.5)
    pen.rectangle((left - 10, top - 10, right + 10, bottom + 10), fill=tone(rng, WOOD, 0.3, 0.7))
    pen.rectangle((left, top, right, bottom), fill=tone(rng, (0.5, 0.62), 0.25, 0.9))
    pen.rectangle((left, (top + bottom) / 2, right, bottom), fill=tone(rng, GREEN, 0.3, 0.6))
    if rng.random() < 0.5:
        pen.line(((left + right) / 2, top, (left + right) / 2, bottom), fill=(235, 235, 230), width=8)


def _sofa(pen: ImageDraw.ImageDraw, rng: np.random.Generator, size: tuple[int, int], horizon: int) -> None:
    width, height = size
    colour, wide, high = tone(rng, ANY_HUE, 0.35, 0.5), width * rng.uniform(0.4, 0.7), height * 0.22
    left, bottom = width * rng.uniform(0, 0.4), horizon + (height - horizon) * rng.uniform(0.3, 0.7)
    pen.rounded_rectangle((left, bottom - high * 1.4, left + wide, bottom), high * 0.2, fill=lit(colour, 0.85))
    for seat in range(2):
        start = left + wide * (0.1 + 0.4 * seat)
        pen.rounded_rectangle((start, bottom - high * 0.75, start + wide * 0.39, bottom - high * 0.25), 12, fill=colour)
    for arm in (left - wide * 0.04, left + wide * 0.92):
        pen.rounded_rectangle((arm, bottom - high, arm + wide * 0.12, bottom), 14, fill=lit(colour, 1.12))


def _table(pen: ImageDraw.ImageDraw, rng: np.random.Generator, size: tuple[int, int], horizon: int) -> None:
    width, height = size
    colour, wide = tone(rng, WOOD, 0.5, 0.5), width * rng.uniform(0.3, 0.55)
    left, top = width * rng.uniform(0.05, 0.5), horizon - height * rng.uniform(0.05, 0.15)
    bottom = horizon + (height - horizon) * 0.6
    for leg in (left + wide * 0.06, left + wide * 0.9):
        pen.rectangle((leg, top, leg + wide * 0.04, bottom), fill=lit(colour, 0.7))
    pen.rectangle((left, top, left + wide, top + height * 0.03), fill=colour)
    ball(pen, (left + wide * rng.uniform(0.2, 0.8), top - height * 0.03), height * 0.03, tone(rng, ANY_HUE, 0.6, 0.8))


def _shelf(pen: ImageDraw.ImageDraw, rng: np.random.Generator, size: tuple[int, int], horizon: int) -> None:
    """Draw a bookcase with book spines."""
    width, height = size
    left, wide, top = width * rng.uniform(0.5, 0.7), width * 0.3, horizon * rng.uniform(0.2, 0.5)
    bottom = horizon + (height - horizon) * 0.2
    pen.rectangle((left, top, left + wide, bottom), fill=tone(rng, WOOD, 0.4, 0.35))
    for board in np.linspace(top, bottom, 5)[1:]:
        x = left + 8
        while x < left + wide - 20:
            thick, tall = rng.uniform(6, 18), (bottom - top) / 4 * rng.uniform(0.6, 0.9)
            pen.rectangle((x, board - tall, x + thick, board - 6), fill=tone(rng, ANY_HUE, 0.5, 0.6))
            x += thick + 1


def _lamp(pen: ImageDraw.ImageDraw, rng: np.random.Generator, size: tuple[int, int], horizon: int) -> None:
    width, height = size
    x, wide = width * rng.uniform(0.1, 0.9), width * 0.09
    top, bottom = horizon * rng.uniform(0.15, 0.4), horizon + (height - horizon) * 0.25
    pen.line((x, top, x, bottom), fill=(60, 58, 55), width=8)
    pen.ellipse((x - wide * 0.7, bottom - 10, x + wide * 0.7, bottom + 10), fill=(60, 58, 55))
    shade = [
        (x - wide * 0.6, top),
        (x + wide * 0.6, top),
        (x + wide, top + height * 0.12),
        (x - wide, top + height * 0.12),
    ]
    pen.polygon(shade, fill=tone(rng, CREAM, 0.3, 0.9))
