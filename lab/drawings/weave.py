"""The texture of cloth: for each weave a repeating tile of brightness factors, mean 1.

Real threads are finer than a pixel; each weave is drawn no finer than about three pixels, so that it is visible.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

import numpy as np

from lab.drawings.fields import Field, as_field, tiling_noise

SIDE = 256  # pixels of a tile


def weave_tile(weave: str, scale: float, melange: float) -> Field:
    """Return the grain, shape (SIDE, SIDE), as a factor of light, for about `scale` pixels a centimetre."""
    # In steps of 15 %, so that garments share tiles: each costs as much as painting a sleeve.
    return _woven(weave, 1.15 ** round(math.log(scale, 1.15)), melange)


@lru_cache(maxsize=128)
def _woven(weave: str, scale: float, melange: float) -> Field:
    rng = np.random.default_rng(len(weave) * 101 + round(scale * 10))
    tile = _WEAVES[weave](_Loom(scale, rng))
    if melange:
        mottle = tiling_noise(rng, SIDE, (2.2, 1.2)) * 0.6 + tiling_noise(rng, SIDE, (1.0, 1.0)) * 0.4
        tile = as_field(tile + 0.16 * melange * mottle)
    return as_field(tile / tile.mean())


class _Loom:
    """Waves and noise that fit the tile."""

    def __init__(self, scale: float, rng: np.random.Generator) -> None:
        self.scale = scale
        self.rng = rng
        place = np.arange(SIDE, dtype=np.float32) / SIDE
        self.y, self.x = np.meshgrid(place, place, indexing="ij")

    def count(self, centimetres: float, finest: float = 3.0) -> int:
        """Return how many repeats of that length fit the tile, none finer than `finest` pixels."""
        return max(1, round(SIDE / max(centimetres * self.scale, finest)))

    def noise(self, down: float, across: float) -> Field:
        """Return noise with hills of that many centimetres, not below a pixel."""
        return tiling_noise(self.rng, SIDE, (max(down * self.scale, 0.7), max(across * self.scale, 0.7)))

    def wave(self, down: int, across: int, phase: Field | float = 0.0) -> Field:
        turns = 2 * math.pi * (down * self.y + across * self.x)
        return np.sin(turns + phase).astype(np.float32)


def _jersey(loom: _Loom) -> Field:
    wales = loom.wave(0, loom.count(0.12))
    return as_field(1 + 0.018 * wales + 0.022 * loom.noise(0.05, 0.03) + 0.012 * loom.noise(0.6, 0.08))


def _sweat(loom: _Loom) -> Field:
    return 1 + 0.025 * loom.noise(0.1, 0.05) + 0.03 * loom.noise(0.4, 0.12)


def _plain(loom: _Loom) -> Field:
    """Poplin and canvas: threads over and under."""
    count = loom.count(0.1)
    return as_field(
        1
        + 0.01 * loom.wave(0, count) * loom.wave(count, 0)
        + 0.014 * loom.noise(0.02, 0.25)
        + 0.012 * loom.noise(0.25, 0.02)
    )


def _canvas(loom: _Loom) -> Field:
    count = loom.count(0.16)
    return 1 + 0.028 * loom.wave(0, count) * loom.wave(count, 0) + 0.016 * loom.noise(0.05, 0.05)


def _linen(loom: _Loom) -> Field:
    slubs = 0.026 * loom.noise(0.03, 0.9) + 0.026 * loom.noise(0.9, 0.03)
    return as_field(1 + slubs + 0.01 * loom.noise(0.04, 0.04))


def _twill(loom: _Loom) -> Field:
    count = loom.count(0.18)
    return 1 + 0.03 * loom.wave(count, count) + 0.02 * loom.noise(0.04, 0.04)


def _denim(loom: _Loom) -> Field:
    count = loom.count(0.2)
    ridge = loom.wave(count, count, 0.6 * loom.noise(0.3, 0.3))
    return as_field(1 + 0.035 * ridge + 0.04 * loom.noise(0.9, 0.05) + 0.02 * loom.noise(0.05, 0.05))


def _corduroy(loom: _Loom) -> Field:
    cord = loom.wave(0, loom.count(0.5, 5))
    return as_field(1 + 0.14 * cord - 0.05 * cord * cord + 0.03 * loom.noise(0.06, 0.06))


def _rib(loom: _Loom) -> Field:
    rib = loom.wave(0, loom.count(0.42, 4.2))
    return 1 + 0.11 * rib + 0.02 * loom.noise(0.06, 0.05)


def _knit(loom: _Loom) -> Field:
    """Stocking stitch: columns of little Vs."""
    columns, rows = loom.count(0.55, 6), loom.count(0.42, 4.5)
    across = np.mod(loom.x * columns, 1)
    lean = np.abs(across - 0.5) * 2
    stitch = loom.wave(rows, 0, as_field(-2.6 * lean))
    valley = np.cos(2 * math.pi * across) * 0.5 + 0.5
    edge = np.cos(4 * math.pi * across) * 0.5 + 0.5
    return 1 + 0.12 * stitch - 0.09 * edge - 0.04 * valley + 0.03 * loom.noise(0.05, 0.05)


def _cable(loom: _Loom) -> Field:
    """Braids between columns of plain stitches."""
    columns = max(1, round(SIDE / (6.5 * loom.scale)))
    across = np.mod(loom.x * columns, 1)
    twists = loom.count(4.2, 12)
    turn = 2 * math.pi * twists * loom.y
    light = np.zeros_like(loom.x)
    for part in range(3):
        phase = turn / 3 * 1.0 + part * 2 * math.pi / 3
        centre = 0.5 + 0.15 * np.sin(phase * 3 / 3)
        over = 0.5 + 0.5 * np.cos(phase)
        away = (across - centre) / 0.1
        rope = np.exp(-(away**2))
        light += rope * (0.14 - 0.16 * away) * (0.4 + 0.6 * over)
    inside = np.exp(-(((across - 0.5) / 0.3) ** 6))
    gully = np.exp(-(((np.abs(across - 0.5) - 0.32) / 0.035) ** 2))
    rows = loom.count(0.42, 4.5)
    plain = 0.08 * loom.wave(rows, 0, -5.0 * np.abs(np.mod(across * 10, 1) - 0.5)) * (1 - inside)
    return as_field(0.97 + light - 0.24 * gully + plain + 0.03 * loom.noise(0.05, 0.05))


def _leather(loom: _Loom) -> Field:
    pebbles = np.abs(loom.noise(0.16, 0.16))
    return 1 + 0.028 * np.minimum(pebbles, 1.5) + 0.012 * loom.noise(0.05, 0.05)


def _smooth(loom: _Loom) -> Field:
    """Satin, rubber and enamel."""
    return 1 + 0.008 * loom.noise(0.05, 0.05)


def _crepe(loom: _Loom) -> Field:
    return 1 + 0.035 * loom.noise(0.09, 0.06)


def _suede(loom: _Loom) -> Field:
    return 1 + 0.05 * loom.noise(0.06, 0.06) + 0.05 * loom.noise(0.7, 0.7)


def _wool(loom: _Loom) -> Field:
    """Felted coat cloth."""
    return 1 + 0.024 * loom.noise(0.08, 0.08) + 0.03 * loom.noise(0.25, 0.2)


def _boucle(loom: _Loom) -> Field:
    return 1 + 0.13 * np.tanh(loom.noise(0.22, 0.22)) + 0.06 * loom.noise(0.08, 0.08)


def _nylon(loom: _Loom) -> Field:
    return 1 + 0.012 * loom.noise(0.04, 0.04) + 0.015 * loom.noise(0.3, 0.3)


def _straw(loom: _Loom) -> Field:
    across, down = loom.count(0.55, 5), loom.count(0.55, 5)
    plait = loom.wave(down, 0) * np.sign(loom.wave(0, across))
    return 1 + 0.13 * plait + 0.06 * loom.noise(0.06, 0.5)


def _mesh(loom: _Loom) -> Field:
    count = loom.count(0.22, 4)
    return 1 + 0.09 * loom.wave(count, count) * loom.wave(count, -count) + 0.02 * loom.noise(0.05, 0.05)


_WEAVES: dict[str, Callable[[_Loom], Field]] = {
    "jersey": _jersey,
    "sweat": _sweat,
    "plain": _plain,
    "canvas": _canvas,
    "linen": _linen,
    "twill": _twill,
    "denim": _denim,
    "corduroy": _corduroy,
    "rib": _rib,
    "knit": _knit,
    "cable": _cable,
    "leather": _leather,
    "smooth": _smooth,
    "crepe": _crepe,
    "suede": _suede,
    "wool": _wool,
    "boucle": _boucle,
    "nylon": _nylon,
    "straw": _straw,
    "mesh": _mesh,
}
