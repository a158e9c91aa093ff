"""Printed and woven patterns as repeating tiles."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw

from lab.drawings.fields import Field, as_field, linear

FINENESS = 3


@dataclass(frozen=True)
class Pattern:
    """A kind of pattern, its colours (the first is the ground) and the size of one repeat in centimetres."""

    kind: str
    colours: tuple[str, ...]
    repeat: float = 4.0
    seed: int = 1


@lru_cache(maxsize=24)
def pattern_tile(pattern: Pattern, scale: float) -> Field:
    """Return one repeat, shape (3, side, side), in light (see `linear`), at FINENESS · `scale` pixels a centimetre.

    It is finer than the picture and softened by one of the picture's pixels: folds move the places where it is
    sampled by fractions of a pixel, and stripes would show stairs.
    """
    side = max(6, round(pattern.repeat * scale * FINENESS))
    if pattern.kind in _WOVEN:
        tile = _WOVEN[pattern.kind](pattern, side)
    else:
        picture = Image.new("RGB", (side, side), pattern.colours[0])
        _PRINTED[pattern.kind](_TiledPen(picture), pattern, np.random.default_rng(pattern.seed))
        tile = as_field((np.asarray(picture, dtype=np.float32) / 255) ** 2)
    for axis in (0, 1):
        tile = as_field((np.roll(tile, 1, axis) + tile + np.roll(tile, -1, axis)) / 3)
    return np.ascontiguousarray(np.moveaxis(tile, 2, 0))


class _TiledPen:
    """Draws shapes so that what leaves the tile on one side comes back on the other; places are 0 to 1."""

    def __init__(self, picture: Image.Image) -> None:
        self.side = picture.width
        self.draw = ImageDraw.Draw(picture)

    def polygon(self, shape: list[tuple[float, float]], colour: str) -> None:
        for dx in (-1, 0, 1):
            for dy in (-1, 0, 1):
                self.draw.polygon([((x + dx) * self.side, (y + dy) * self.side) for x, y in shape], fill=colour)

    def blob(self, x: float, y: float, rx: float, ry: float, colour: str, angle: float = 0.0) -> None:
        """Draw an ellipse, turned by `angle` radians."""
        shape = []
        for step in range(24):
            turn = step * math.tau / 24
            a, b = rx * math.cos(turn), ry * math.sin(turn)
            shape.append((x + a * math.cos(angle) - b * math.sin(angle), y + a * math.sin(angle) + b * math.cos(angle)))
        self.polygon(shape, colour)

    def leaf(self, x: float, y: float, length: float, angle: float, colour: str) -> None:
        """Draw a leaf that starts at (x, y) and points along `angle`."""
        shape = []
        for share, width in (
            (0, 0),
            (0.25, 0.17),
            (0.5, 0.2),
            (0.78, 0.12),
            (1, 0),
            (0.78, -0.12),
            (0.5, -0.2),
            (0.25, -0.17),
        ):
            a, b = share * length, width * length
            shape.append((x + a * math.cos(angle) - b * math.sin(angle), y + a * math.sin(angle) + b * math.cos(angle)))
        self.polygon(shape, colour)


def _shares(side: int) -> Field:
    return ((np.arange(side, dtype=np.float32) + 0.5) / side).astype(np.float32)


def _soft_band(side: int, start: float, end: float) -> Field:
    """Return 1 within the band, 0 outside, with an edge one pixel soft; shares of the repeat."""
    place = _shares(side)
    return as_field(np.clip((place - start) * side + 0.5, 0, 1) * np.clip((end - place) * side + 0.5, 0, 1))


def _stripes(pattern: Pattern, side: int) -> Field:
    """Colours beside the ground, each in a band across: a half of the repeat for one, equal shares for more."""
    rows = np.repeat(linear(pattern.colours[0])[None, :], side, axis=0)
    accents = pattern.colours[1:]
    share = 1 / (len(accents) + 1)
    for number, colour in enumerate(accents):
        start = share * (number + 0.5)
        cover = _soft_band(side, start, start + share)[:, None]
        rows = rows * (1 - cover) + linear(colour) * cover
    return np.repeat(rows[:, None, :], side, axis=1).astype(np.float32)


def _breton(pattern: Pattern, side: int) -> Field:
    """Narrow stripes: a third of the repeat."""
    cover = _soft_band(side, 0.33, 0.67)[:, None]
    rows = linear(pattern.colours[0]) * (1 - cover) + linear(pattern.colours[1]) * cover
    return np.repeat(rows[:, None, :], side, axis=1).astype(np.float32)


def _pinstripe(pattern: Pattern, side: int) -> Field:
    """Thin lines downwards."""
    cover = _soft_band(side, 0.42, 0.42 + max(0.14, 1.2 / side))[None, :, None]
    row = linear(pattern.colours[0]) * (1 - cover) + linear(pattern.colours[1]) * cover
    return np.repeat(row, side, axis=0).astype(np.float32)


def _upright(pattern: Pattern, side: int) -> Field:
    return np.ascontiguousarray(_stripes(pattern, side).transpose(1, 0, 2))


def _woven(across: Field, down: Field) -> Field:
    """Return weft (rows of colour) and warp (columns of colour) woven half and half."""
    return ((across[:, None, :] + down[None, :, :]) / 2).astype(np.float32)


def _gingham(pattern: Pattern, side: int) -> Field:
    cover = _soft_band(side, 0.25, 0.75)[:, None]
    threads = linear(pattern.colours[0]) * (1 - cover) + linear(pattern.colours[1]) * cover
    return _woven(threads, threads)


def _tartan(pattern: Pattern, side: int) -> Field:
    """Ground, a broad band of the second colour, lines of the third and fourth."""
    ground, broad, thin, *more = pattern.colours
    line = more[0] if more else thin
    threads = np.repeat(linear(ground)[None, :], side, axis=0)
    for start, end, colour in (
        (0.08, 0.42, broad),
        (0.16, 0.20, ground),
        (0.30, 0.34, ground),
        (0.60, 0.645, thin),
        (0.72, 0.745, line),
        (0.84, 0.885, thin),
    ):
        cover = _soft_band(side, start, end)[:, None]
        threads = threads * (1 - cover) + linear(colour) * cover
    return _woven(threads, threads)


def _windowpane(pattern: Pattern, side: int) -> Field:
    cover = _soft_band(side, 0.45, 0.45 + max(0.06, 1.5 / side))[:, None]
    threads = linear(pattern.colours[0]) * (1 - cover) + linear(pattern.colours[1]) * cover
    return _woven(threads, threads)


def _herringbone(pattern: Pattern, side: int) -> Field:
    place = _shares(side)
    zigzag = np.abs(place[None, :] * 2 - 1)
    turn = (place[:, None] * 2 + zigzag) * 4 * math.pi
    cover = (0.5 + 0.5 * np.sin(turn))[..., None]
    return as_field(linear(pattern.colours[0]) * (1 - cover) + linear(pattern.colours[1]) * cover)


def _houndstooth(pattern: Pattern, side: int) -> Field:
    place = np.arange(side) * 8 // side
    row, column = place[:, None], place[None, :]
    dark_warp, dark_weft = column < 4, row < 4
    warp_on_top = (row + column) % 4 < 2
    dark = np.where(warp_on_top, dark_warp, dark_weft)[..., None]
    return np.where(dark, linear(pattern.colours[1]), linear(pattern.colours[0])).astype(np.float32)


def _dots(pen: _TiledPen, pattern: Pattern, _rng: np.random.Generator) -> None:
    for x, y in ((0.25, 0.25), (0.75, 0.75)):
        pen.blob(x, y, 0.115, 0.115, pattern.colours[1])


def _flower(pen: _TiledPen, x: float, y: float, size: float, turn: float, petal: str, heart: str) -> None:
    for number in range(5):
        angle = turn + number * math.tau / 5
        pen.blob(
            x + math.cos(angle) * size * 0.6, y + math.sin(angle) * size * 0.6, size * 0.52, size * 0.38, petal, angle
        )
    pen.blob(x, y, size * 0.27, size * 0.27, heart)


def _floral(pen: _TiledPen, pattern: Pattern, rng: np.random.Generator) -> None:
    """Scattered flowers and leaves. Colours: ground, leaf, heart, petals…"""
    _, leaf, heart, *petals = pattern.colours
    for number in range(13):
        x = (number * 0.618 + rng.uniform(-0.05, 0.05)) % 1
        y = (number / 13 + rng.uniform(-0.03, 0.03)) % 1
        turn = rng.uniform(0, math.tau)
        size = rng.uniform(0.055, 0.095) * (1.25 if number % 3 == 0 else 0.85)
        for side in (-1, 1):
            angle = turn + side * rng.uniform(0.7, 1.2)
            pen.blob(
                x + math.cos(angle) * size * 1.5,
                y + math.sin(angle) * size * 1.5,
                size * 0.75,
                size * 0.24,
                leaf,
                angle,
            )
        _flower(pen, x, y, size, turn, petals[number % len(petals)], heart)
    for _ in range(16):
        pen.blob(rng.random(), rng.random(), 0.009, 0.009, heart)


def _leaves(pen: _TiledPen, pattern: Pattern, rng: np.random.Generator) -> None:
    """Bent branches with pointed leaves on both sides. Colours: ground, leaves…"""
    for number in range(6):
        x, y = (number * 0.618) % 1, (number / 6) % 1
        turn = rng.uniform(0, math.tau)
        colour = pattern.colours[1 + number % (len(pattern.colours) - 1)]
        bend = rng.choice([-1, 1]) * rng.uniform(0.12, 0.3)
        for step in range(6):
            size = 0.085 * (1 - 0.1 * step)
            for side in (-1, 1):
                angle = turn + side * 0.95
                pen.leaf(x, y, size, angle, colour)
            nx, ny = x + math.cos(turn) * 0.045, y + math.sin(turn) * 0.045
            pen.polygon(
                [(x - 0.003, y - 0.003), (x + 0.003, y + 0.003), (nx + 0.003, ny + 0.003), (nx - 0.003, ny - 0.003)],
                colour,
            )
            x, y, turn = nx, ny, turn + bend
        pen.leaf(x, y, 0.06, turn, colour)


def _leopard(pen: _TiledPen, pattern: Pattern, rng: np.random.Generator) -> None:
    """Rosettes. Colours: ground, dark, inner."""
    for number in range(18):
        x = (number * 0.618 + rng.uniform(-0.03, 0.03)) % 1
        y = (number / 18 + rng.uniform(-0.03, 0.03)) % 1
        size = rng.uniform(0.05, 0.075)
        turn = rng.uniform(0, math.tau)
        pen.blob(x, y, size, size * 0.8, pattern.colours[2], turn)
        for part in range(3):
            angle = turn + part * 2.1 + rng.uniform(-0.3, 0.3)
            pen.blob(
                x + math.cos(angle) * size,
                y + math.sin(angle) * size * 0.85,
                size * 0.62,
                size * 0.27,
                pattern.colours[1],
                angle + 1.57,
            )


def _brush(pen: _TiledPen, pattern: Pattern, rng: np.random.Generator) -> None:
    """Abstract shapes of cut paper: pebbles, arcs and bars in the colours beside the ground."""
    for number in range(14):
        x, y = (number * 0.618 + rng.uniform(-0.03, 0.03)) % 1, (number / 14 + rng.uniform(-0.02, 0.02)) % 1
        colour = pattern.colours[1 + number % (len(pattern.colours) - 1)]
        turn = rng.uniform(0, math.tau)
        if number % 3 == 0:
            pen.blob(x, y, rng.uniform(0.06, 0.1), rng.uniform(0.045, 0.06), colour, turn)
        elif number % 3 == 1:
            for step in range(9):
                angle = turn + step * 0.28
                pen.blob(x + math.cos(angle) * 0.075, y + math.sin(angle) * 0.075, 0.018, 0.018, colour)
        else:
            for step in (-1, 0, 1):
                shift = step * 0.035
                pen.blob(x - math.sin(turn) * shift, y + math.cos(turn) * shift, 0.07, 0.009, colour, turn)


_WOVEN: dict[str, Callable[[Pattern, int], Field]] = {
    "stripes": _stripes,
    "breton": _breton,
    "pinstripe": _pinstripe,
    "upright": _upright,
    "gingham": _gingham,
    "tartan": _tartan,
    "windowpane": _windowpane,
    "herringbone": _herringbone,
    "houndstooth": _houndstooth,
}
_PRINTED: dict[str, Callable[[_TiledPen, Pattern, np.random.Generator], None]] = {
    "dots": _dots,
    "floral": _floral,
    "leaves": _leaves,
    "leopard": _leopard,
    "brush": _brush,
}
