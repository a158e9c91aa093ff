"""Lines and outlines in centimetres: x to the right, y downwards, the garment's neck or waist near (0, 0)."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Points = NDArray[np.float64]
Pairs = Sequence[tuple[float, float]]


def as_points(values: ArrayLike) -> Points:
    """Return the values as places, shape (n, 2)."""
    return np.asarray(values, dtype=np.float64)


def points(*pairs: tuple[float, float]) -> Points:
    """Return straight lines through the pairs, shape (n, 2)."""
    return np.array(pairs, dtype=np.float64)


def spline(pairs: Pairs | Points, steps: int = 10) -> Points:
    """Return a smooth curve through all points (Catmull-Rom), ends included."""
    knots = np.asarray(pairs, dtype=np.float64)
    if len(knots) < 3:
        return knots
    padded = np.vstack([2 * knots[0] - knots[1], knots, 2 * knots[-1] - knots[-2]])
    a, b, c, d = padded[:-3, None], padded[1:-2, None], padded[2:-1, None], padded[3:, None]
    t = np.linspace(0, 1, steps, endpoint=False)[None, :, None]
    curve = 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
    return np.vstack([curve.reshape(-1, 2), knots[-1:]])


def ring(pairs: Pairs | Points, steps: int = 10) -> Points:
    """Return a smooth closed curve through all points."""
    knots = np.asarray(pairs, dtype=np.float64)
    wrapped = np.vstack([knots[-1:], knots, knots[:2]])
    curve = spline(wrapped, steps)
    return curve[steps : -steps - 1]


def joined(*parts: Points) -> Points:
    """Return the parts one after the other, as one outline; corners stay where they meet."""
    return np.vstack(parts)


def mirrored(line: Points) -> Points:
    """Return the line on the other side of x = 0, in reverse order so that outlines go on round."""
    return (line * (-1.0, 1.0))[::-1]


def shifted(line: Points, x: float, y: float) -> Points:
    return as_points(line + np.array((x, y)))


def turned(line: Points, degrees: float, about: tuple[float, float] = (0.0, 0.0)) -> Points:
    """Return the line turned clockwise about a point."""
    angle = math.radians(degrees)
    matrix = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    return as_points((line - about) @ matrix + about)


def ellipse(x: float, y: float, rx: float, ry: float, steps: int = 40) -> Points:
    angle = np.linspace(0, 2 * math.pi, steps, endpoint=False)
    return np.stack([x + rx * np.cos(angle), y + ry * np.sin(angle)], axis=1)


def rectangle(left: float, top: float, right: float, bottom: float) -> Points:
    return points((left, top), (right, top), (right, bottom), (left, bottom))


def beside(line: Points, distance: float) -> Points:
    """Return a line that runs `distance` to the right of this one, seen in its direction (y downwards)."""
    along = np.gradient(line, axis=0)
    along /= np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-9)[:, None]
    return line + distance * np.stack([-along[:, 1], along[:, 0]], axis=1)


def band(line: Points, width: float) -> Points:
    """Return the outline of a band that lies to the right of the line."""
    return joined(line, beside(line, width)[::-1])


def between(start: tuple[float, float], end: tuple[float, float], share: float) -> tuple[float, float]:
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share


def dashes(line: Points, dash: float, gap: float) -> list[Points]:
    """Return the line cut into stitches."""
    steps = np.hypot(*np.diff(line, axis=0).T)
    place = np.concatenate([[0.0], np.cumsum(steps)])
    starts = np.arange(0, max(place[-1] - dash, 0), dash + gap)
    ends = np.stack([starts, starts + dash], axis=1)
    x = np.interp(ends, place, line[:, 0])
    y = np.interp(ends, place, line[:, 1])
    return list(np.stack([x, y], axis=2))
