"""Backgrounds and shadows of photos: a studio wall, a wooden floor, a sheet."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import lru_cache

import numpy as np
from PIL import Image

from lab.drawings.fields import Field, as_field, blur, moved, noise, resize, smoothstep, tinted
from lab.drawings.frame import Frame
from lab.drawings.paint import Canvas, Light

STUDIOS = ("#f3efe9", "#eeebe6", "#f1eeea", "#e9e6e2", "#ece7df", "#e4e4e3", "#e9e2da", "#e3e6e6", "#eae0d9")


def studio(frame: Frame, _rng: np.random.Generator, colour: str) -> Field:
    """Return a plain wall, lighter where the light falls on it."""
    rows = np.linspace(0, 1, frame.height, dtype=np.float32)[:, None]
    columns = np.linspace(0, 1, frame.width, dtype=np.float32)[None, :]
    away = (columns - 0.38) ** 2 + (rows - 0.34) ** 2
    light = 1.05 - 0.2 * away
    return tinted(as_field(light), colour)


def boards(frame: Frame, rng: np.random.Generator, colour: str, board: float = 13.0) -> Field:
    """Return a wooden floor; boards are `board` centimetres wide and run upwards."""
    unit = frame.scale
    half = (math.ceil(frame.height / 2), math.ceil(frame.width / 2))
    wide = max(24.0, board * unit)
    columns = np.arange(frame.width) + rng.uniform(0, wide)
    number = (columns // wide).astype(int)
    rings = noise(rng, half[0], half[1], (26 * unit, 1.4 * unit))
    rings = np.sin(rings * 5 + noise(rng, half[0], half[1], (40 * unit, 6 * unit)) * 4)
    fibre = noise(rng, half[0], half[1], (5 * unit, 0.12 * unit + 0.6))
    grain = resize((0.055 * rings + 0.035 * fibre).astype(np.float32), frame.height, frame.width)
    count = number.max() + 1
    shift = rng.integers(0, frame.height, count)
    tone = rng.normal(1, 0.055, count)
    rows = (np.arange(frame.height)[:, None] + shift[number][None, :]) % frame.height
    light = (1 + grain[rows, np.arange(frame.width)[None, :]]) * tone[number][None, :]
    inside = columns % wide
    gap = np.minimum(inside, wide - inside)
    light *= (1 - 0.5 * np.exp(-((gap / max(1.2, 0.11 * unit)) ** 2)))[None, :]
    joint = frame.height - shift  # where the shifted grain begins again
    away = np.abs(np.arange(frame.height)[:, None] - joint[number][None, :])
    light *= 1 - 0.45 * np.exp(-((away / max(1.2, 0.1 * unit)) ** 2))
    planes = tinted(as_field(light), colour)
    # What is darker is warmer.
    planes[2] *= 1 - 0.55 * (1 - light)
    planes[0] *= 1 + 0.2 * (1 - light)
    return planes


def sheet(frame: Frame, rng: np.random.Generator, colour: str) -> Field:
    """Return a spread of linen with gentle folds."""
    step = 4
    rows, columns = math.ceil(frame.height / step), math.ceil(frame.width / step)
    unit = frame.scale / step
    height = noise(rng, rows, columns, (16 * unit, 22 * unit)) * 0.8
    ridges = 1 - np.abs(noise(rng, rows, columns, (14 * unit, 24 * unit)))
    height = blur((height + 0.5 * ridges).astype(np.float32), unit)
    along_y, along_x = np.gradient(height * unit)
    light = resize((1 - 0.30 * along_x - 0.34 * along_y).astype(np.float32), frame.height, frame.width)
    light += 0.016 * noise(rng, frame.height, frame.width, (1.2, 9)) + 0.016 * noise(
        rng, frame.height, frame.width, (9, 1.2)
    )
    return tinted(np.clip(light, 0.3, 1.3), colour)


def plaster(frame: Frame, rng: np.random.Generator, colour: str) -> Field:
    """Return a painted concrete or plaster ground."""
    light = (
        1
        + 0.035 * noise(rng, frame.height, frame.width, (130, 150))
        + 0.02 * noise(rng, frame.height, frame.width, (26, 32))
    )
    light += 0.012 * noise(rng, frame.height, frame.width, (3, 3))
    return tinted(as_field(light), colour)


def room(frame: Frame, rng: np.random.Generator, colour: str) -> Field:
    """Return a wall, a skirting board and a wooden floor that runs towards it."""
    width, height = frame.width, frame.height
    ground = plaster(frame, rng, colour)
    horizon = round(height * 0.54)
    tall = replace(frame, scale=width / 90)
    floor = _picture(boards(tall, rng, "#a97f57"))
    # The nearest edge shows 0.44 of the width that the farthest shows: what a camera at the height of a knee sees.
    deep = height - horizon
    across, along = 0.636 * width / deep, 2.273 * height / deep
    coefficients = (1.0, across, 0.0, 0.0, along, 0.0, 0.0, 1.273 / deep)
    near = floor.transform((width, deep), Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BILINEAR)
    lit = np.moveaxis(np.asarray(near, dtype=np.float32) / 255, 2, 0)
    ground[:, horizon:] = lit * lit * np.linspace(0.8, 1.02, deep, dtype=np.float32)[:, None]
    skirting = round(height * 0.028)
    board = np.repeat(np.linspace(1.0, 0.82, skirting, dtype=np.float32)[:, None], width, axis=1)
    ground[:, horizon - skirting : horizon] = tinted(board, "#e6e0d6")
    return ground


def throw_shadow(ground: Field, cover: Field, frame: Frame, light: Light, *, distance: float, stands: bool) -> None:
    """Darken the ground behind the garment; `distance` in centimetres between the two."""
    step = 6
    small = resize(cover, math.ceil(frame.height / step), math.ceil(frame.width / step))
    unit = frame.scale / step
    if stands:
        dark = _standing_shadow(small, unit)
    else:
        far, near = blur(small, distance * unit * 1.1), blur(small, distance * unit * 0.32 + 0.5)
        down, right = round(-light.y * distance * unit * 1.1), round(-light.x * distance * unit * 1.1)
        dark = 0.24 * moved(far, down, right) + 0.2 * moved(near, down // 3, right // 3)
    dark = resize(dark.astype(np.float32), frame.height, frame.width)
    # Shadows of daylight are a little blue.
    for plane, share in enumerate((1.04, 1.01, 0.95)):
        ground[plane] *= 1 - dark * np.float32(share)


def _standing_shadow(small: Field, unit: float) -> Field:
    """Return a pool of shadow under things that stand, darkest where they touch the ground."""
    rows = np.arange(small.shape[0], dtype=np.float32)[:, None]
    lowest = np.where(small > 0.5, rows, -1).max(axis=0)
    ground = lowest.max()
    touch = smoothstep(lowest - ground, -3.2 * unit, 0)[None, :]
    pool = touch * np.exp(-(((rows - lowest[None, :] - 0.1 * unit) / (0.9 * unit)) ** 2))
    wide = (
        np.exp(-(((rows - ground) / (2.2 * unit)) ** 2))
        * blur(np.repeat((lowest > 0).astype(np.float32)[None, :], 3, 0), 2 * unit)[1]
    )
    return np.clip(
        0.62 * blur(pool.astype(np.float32), 0.35 * unit) + 0.3 * blur(wide.astype(np.float32), 1.2 * unit), 0, 0.9
    )


@lru_cache(maxsize=1)
def _grain() -> Field:
    """Return the sensor's noise, in shades of 255."""
    return np.random.default_rng(0).standard_normal((1280, 1280), dtype=np.float32) * np.float32(1.1)


def finished(canvas: Canvas, ground: Field) -> Image.Image:
    """Return the picture, garment over ground, with a trace of the sensor's grain."""
    canvas.light -= ground
    canvas.light *= canvas.cover
    ground += canvas.light
    height, width = canvas.cover.shape
    return _picture(ground, np.tile(_grain(), (math.ceil(height / 1280), math.ceil(width / 1280)))[:height, :width])


def _picture(planes: Field, grain: Field | float = 0.0) -> Image.Image:
    """Return light as an sRGB picture."""
    np.clip(planes, 0, 1, out=planes)
    np.sqrt(planes, out=planes)
    planes *= 255
    planes += grain
    np.clip(planes, 0, 255, out=planes)
    return Image.merge("RGB", [Image.fromarray(plane.astype(np.uint8)) for plane in planes])
