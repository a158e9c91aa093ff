"""Dresses: a bodice or a top on straps, and a skirt."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from lab.drawings.cuts import parts
from lab.drawings.cuts.skirts import Fall, falling
from lab.drawings.cuts.tops import (
    Body,
    body_creases,
    collar,
    front_outline,
    hem_line,
    inside_back,
    label,
    neck_line,
    sleeve,
)
from lab.drawings.geometry import band, beside, joined, mirrored, points, spline
from lab.drawings.piece import Cloth, Garment, Piece, Stitch, Tube


def bodice(body: Body, cloth: Cloth, rng: np.random.Generator) -> list[Piece]:
    """Return the upper part of a dress, with the inside of its back."""
    pieces = [inside_back(body, cloth), label(body)]
    creases = body_creases(replace(body, length=body.length), rng, 0.6)
    dart = spline([(body.hem * 0.5, body.length), (body.chest * 0.48, body.armpit + 3)])
    edge = beside(neck_line(body), 0.7)
    pieces.append(
        Piece(
            front_outline(body),
            cloth,
            tube=Tube(((0, -30, body.chest), (0, body.armpit, body.chest), (0, body.length + 20, body.hem)), 0.5),
            shadow=0.25,
            creases=creases,
            seams=(dart, mirrored(dart)),
            folds=0.6,
            stitches=(Stitch(edge, cloth.colour, 0, 0.07),),
        )
    )
    return pieces


def slip_top(body: Body, cloth: Cloth, rng: np.random.Generator, strap: float = 0.7) -> list[Piece]:
    """Return a bodice on thin straps."""
    c, top = body.chest, body.armpit - 6
    back = joined(
        spline([(0.6 - c, body.armpit + 0.5), (0, body.armpit - 1.5), (c - 0.6, body.armpit + 0.5)]),
        points((c - 1.5, body.armpit + 7), (1.5 - c, body.armpit + 7)),
    )
    inside = Piece(back, cloth.plain(), tone=0.5, thickness=0, shadow=0, folds=0.3)
    right = spline([(0, top + 5.5), (c * 0.3, top + 3.6), (c * 0.56, top)])
    side = spline([(c * 0.56, top), (c * 0.82, body.armpit - 2.2), (c, body.armpit)])
    down = spline(
        [(c, body.armpit), (body.waist, body.armpit + (body.length - body.armpit) * 0.6), (body.hem, body.length)]
    )
    edge = joined(mirrored(right), right[1:])
    outline = joined(edge, side[1:], down[1:], hem_line(body)[1:], mirrored(down)[1:], mirrored(side)[1:])
    front = Piece(
        outline,
        cloth,
        tube=Tube(((0, -30, c), (0, body.armpit, c), (0, body.length + 20, body.hem)), 0.5),
        shadow=0.25,
        creases=body_creases(body, rng, 0.45),
        folds=0.7,
        stitches=(Stitch(beside(edge, 0.6), cloth.colour, 0, 0.07),),
    )
    pieces = [inside]
    for side_of in (-1, 1):
        line = spline(
            [(side_of * c * 0.56, top + 0.6), (side_of * (c * 0.56 - 0.6), top * 0.5), (side_of * (c * 0.56 - 1.6), 0)]
        )
        behind = spline(
            [
                (side_of * (c * 0.56 - 1.6), 0),
                (side_of * (c * 0.45), body.armpit * 0.5),
                (side_of * c * 0.4, body.armpit),
            ]
        )
        pieces.insert(1, Piece(band(beside(behind, -strap / 2), strap), cloth.plain(), tone=0.55, folds=0, shadow=0))
        pieces.append(
            Piece(
                band(beside(line, -strap / 2), strap),
                cloth.plain(),
                rim=0.3,
                thickness=0.12,
                folds=0,
                shadow=0.3,
                reach=0.4,
            )
        )
    return [*pieces, front]


DRESS_BODY = Body(
    neck=8.5,
    neck_depth=9,
    shoulder=18.5,
    slope=4.0,
    chest=21.5,
    armpit=21,
    waist=19.5,
    hem=17.6,
    length=39,
    hem_curve=0.8,
    sleeve=17,
    cuff=13,
    arms=52,
)


@dataclass(frozen=True)
class DressCut:
    """What joins and adorns the two parts."""

    straps: bool = False
    sleeves: bool = True
    cuffs: bool = False
    belt: str = ""  # "", "tie", "seam", or a buckle's colour
    buttons: str = ""
    collar: bool = False


def dress(body: Body, fall: Fall, cloth: Cloth, rng: np.random.Generator, cut: DressCut | None = None) -> Garment:
    """Return a dress with a seam at the waist."""
    cut = cut or DressCut()
    garment = Garment(focus=(2.0, 24.0, 48.0))
    fall = replace(fall, waist=body.hem, length=fall.length + rng.uniform(-1, 1))
    upper = slip_top(body, cloth, rng) if cut.straps else bodice(body, cloth, rng)
    garment.add(*upper)
    garment.add(*falling(fall, cloth, rng, body.length - 0.4))
    if cut.sleeves and not cut.straps:
        garment.both(sleeve(body, cloth, rng))
        if cut.cuffs:
            garment.both(parts.cuff(body, cloth, 3.0, widen=-0.6))
    if cut.collar:
        back, front = collar(body, cloth.plain(), 1.2)
        garment.pieces.insert(2, back)
        garment.add(front)
    if cut.buttons:
        for y in np.arange(body.neck_depth + 2, body.length + fall.length * 0.75, 6.5):
            garment.add(parts.button(0, float(y), cut.buttons, 0.6))
    if cut.belt:
        sash = cloth.plain()
        if cut.belt == "seam":
            garment.add(*parts.belt(body.length - 1.6, body.hem + 0.15, 2.6, sash))
        elif cut.belt == "tie":
            garment.add(*parts.belt(body.length - 1.8, body.hem + 0.2, 3.2, sash, tie=True))
        else:
            garment.add(
                *parts.belt(
                    body.length - 1.8, body.hem + 0.3, 3.0, replace(sash, weave="leather", gloss=0.3), buckle=cut.belt
                )
            )
    return garment
