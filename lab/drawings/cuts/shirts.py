"""Shirts and blouses: collar, button band, yoke, cuffs."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from lab.drawings.cuts import parts
from lab.drawings.cuts.tops import (
    Body,
    arm_hole,
    body_creases,
    hem_line,
    inside_back,
    label,
    neck_line,
    side_seam,
    sleeve,
)
from lab.drawings.geometry import Points, beside, joined, mirrored, points, rectangle, shifted, spline
from lab.drawings.piece import Cloth, Garment, Piece, Stitch, Tube, reflected


@dataclass(frozen=True)
class ShirtCut:
    """What a shirt has beside its body."""

    collar: str = "classic"  # classic, button-down, band, camp
    pockets: int = 1
    flaps: bool = False
    tail: float = 5.5  # how much lower the hem hangs in the middle
    button: str = "#efe9dc"
    thread: str | None = None
    hidden: bool = False  # buttons under the band


SHIRT_BODY = Body(
    neck=7.2,
    neck_depth=5.2,
    shoulder=22.5,
    slope=5.0,
    chest=26.5,
    armpit=26,
    waist=25.5,
    hem=26.5,
    length=72,
    sleeve=58,
    cuff=10.5,
    arms=60,
    bend=13,
)


def shirt_tail(body: Body, tail: float) -> Points:
    """Return a hem from right to left that rises towards the sides."""
    h, low = body.hem, body.length
    half = spline([(h, low - tail), (h * 0.86, low - tail * 0.62), (h * 0.58, low - 0.4), (h * 0.25, low), (0, low)])
    return joined(half, mirrored(half)[1:])


def collar_leaf(cut: ShirtCut, body: Body) -> Points:
    """Return the right half of a folded collar."""
    n, d = body.neck, body.neck_depth
    if cut.collar == "camp":
        tip, centre = (9.6, 9.4), (2.2, d - 0.6)
    else:
        tip, centre = (6.6, 9.6), (0.7, d - 0.5)
    return joined(
        spline([centre, (n * 0.55, d * 0.42), (n * 0.93, -1.2), (n * 0.9, -3.0)]),
        spline([(n * 0.9, -3.0), (n * 1.25, -0.9), (n * 1.4, 1.8)])[1:],
        points(tip),
    )


def collar_pieces(cut: ShirtCut, body: Body, cloth: Cloth, thread: str) -> tuple[list[Piece], list[Piece]]:
    """Return what lies behind the neck, and what lies before it."""
    n, d = body.neck, body.neck_depth
    top = spline([(-n * 0.92, -2.9), (-n * 0.5, -3.9), (0, -4.2), (n * 0.5, -3.9), (n * 0.92, -2.9)])
    low = spline([(n, 0.2), (0, 1.8), (-n, 0.2)])
    back = Piece(joined(top, low), cloth, tone=0.66, rim=0.4, thickness=0.1, shadow=0.2, reach=0.4, folds=0.2)
    seam = spline([(-n, -0.6), (0, 0.5), (n, -0.6)])
    behind = [replace(back, seams=(seam,))]
    if cut.collar == "band":
        line = spline([(0.4, d), (n * 0.62, d * 0.58), (n, 0), (n * 0.92, -2.9)])
        front = Piece(
            joined(line, beside(line, 2.7)[::-1] * (1, 0.86)),
            cloth,
            rim=0.4,
            thickness=0.12,
            shadow=0.3,
            reach=0.5,
            folds=0.3,
        )
        return behind, [front, reflected(front)]
    outline = collar_leaf(cut, body)
    tip, outer = outline[-1], outline[-2]
    inset = points(tuple(shifted(outer, -0.7, 0.3)), tuple(shifted(tip, -0.35, -0.8)), tuple(outline[0] + (0.5, 0.25)))
    leaf = Piece(
        outline,
        cloth,
        grain=-28,
        rim=0.5,
        thickness=0.2,
        shadow=0.5,
        reach=0.9,
        folds=0.3,
        stitches=(Stitch(inset, thread),),
    )
    return behind, [leaf, reflected(leaf)]


def shirt(body: Body, cloth: Cloth, rng: np.random.Generator, cut: ShirtCut | None = None) -> Garment:
    """Return a shirt, buttoned."""
    cut = cut or ShirtCut()
    thread = cut.thread or cloth.colour
    body = replace(body, length=body.length + rng.uniform(-0.8, 0.8), arms=body.arms + rng.uniform(-2, 2))
    garment = Garment(focus=(3.0, 14.0, 44.0))
    behind, before = collar_pieces(cut, body, cloth, thread)
    garment.add(*behind, replace(inside_back(body, cloth), tone=0.42), label(replace(body), "#ece7da"))

    hem = shirt_tail(body, cut.tail) if cut.tail else hem_line(body)
    side = side_seam(replace(body, length=body.length - cut.tail))
    right = joined(arm_hole(body), side[1:])
    outline = joined(neck_line(body), right, hem[1:], mirrored(right)[1:])
    yoke = spline([(body.neck + 0.6, 2.6), (body.shoulder - 0.6, body.slope + 3.2)])
    garment.add(
        Piece(
            outline,
            cloth,
            tube=Tube(((0, -30, body.chest), (0, 110, body.hem)), 0.48),
            shadow=0.25,
            creases=body_creases(body, rng, 0.9),
            seams=(yoke, mirrored(yoke)),
            stitches=(Stitch(beside(hem, 0.7), thread),),
        )
    )
    for side_of in range(cut.pockets):
        x = 6.0 if side_of == 0 else -17.5
        garment.add(parts.pocket((x, 21.0), (11.5, 13.0), cloth, thread))
        if cut.flaps:
            garment.add(parts.flap((x - 0.2, 20.2), (11.9, 5.0), cloth, thread, point=1.6))
            garment.add(parts.button(x + 5.7, 23.6, cut.button, 0.5))
    band = rectangle(-1.7, body.neck_depth - 0.3, 1.7, body.length - 0.1)
    edges = (
        Stitch(points((-1.2, body.neck_depth), (-1.2, body.length - 0.5)), thread),
        Stitch(points((1.2, body.neck_depth), (1.2, body.length - 0.5)), thread),
    )
    garment.add(Piece(band, cloth, rim=0.3, thickness=0.1, shadow=0.3, reach=0.45, stitches=edges))
    if not cut.hidden:
        for y in np.arange(body.neck_depth + (1.2 if cut.collar != "camp" else 3.5), body.length - 7, 9.2):
            garment.add(parts.button(0, float(y), cut.button, 0.55))
    garment.both(sleeve(body, cloth, rng))
    if body.sleeve > 30:
        garment.both(parts.cuff(body, cloth, 6.0, widen=0.4, thread=thread))
    garment.add(*before)
    if cut.collar == "button-down":
        for x in (-5.9, 5.9):
            garment.add(parts.button(x, 8.3, cut.button, 0.42))
    return garment
