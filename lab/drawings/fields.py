"""Operations on float images: noise, blur, resizing.

A field is a float32 array (height, width); one of colours (3, height, width), since NumPy is several times faster on
planes than on triples.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image

Field = NDArray[np.float32]


def as_field(values: ArrayLike) -> Field:
    """Return the values as float32, whatever arithmetic made of them."""
    return np.asarray(values, dtype=np.float32)


def resize(field: Field, height: int, width: int) -> Field:
    """Return the field in another size, smoothly."""
    if field.shape == (height, width):
        return field
    return np.array(Image.fromarray(field).resize((width, height), Image.Resampling.BILINEAR), dtype=np.float32)


def _blur_rows(field: Field, radius: int) -> Field:
    """Return the field after three means over 2·radius+1 columns, edges repeated."""
    height, width = field.shape
    margin, span = 3 * radius, 2 * radius + 1
    total = np.empty((height, width + 2 * margin), dtype=np.float32)
    total[:, margin : margin + width] = field
    total[:, :margin] = field[:, :1]
    total[:, margin + width :] = field[:, -1:]
    for _ in range(3):
        sums = np.zeros((height, total.shape[1] + 1), dtype=np.float32)
        np.cumsum(total, axis=1, out=sums[:, 1:])
        total = as_field((sums[:, span:] - sums[:, :-span]) * np.float32(1 / span))
    return total


def blur(field: Field, sigma: float) -> Field:
    """Return the field blurred by about a Gaussian of `sigma` pixels (three box passes each way)."""
    radius = max(1, round(sigma * 0.94)) if sigma > 0.3 else 0
    if not radius:
        return field
    across = _blur_rows(field, radius)
    return np.ascontiguousarray(_blur_rows(np.ascontiguousarray(across.T), radius).T)


def noise(rng: np.random.Generator, height: int, width: int, cell: tuple[float, float]) -> Field:
    """Return smooth noise of about unit variance; `cell` is the size of its hills (y, x) in pixels."""
    rows = math.ceil(height / cell[0]) + 3
    columns = math.ceil(width / cell[1]) + 3
    grid = Image.fromarray(rng.standard_normal((rows, columns)).astype(np.float32))
    left, top = rng.random(2)
    box = (left, top, left + width / cell[1], top + height / cell[0])
    return np.asarray(grid.resize((width, height), Image.Resampling.BICUBIC, box=box), dtype=np.float32) * 1.4


def tiling_noise(rng: np.random.Generator, size: int, cell: tuple[float, float]) -> Field:
    """Return noise (size, size) of unit variance that repeats without a seam."""
    rows = np.fft.fftfreq(size)[:, None] * cell[0]
    columns = np.fft.fftfreq(size)[None, :] * cell[1]
    spectrum = np.fft.fft2(rng.standard_normal((size, size))) * np.exp(-2 * (rows**2 + columns**2) * 2)
    field = np.real(np.fft.ifft2(spectrum))
    return as_field(field / field.std())


def moved(field: Field, down: int, right: int) -> Field:
    """Return the field shifted by whole pixels; what comes in at the edges repeats the edge."""
    height, width = field.shape
    rows = np.clip(np.arange(height) - down, 0, height - 1)
    columns = np.clip(np.arange(width) - right, 0, width - 1)
    return field.take(rows, axis=0).take(columns, axis=1)


def smoothstep(field: Field, low: float, high: float) -> Field:
    """Return 0 below `low`, 1 above `high`, a smooth ramp between."""
    t = np.clip((field - low) / (high - low), 0, 1)
    return as_field(t * t * (3 - 2 * t))


def linear(colour: str) -> Field:
    """Return a "#rrggbb" colour as three numbers proportional to light (gamma 2)."""
    value = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)], dtype=np.float32) / 255
    return as_field(value * value)


def tinted(light: Field, colour: str) -> Field:
    """Return a colour in this light, shape (3, height, width)."""
    return np.multiply.outer(linear(colour), light)
