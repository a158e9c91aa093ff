"""Shades pieces of cloth and composes them, one at a time, from back to front."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from lab.drawings.fields import Field, as_field, blur, moved, noise, resize, smoothstep, tinted
from lab.drawings.frame import Frame, Window
from lab.drawings.geometry import dashes
from lab.drawings.pattern import FINENESS, pattern_tile
from lab.drawings.piece import Cloth, Garment, Piece
from lab.drawings.weave import SIDE, weave_tile

_STEP = 4  # relief is smooth: a quarter of the resolution is enough, and sixteen times faster


@dataclass(frozen=True)
class Light:
    """Where the light comes from (x, y to the picture's right and bottom, z towards us), and how soft it is."""

    x: float = -0.5
    y: float = -0.62
    z: float = 0.72
    ambient: float = 0.46
    strength: float = 1.1


@dataclass
class Canvas:
    """Light (3, height, width) and how much of each pixel the garment covers."""

    light: Field
    cover: Field


# How much a weave crumples: woven cloth keeps sharp creases, knitted cloth falls smooth.
_CRUMPLES = {
    "linen": 1.1,
    "plain": 0.9,
    "canvas": 0.85,
    "nylon": 0.9,
    "denim": 0.85,
    "twill": 0.8,
    "corduroy": 0.6,
    "wool": 0.45,
    "crepe": 0.5,
    "smooth": 0.4,
    "leather": 0.4,
}


def common_folds(frame: Frame, rng: np.random.Generator, cloth: Cloth, amount: float) -> Field:
    """Return the folds that run through all pieces of a garment, as heights in centimetres, at a quarter of the size.

    Gentle waves; wrinkles in some places: ridges, longer down than across, bent by noise; and the creases of woven
    cloth: narrow valleys in all directions.
    """
    height, width = math.ceil(frame.height / _STEP), math.ceil(frame.width / _STEP)
    unit = frame.scale / _STEP
    waves = noise(rng, height, width, (17 * unit, 11 * unit)) * 0.8
    bend_y = noise(rng, height, width, (9 * unit, 9 * unit)) * 2.4 * unit
    bend_x = noise(rng, height, width, (9 * unit, 9 * unit)) * 2.4 * unit
    rows, columns = np.mgrid[0:height, 0:width]
    rows = np.clip(rows + bend_y, 0, height - 1).astype(np.intp)
    columns = np.clip(columns + bend_x, 0, width - 1).astype(np.intp)
    ridges = 1 - np.abs(noise(rng, height, width, (10 * unit, 5.5 * unit)))
    fine = 1 - np.abs(noise(rng, height, width, (6 * unit, 3.2 * unit)))
    places = smoothstep(noise(rng, height, width, (15 * unit, 13 * unit)), -0.5, 1.4)
    wrinkles = (0.85 * ridges + 0.3 * fine)[rows, columns] * (0.22 + places)
    folds = waves * (1.15 - 0.6 * cloth.stiffness) + wrinkles * (1.1 - cloth.stiffness)
    folds = blur(as_field(folds), 0.42 * unit)
    valleys = np.minimum(np.abs(noise(rng, height, width, (6.5 * unit, 5.2 * unit))), 1)
    valleys += 0.6 * np.minimum(np.abs(noise(rng, height, width, (11 * unit, 4 * unit))), 1)
    creases = blur(as_field(-valleys[rows, columns]), 0.25 * unit)
    return as_field(amount * (folds + _CRUMPLES.get(cloth.weave, 0.12) * creases))


def paint(garment: Garment, canvas: Canvas, frame: Frame, light: Light, folds: Field) -> None:
    """Draw all pieces on the canvas."""
    for number, piece in enumerate(garment.pieces):
        _paint_piece(piece, canvas, frame, light, folds, number)


def _paint_piece(piece: Piece, canvas: Canvas, frame: Frame, light: Light, folds: Field, number: int) -> None:
    window = frame.window(piece.outline, 2.2 * piece.reach if piece.shadow else 0.4)
    if window is None:
        return
    rng = np.random.default_rng(number)
    cover = frame.cover(piece.outline, window)
    step = _step_for(piece, window)
    small = resize(cover, math.ceil(window.height / step), math.ceil(window.width / step))
    if piece.fuzz:
        cover = _fuzzy(cover, piece.fuzz * frame.scale, rng)
    _cast_shadow(piece, canvas, frame, window, small, step, light)

    along_x, along_y = _slopes(piece, frame, window, small, step, folds)
    shade, shine = _lit(along_x, along_y, light, piece.cloth.gloss)
    shade *= _edge_shadow(piece, frame, small, step)
    for worn in piece.wear:
        x, y = frame.places(window, step)
        shade *= 1 + worn.amount * np.exp(-(((x - worn.x) / worn.rx) ** 2) - ((y - worn.y) / worn.ry) ** 2)
    size = window.height, window.width
    shade = resize(shade.astype(np.float32), *size) * piece.tone
    colour = _cloth(piece, frame, window, resize(along_x, *size), resize(along_y, *size), shade)
    if piece.cloth.gloss:
        colour += resize(shine, *size) * piece.tone
    _sew(piece, frame, window, colour, shade)

    rows, columns = window.slices
    part = canvas.light[:, rows, columns]
    colour -= part
    colour *= cover
    part += colour
    covered = canvas.cover[rows, columns]
    np.maximum(covered, cover, out=covered)


def _step_for(piece: Piece, window: Window) -> int:
    """Return the step of the relief: finer for small pieces and for sharp pleats."""
    if min(window.width, window.height) <= 24 * _STEP:
        return 1
    return 2 if piece.drape and piece.drape.kind != "soft" else _STEP


def _fuzzy(cover: Field, reach: float, rng: np.random.Generator) -> Field:
    """Return the cover with hairs sticking out of its edge."""
    soft = blur(cover, reach)
    hairs = noise(rng, cover.shape[0], cover.shape[1], (2.2, 2.2)) * 0.2
    return smoothstep(soft + np.clip(hairs, -0.3, 0.3), 0.36, 0.6) * (soft > 0.07)


def _cast_shadow(
    piece: Piece, canvas: Canvas, frame: Frame, window: Window, small: Field, step: int, light: Light
) -> None:
    """Darken the pieces beneath, close to this one and away from the light."""
    rows, columns = window.slices
    beneath = canvas.cover[rows, columns]
    if not piece.shadow or not beneath.any():
        return
    unit = piece.reach * frame.scale / step
    soft = blur(small, unit * 0.7)
    down, right = round(-light.y * unit * 0.9), round(-light.x * unit * 0.9)
    soft = moved(soft, down, right)
    dark = resize(soft, window.height, window.width) * beneath * piece.shadow
    canvas.light[:, rows, columns] *= 1 - dark


def _slopes(piece: Piece, frame: Frame, window: Window, small: Field, step: int, folds: Field) -> tuple[Field, Field]:
    """Return the slope of the surface along the picture's x and y."""
    unit = frame.scale / step
    rows, columns = small.shape
    height = np.zeros_like(small)
    if piece.folds:
        top, left = window.top // _STEP, window.left // _STEP
        bottom, right = -(-window.bottom // _STEP), -(-window.right // _STEP)
        height += resize(np.ascontiguousarray(folds[top:bottom, left:right]), rows, columns) * piece.folds
    if piece.thickness:
        soft = blur(small, max(piece.rim * unit * 0.6, 0.5))
        height += piece.thickness * np.sqrt(np.clip(soft * 2 - 1, 0, 1))
    x, y = frame.places(window, step)
    if piece.drape:
        height += piece.drape.height(x, y)
    if piece.quilt:
        height += _quilted(piece, x, y, unit)
    for crease in piece.creases:
        ridge = frame.strokes([crease.line], crease.width * 0.7, window, step)
        height += crease.height * 2.6 * blur(ridge, crease.width * 0.55 * unit)
    along_y, along_x = np.gradient(height * unit)
    if piece.tube:
        tube_x, tube_y = frame.slope_to_pixels(*piece.tube.slope(x, y))
        along_x, along_y = along_x + tube_x, along_y + tube_y
    return along_x.astype(np.float32), along_y.astype(np.float32)


def _quilted(piece: Piece, x: Field, y: Field, unit: float) -> Field:
    """Return filled bands across the piece, puckered where they are sewn."""
    turn = math.radians(piece.grain)
    along = y * math.cos(turn) - x * math.sin(turn)
    bands = np.sqrt(np.abs(np.sin(math.pi * along / piece.quilt)) + 0.02)
    rng = np.random.default_rng(7)
    puckers = noise(rng, x.shape[0], x.shape[1], (4.5 * unit, 1.3 * unit)) * (1.15 - bands)
    lumps = noise(rng, x.shape[0], x.shape[1], (5 * unit, 7 * unit))
    return as_field(bands * (1.5 + 0.2 * lumps) + 0.16 * puckers)


def _lit(along_x: Field, along_y: Field, light: Light, gloss: float) -> tuple[Field, Field]:
    """Return light as a factor (a flat place: 1) and the highlight to add."""
    length = math.sqrt(light.x**2 + light.y**2 + light.z**2)
    lx, ly, lz = light.x / length, light.y / length, light.z / length
    upright = 1 / np.sqrt(1 + along_x**2 + along_y**2)
    facing = (lz - along_x * lx - along_y * ly) * upright / lz
    relief = 1 + (facing - 1) * light.strength
    shade = light.ambient + (1 - light.ambient) * np.clip(relief, 0, 1.75)
    if not gloss:
        return shade.astype(np.float32), np.zeros_like(along_x)
    hx, hy, hz = lx, ly, lz + 1
    half = math.sqrt(hx**2 + hy**2 + hz**2)
    mirror = np.clip((hz - along_x * hx - along_y * hy) * upright / half, 0, 1)
    return shade.astype(np.float32), (gloss * 0.42 * mirror**14).astype(np.float32)


def _edge_shadow(piece: Piece, frame: Frame, small: Field, step: int) -> Field:
    """Return a little darkness towards the edges, where cloth turns away from the room."""
    soft = blur(small, max(1.1 * frame.scale / step, 0.6))
    return 0.86 + 0.14 * np.clip(soft * 2 - 1, 0, 1)


def _cloth(piece: Piece, frame: Frame, window: Window, along_x: Field, along_y: Field, shade: Field) -> Field:
    """Return the cloth's colour in this light: grain and pattern bent by the folds."""
    cloth = piece.cloth
    x, y = frame.places(window, 1)
    # A fold shortens what we see of the cloth: the pattern moves with its slope.
    x, y = x + 0.55 * np.clip(along_x, -1.2, 1.2), y + 0.55 * np.clip(along_y, -1.2, 1.2)
    turn = math.radians(piece.grain)
    across = (x * math.cos(turn) + y * math.sin(turn)) * frame.scale
    down = (y * math.cos(turn) - x * math.sin(turn)) * frame.scale
    row, column = down.astype(np.int32), across.astype(np.int32)
    shade = shade * weave_tile(cloth.weave, frame.scale, cloth.melange)[row % SIDE, column % SIDE]
    if cloth.pattern is None:
        return tinted(shade, cloth.colour)
    tile = pattern_tile(cloth.pattern, frame.scale)
    side = tile.shape[1]
    row, column = (down * FINENESS).astype(np.int32) % side, (across * FINENESS).astype(np.int32) % side
    return as_field(tile[:, row, column] * shade)


def _sew(piece: Piece, frame: Frame, window: Window, colour: Field, shade: Field) -> None:
    """Draw seams as grooves and stitches as threads."""
    for seam in piece.seams:
        part = frame.window(seam, 0.4)
        inside = part and part.within(window)
        if part and inside:
            groove = frame.strokes([seam], 0.13, inside)
            colour[(slice(None), *inside.seen_from(window))] *= 1 - 0.34 * groove + 0.1 * moved(groove, 2, 2)
    for stitch in piece.stitches:
        part = frame.window(stitch.line, 0.3)
        inside = part and part.within(window)
        if part and inside:
            lines = dashes(stitch.line, stitch.dash, stitch.dash * 0.45) if stitch.dash else [stitch.line]
            thread = frame.strokes(lines, stitch.width, inside)
            sewn = inside.seen_from(window)
            cloth = colour[(slice(None), *sewn)]
            cloth *= 1 - 0.3 * moved(thread, 1, 1)
            cloth += (tinted(shade[sewn], stitch.colour) - cloth) * (thread * np.float32(0.85))
