"""Framing: resizes a photo to the network's square input (squash, letterbox, crop), and maps its class map back."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from visualsearch.inference.types import Box

Framing = Literal["squash", "letterbox", "crop"]
PAD_COLOUR = (127, 127, 127)


def frame(photo: Image.Image, size: int, framing: Framing) -> NDArray[np.uint8]:
    """Return the upright RGB photo as (size, size, 3) pixels: squashed, letterboxed on grey, or its centre."""
    if framing == "squash":
        square = photo.resize((size, size), Image.Resampling.BICUBIC)
    elif framing == "letterbox":
        square = ImageOps.pad(photo, (size, size), Image.Resampling.BICUBIC, color=PAD_COLOUR)
    else:
        square = ImageOps.fit(photo, (size, size), Image.Resampling.BICUBIC)
    return np.asarray(square)


def unframe(
    seen: NDArray[np.float32], photo_size: tuple[int, int], framing: Framing, cells: int
) -> NDArray[np.float32]:
    """Return a map of the square (h, w) resampled to the photo, (cells, cells), bilinear.

    Outside a centre crop, which the network does not see, the nearest value is repeated.
    """
    spans = _spans(photo_size, framing)
    across, down = (_interpolation(cells, length, span) for length, span in zip(seen.shape[::-1], spans, strict=True))
    return (down @ seen @ across.T).astype(np.float32)


def to_photo(box: Box, photo_size: tuple[int, int], framing: Framing) -> Box:
    """Return a box of the square as fractions of the photo, cut at its edges."""
    edges = []
    for start, length, span in zip(box[:2], box[2:], _spans(photo_size, framing), strict=True):
        low, high = (min(max((edge - 0.5) / span + 0.5, 0.0), 1.0) for edge in (start, start + length))
        edges.append((low, high - low))
    (x, width), (y, height) = edges
    return x, y, width, height


def coverage_of(cells: tuple[int, ...], box: Box) -> NDArray[np.float32]:
    """Return the weight of each cell (h, w) in a mean over a box of the square; all weights sum to 1."""
    rows, columns = cells
    weights = np.outer(_covered(rows, box[1], box[3]), _covered(columns, box[0], box[2]))
    return np.asarray(weights / weights.sum(), np.float32)


def _spans(photo_size: tuple[int, int], framing: Framing) -> tuple[float, float]:
    """Return the photo's width and height in sides of the square; both have the same centre."""
    if framing == "squash":
        return 1.0, 1.0
    side = max(photo_size) if framing == "letterbox" else min(photo_size)
    return photo_size[0] / side, photo_size[1] / side


def _interpolation(cells: int, length: int, span: float) -> NDArray[np.float64]:
    """Return the (cells, length) matrix of linear interpolation at `cells` evenly spaced points of `length` values."""
    points = ((np.arange(cells) + 0.5) / cells - 0.5) * span + 0.5
    points = np.clip(points * length - 0.5, 0, length - 1)
    return np.maximum(0.0, 1.0 - np.abs(points[:, None] - np.arange(length)))


def _covered(cells: int, start: float, length: float) -> NDArray[np.float64]:
    """Return how much of each of `cells` cells, which divide 0 to 1, the span covers, (cells,)."""
    edges = np.arange(cells) / cells
    end = start + max(length, 1e-3)
    return np.asarray(np.clip(np.minimum(edges + 1 / cells, end) - np.maximum(edges, start), 0.0, None))
