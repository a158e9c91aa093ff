"""Foreground segmentation: a mask of the garment from class map, contrast to the border, and a centre prior."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from visualsearch.inference.types import Box

# Side of the downscaled picture from which mask and colours are computed: 64 × 64 takes a millisecond.
CELLS = 64
BORDER_CELLS = 3
# Of the border, from which white is taken for the background.
LEAST_WHITE = 0.04
# From linear light; the white of D65 is 1, 1, 1.
_RGB_TO_XYZ = (
    np.array([[0.4124564, 0.2126729, 0.0193339], [0.3575761, 0.7151522, 0.1191920], [0.1804375, 0.0721750, 0.9503041]])
    / np.array([0.95047, 1.0, 1.08883])
).astype(np.float32)
_SHADES = np.arange(256, dtype=np.float32) / 255
# sRGB to linear light, 0 to 1, for each of the 256 values of a channel (IEC 61966-2-1).
LINEAR_LIGHT = np.where(_SHADES <= 0.04045, _SHADES / 12.92, ((_SHADES + 0.055) / 1.055) ** 2.4).astype(np.float32)


@dataclass(frozen=True, slots=True)
class MaskSettings:
    """Weights of the three cues of the mask.

    `map_power` and `contrast_power` are exponents; `half_contrast` is the Lab distance whose score is 0.5;
    `centre_width` is the Gaussian's standard deviation in half sides; the box encloses cells of at least `box_level`.
    """

    map_power: float = 1.0
    contrast_power: float = 1.0
    half_contrast: float = 20.0
    centre_width: float = 0.8
    box_level: float = 0.35


@dataclass(frozen=True, slots=True)
class FigureSettings:
    """How a figure is segmented from its background: the weights of its cells, and its bounding box.

    `half_contrast` is the Lab distance whose score is 0.5; `centre_width` the Gaussian's standard deviation in half
    sides; a cell `least_distance` from the background is the figure's, and the box encloses rows and columns of which
    more than `least_share` is.
    """

    half_contrast: float = 20.0
    centre_width: float = 1.2
    least_distance: float = 12.0
    least_share: float = 0.03


def lab_of(photo: Image.Image) -> NDArray[np.float32]:
    """Return the photo as (CELLS, CELLS, 3) CIE Lab, D65: L 0 to 100, a and b about −100 to 100."""
    small = photo.resize((CELLS, CELLS), Image.Resampling.BOX)
    xyz = LINEAR_LIGHT[np.asarray(small)] @ _RGB_TO_XYZ
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + np.float32(16 / 116))
    return np.stack([116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], axis=-1)


def mask_of(lab: NDArray[np.float32], seen: NDArray[np.float32] | None, settings: MaskSettings) -> NDArray[np.float32]:
    """Return the foreground score of each cell, (CELLS, CELLS), 0 to 1 with a maximum of 1.

    `seen` is the class map on the photo, (CELLS, CELLS), 0 to 1, or None without a network.
    """
    distance = np.linalg.norm(lab - np.median(border_of(lab), axis=0), axis=-1)
    contrast = distance / (distance + settings.half_contrast)
    centre = centre_of(settings.centre_width)
    mask = centre * contrast**settings.contrast_power
    if seen is not None:
        mask = mask * (0.02 + seen) ** settings.map_power
    # A picture of one colour has no contrast: the centre prior alone remains.
    mask = mask if mask.max() > 1e-6 else centre
    return np.asarray(mask / mask.max(), np.float32)


def box_of(mask: NDArray[np.float32], settings: MaskSettings) -> Box:
    """Return the bounding box of all cells of at least `box_level`, as fractions of the picture."""
    rows, columns = (np.flatnonzero((mask >= settings.box_level).any(axis=axis)) for axis in (1, 0))
    x, y = int(columns[0]), int(rows[0])
    return x / CELLS, y / CELLS, (int(columns[-1]) + 1 - x) / CELLS, (int(rows[-1]) + 1 - y) / CELLS


def border_of(lab: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the cells at the four edges, (n, 3); those of the corners twice."""
    edge = BORDER_CELLS
    sides = (lab[:edge], lab[-edge:], lab[:, :edge], lab[:, -edge:])
    return np.concatenate([side.reshape(-1, 3) for side in sides])


@lru_cache(maxsize=16)
def centre_of(width: float) -> NDArray[np.float32]:
    """Return the centre prior, (CELLS, CELLS), 1 in the middle: a Gaussian, `width` in half sides."""
    line = (np.arange(CELLS) + 0.5) / CELLS * 2 - 1
    prior = np.exp(-(line[:, None] ** 2 + line[None, :] ** 2) / (2 * width**2)).astype(np.float32)
    prior.flags.writeable = False
    return prior


def white_share(lab: NDArray[np.float32]) -> float:
    """Return how much of the border is white without a tint, 0 to 1, as studios light it."""
    return float(_near_white(border_of(lab), lightness=96, chroma=4).mean())


def background_of(lab: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the background's colour, (3,): white where there is some at the border, or else the border's median.

    At the border of a close-up or of a whole outfit the median is the garment's.
    """
    border = border_of(lab)
    white = _near_white(border, lightness=94, chroma=5)
    return np.asarray(border[white].mean(axis=0) if white.mean() >= LEAST_WHITE else np.median(border, axis=0))


def figure_mask(lab: NDArray[np.float32], settings: FigureSettings) -> NDArray[np.float32]:
    """Return how much each cell belongs to the figure, (CELLS, CELLS), 0 to 1: by contrast and near the centre."""
    distance = np.linalg.norm(lab - background_of(lab), axis=-1)
    centre = centre_of(settings.centre_width)
    mask = centre * distance / (distance + settings.half_contrast)
    return np.asarray(mask if mask.max() > 1e-6 else centre, np.float32)


def figure_box(lab: NDArray[np.float32], settings: FigureSettings) -> Box:
    """Return the bounding box of the figure before its background; the whole picture if there is none."""
    figure = np.linalg.norm(lab - background_of(lab), axis=-1) > settings.least_distance
    rows, columns = (np.flatnonzero(figure.mean(axis=axis) > settings.least_share) for axis in (1, 0))
    if not len(rows) or not len(columns):
        return 0.0, 0.0, 1.0, 1.0
    x, y = int(columns[0]), int(rows[0])
    return x / CELLS, y / CELLS, (int(columns[-1]) + 1 - x) / CELLS, (int(rows[-1]) + 1 - y) / CELLS


def _near_white(cells: NDArray[np.float32], *, lightness: float, chroma: float) -> NDArray[np.bool_]:
    return np.asarray((cells[:, 0] > lightness) & (np.abs(cells[:, 1:]) < chroma).all(axis=1), np.bool_)
