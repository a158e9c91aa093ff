"""Jumpers, sweatshirts and henleys: tops with ribs, roll necks or a few buttons."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lab.drawings.cuts import parts
from lab.drawings.cuts.tops import Body, tee
from lab.drawings.geometry import joined, points, rectangle, spline
from lab.drawings.piece import Cloth, Garment, Piece, Stitch, Tube

LONG_BODY = Body(
    neck=8.4,
    neck_depth=8.6,
    shoulder=22,
    slope=4.8,
    chest=25.5,
    armpit=25,
    waist=24.8,
    hem=25.2,
    length=67,
    sleeve=58,
    cuff=10.0,
    arms=61,
    bend=13,
)


def jumper(
    body: Body, cloth: Cloth, rng: np.random.Generator, *, neck: str = "crew", ribs: float = 6.0, rib_weave: str = "rib"
) -> Garment:
    """Return a jumper with ribbed hem and cuffs; `neck` is crew, v or roll."""
    rib = cloth.plain(weave=rib_weave)
    if neck == "v":
        body = replace(body, neckline="v", neck_depth=19, neck=8.0)
    if neck == "roll":
        body = replace(body, neck=7.4, neck_depth=4.4)
    garment = tee(body, cloth, rng, trim=rib, collar_width=2.6)
    if ribs:
        garment.add(parts.hem_band(body, rib, ribs, narrow=1.8))
        garment.both(parts.cuff(body, rib, ribs * 0.95, widen=-0.7))
    if neck == "roll":
        garment.add(*roll_neck(rib))
    return garment


def roll_neck(cloth: Cloth) -> list[Piece]:
    """Return a high collar, turned over."""
    behind = joined(spline([(-7.0, -6.2), (0, -8.2), (7.0, -6.2)]), spline([(7.0, -6.0), (0, -4.2), (-7.0, -6.0)]))
    top = spline([(-7.3, -6.3), (-3.6, -5.2), (0, -4.9), (3.6, -5.2), (7.3, -6.3)])
    low = spline([(8.5, 1.6), (4.8, 4.2), (0, 5.0), (-4.8, 4.2), (-8.5, 1.6)])
    tube = Tube(((0, -30, 8.0), (0, 30, 8.6)), 0.55)
    return [
        Piece(behind, cloth, tone=0.5, thickness=0, shadow=0, folds=0),
        Piece(joined(top, low), cloth, tube=tube, rim=1.1, thickness=0.6, shadow=0.5, reach=0.9, folds=0.6),
    ]


def henley(body: Body, cloth: Cloth, rng: np.random.Generator, button: str) -> Garment:
    """Return a top with a short row of buttons below the neck."""
    garment = tee(body, cloth, rng, collar_width=1.7)
    top, bottom = body.neck_depth + 0.8, body.neck_depth + 15
    edges = (Stitch(points((-1.3, top), (-1.3, bottom - 0.4), (1.3, bottom - 0.4), (1.3, top)), cloth.colour),)
    placket = Piece(
        rectangle(-1.7, top, 1.7, bottom), cloth.plain(), rim=0.3, thickness=0.1, shadow=0.35, reach=0.5, stitches=edges
    )
    garment.pieces.insert(len(garment.pieces) - 1, placket)
    for y in (top + 3.2, top + 7.2, top + 11.2):
        garment.add(parts.button(0, y, button, 0.5))
    if body.sleeve > 30:
        garment.both(parts.cuff(body, cloth.plain(weave="rib"), 4.5, widen=-0.4))
    return garment
