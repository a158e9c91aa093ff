"""Transformation from centimetres to pixels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from lab.drawings.fields import Field, as_field
from lab.drawings.geometry import Points

_OVERSAMPLING = 3


@dataclass(frozen=True)
class Window:
    """A rectangle of pixels."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        return self.right - self.left

    @property
    def height(self) -> int:
        return self.bottom - self.top

    @property
    def slices(self) -> tuple[slice, slice]:
        return slice(self.top, self.bottom), slice(self.left, self.right)

    def within(self, other: Window) -> Window | None:
        """Return the part that lies in the other window, if any."""
        left, top = max(self.left, other.left), max(self.top, other.top)
        right, bottom = min(self.right, other.right), min(self.bottom, other.bottom)
        return Window(left, top, right, bottom) if left < right and top < bottom else None

    def seen_from(self, other: Window) -> tuple[slice, slice]:
        """Return the slices of this window in an array that covers the other."""
        return (
            slice(self.top - other.top, self.bottom - other.top),
            slice(self.left - other.left, self.right - other.left),
        )


@dataclass(frozen=True)
class Frame:
    """Where the garment lies in the picture: `anchor` (centimetres) falls on `centre` (pixels), turned clockwise."""

    width: int
    height: int
    scale: float  # pixels a centimetre
    anchor: tuple[float, float]
    centre: tuple[float, float]
    degrees: float = 0.0
    flipped: bool = False
    wobble: float = 0.0  # centimetres by which outlines stray from the drawing: cloth is never straight
    phase: float = 0.0

    def to_pixels(self, line: Points) -> Points:
        angle = math.radians(self.degrees)
        line = self._strayed(line) if self.wobble else line
        off = (line - self.anchor) * (self.scale * (-1 if self.flipped else 1), self.scale)
        x = off[:, 0] * math.cos(angle) - off[:, 1] * math.sin(angle)
        y = off[:, 0] * math.sin(angle) + off[:, 1] * math.cos(angle)
        return np.stack([x + self.centre[0], y + self.centre[1]], axis=1)

    def _strayed(self, line: Points) -> Points:
        x, y, p = line[:, 0], line[:, 1], self.phase
        right = np.sin(0.13 * y + 0.05 * x + p) + 0.5 * np.sin(0.31 * y - 0.11 * x + 2.3 * p)
        down = np.sin(0.11 * x + 0.04 * y + 1.7 * p) + 0.6 * np.sin(0.29 * x + 0.09 * y + 3.1 * p)
        return line + self.wobble * 0.6 * np.stack([right, down], axis=1)

    def window(self, line: Points, margin: float) -> Window | None:
        """Return the pixels around a line, `margin` centimetres more on each side; None if out of the picture."""
        pixels = self.to_pixels(line)
        pad = margin * self.scale + 2
        left, top = np.floor(pixels.min(axis=0) - pad).astype(int)
        right, bottom = np.ceil(pixels.max(axis=0) + pad).astype(int)
        left, top = max(int(left), 0), max(int(top), 0)
        right, bottom = min(int(right), self.width), min(int(bottom), self.height)
        if right - left < 2 or bottom - top < 2:
            return None
        return Window(left, top, right, bottom)

    def places(self, window: Window, step: int) -> tuple[Field, Field]:
        """Return x and y in centimetres of every `step`-th pixel."""
        columns = window.left + (np.arange(math.ceil(window.width / step), dtype=np.float32) + 0.5) * step
        rows = window.top + (np.arange(math.ceil(window.height / step), dtype=np.float32) + 0.5) * step
        off_x = ((columns - self.centre[0]) / self.scale)[None, :]
        off_y = ((rows - self.centre[1]) / self.scale)[:, None]
        angle = math.radians(self.degrees)
        x = (off_x * math.cos(angle) + off_y * math.sin(angle)) * (-1 if self.flipped else 1)
        y = off_y * math.cos(angle) - off_x * math.sin(angle)
        return (x + self.anchor[0]).astype(np.float32), (y + self.anchor[1]).astype(np.float32)

    def slope_to_pixels(self, along_x: Field, along_y: Field) -> tuple[Field, Field]:
        """Turn slopes along the garment's axes into slopes along the picture's."""
        angle = math.radians(self.degrees)
        if self.flipped:
            along_x = -along_x
        return (
            (along_x * math.cos(angle) - along_y * math.sin(angle)).astype(np.float32),
            (along_x * math.sin(angle) + along_y * math.cos(angle)).astype(np.float32),
        )

    def cover(self, outline: Points, window: Window) -> Field:
        """Return how much of each pixel the outline covers, 0 to 1."""
        size = (window.width * _OVERSAMPLING, window.height * _OVERSAMPLING)
        picture = Image.new("L", size)
        ImageDraw.Draw(picture).polygon(self._points(outline, window), fill=255)
        return _reduced(picture)

    def strokes(self, lines: Sequence[Points], width: float, window: Window, step: int = 1) -> Field:
        """Return how much of every `step`-th pixel the lines cover; `width` in centimetres."""
        across, down = math.ceil(window.width / step), math.ceil(window.height / step)
        picture = Image.new("L", (across * _OVERSAMPLING, down * _OVERSAMPLING))
        draw = ImageDraw.Draw(picture)
        pixels = max(2, round(width * self.scale * _OVERSAMPLING / step))
        for line in lines:
            draw.line(self._points(line, window, step), fill=255, width=pixels, joint="curve")
        return _reduced(picture)

    def _points(self, line: Points, window: Window, step: int = 1) -> list[tuple[float, float]]:
        pixels = (self.to_pixels(line) - (window.left, window.top)) * (_OVERSAMPLING / step)
        return list(map(tuple, pixels.tolist()))


def _reduced(picture: Image.Image) -> Field:
    return as_field(np.asarray(picture.reduce(_OVERSAMPLING), dtype=np.float32) * np.float32(1 / 255))
