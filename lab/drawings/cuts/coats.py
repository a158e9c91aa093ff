"""Jackets and coats: two fronts, lapels or a hood, sleeves, pockets, closures."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from lab.drawings.cuts import collars, parts, shirts
from lab.drawings.cuts.tops import (
    Body,
    arm_hole,
    body_creases,
    front_outline,
    hem_line,
    inside_back,
    side_seam,
    sleeve,
)
from lab.drawings.geometry import Points, beside, joined, mirrored, points, rectangle, shifted, spline, turned
from lab.drawings.piece import Cloth, Garment, Piece, Stitch, Tube, reflected


@dataclass(frozen=True)
class CoatCut:
    """What makes a jacket of a body."""

    front: str = "lapel"  # lapel, double, zip, shirt, hood
    pockets: str = "flap"  # flap, welt, patch, chest, kangaroo, none
    ribs: bool = False  # ribbed cuffs and hem
    quilt: float = 0.0
    belt: bool = False
    hood: bool = False
    thread: str = ""
    button: str = "#3a2d25"
    lining: str = "#6d6259"
    metal: str = "#b9b9b6"
    opened: float = 0.0  # how far the fronts stand apart at the hem, each side, in centimetres


COAT_BODY = Body(
    neck=8.2,
    neck_depth=7,
    shoulder=24,
    slope=5.0,
    chest=28.5,
    armpit=28,
    waist=27.5,
    hem=28.5,
    length=72,
    sleeve=60,
    cuff=13.5,
    arms=63,
    bend=11,
)


def _pocket_pieces(body: Body, cloth: Cloth, cut: CoatCut) -> list[Piece]:
    """Return the right front's pockets."""
    thread = cut.thread or cloth.colour
    low = min(body.length - 26, 50)
    if cut.pockets == "flap":
        return [parts.flap((9.0, low + 2), (15.0, 6.2), cloth, thread, degrees=3)]
    if cut.pockets == "welt":
        return parts.welt(11.5, low + 1, 15.0, cloth, 66)
    if cut.pockets == "patch":
        return [parts.pocket((8.0, low), (16.5, 19.0), cloth, thread, point=0.5, degrees=2)]
    if cut.pockets == "chest":
        return [
            parts.pocket((6.2, 22.0), (13.0, 13.5), cloth, thread, point=2.2),
            parts.flap((5.9, 20.6), (13.6, 5.6), cloth, thread, point=1.8),
            parts.stud(12.7, 24.4, cut.metal, 0.65),
        ]
    if cut.pockets == "kangaroo":
        line = spline([(8.5, body.length - 20), (13, body.length - 16), (17.5, body.length - 3.5)])
        shape = joined(points((1.0, body.length - 20)), line, points((1.0, body.length - 3.5)))
        return [
            Piece(
                shape,
                cloth,
                rim=0.5,
                thickness=0.15,
                shadow=0.35,
                reach=0.8,
                stitches=(Stitch(beside(line, 0.8), thread),),
            )
        ]
    return []


def coat(body: Body, cloth: Cloth, rng: np.random.Generator, cut: CoatCut | None = None) -> Garment:
    """Return a jacket or coat, closed."""
    cut = cut or CoatCut()
    thread = cut.thread or cloth.colour
    body = replace(body, length=body.length + rng.uniform(-1, 1), arms=body.arms + rng.uniform(-2, 2))
    if cut.front in ("lapel", "double"):
        body = replace(body, neckline="v")
    garment = Garment(focus=(4.0, 18.0, 50.0))
    behind, before = _collar(body, cloth, cut, thread)
    garment.add(*behind)
    garment.add(*_fronts(body, cloth, rng, cut, thread))
    right_pockets = _pocket_pieces(body, cloth, cut)
    for piece in right_pockets:
        garment.both(piece)
    if not cut.opened:
        garment.add(*_closure(body, cloth, cut, thread))
    if cut.ribs:
        rib = parts.hem_band(body, cloth.plain(weave="rib"), 5.5, narrow=1.6)
        if cut.opened:
            # All that lies left of the gap is drawn up to it: the right half remains.
            garment.both(replace(rib, outline=np.maximum(rib.outline, (cut.opened * 0.9, -np.inf))))
        else:
            garment.add(rib)
    if cut.belt:
        garment.add(
            *parts.belt(
                body.armpit + 16,
                body.waist + 0.3,
                4.2,
                cloth,
                tie=cut.front == "lapel",
                buckle="" if cut.front == "lapel" else cut.button,
            )
        )
    arm = sleeve(body, cloth, rng)
    if cut.quilt:
        arm = replace(arm, quilt=cut.quilt)
    garment.both(arm)
    if cut.ribs:
        garment.both(parts.cuff(body, cloth.plain(weave="rib"), 6.0, widen=-1.2))
    elif cut.front == "shirt":
        garment.both(parts.cuff(body, cloth, 5.0, widen=0.3, thread=thread))
    if cut.opened:
        before = [_parted(piece, body, cut.opened) for piece in before]
    garment.add(*before)
    return garment


def _collar(body: Body, cloth: Cloth, cut: CoatCut, thread: str) -> tuple[list[Piece], list[Piece]]:
    """Return what lies behind the neck, and what lies before it."""
    if cut.hood:
        behind, before = collars.hood(body, cloth, cut.lining)
        return [*behind, replace(inside_back(body, Cloth(cut.lining, "jersey")), tone=0.4)], before
    if cut.front == "shirt":
        behind, before = shirts.collar_pieces(shirts.ShirtCut("camp"), body, cloth, thread)
        return [*behind, replace(inside_back(body, cloth), tone=0.42)], before
    if cut.front == "zip":
        stand = cloth.plain(weave="rib") if cut.ribs else cloth
        return collars.back_collar(body, stand, cut.lining), collars.stand_collar(body, stand)
    right = collars.lapels(body, cloth, wide=1.25 if cut.front == "double" else 1.0)
    return collars.back_collar(body, cloth, cut.lining), [half for piece in right for half in (reflected(piece), piece)]


def _parted(piece: Piece, body: Body, opened: float) -> Piece:
    """Return a half of the collar, moved outwards with its front."""
    right = piece.outline[:, 0].mean() > 0
    half = piece if right else reflected(piece)
    half = replace(half, outline=turned(half.outline, -min(opened * 1.6, 12), (body.neck, 0)), stitches=())
    return half if right else reflected(half)


def _fronts(body: Body, cloth: Cloth, rng: np.random.Generator, cut: CoatCut, thread: str) -> list[Piece]:
    outline = front_outline(body)
    hem = Stitch(beside(hem_line(body), 1.6), thread)
    seams: tuple[Points, ...] = ()
    if cut.pockets == "chest":
        yoke = points((0, 20.2), (body.chest - 2, 20.2))
        seams = (yoke, mirrored(yoke))
    elif cut.front in ("lapel", "double") and not cut.quilt:
        dart = spline(
            [
                (body.chest * 0.55, body.armpit + 3),
                (body.chest * 0.56, body.armpit + 22),
                (body.chest * 0.6, body.length - 2),
            ]
        )
        seams = (dart, mirrored(dart))
    creases = body_creases(body, rng, 0.5 if cut.quilt else 0.8)
    if cut.opened:
        return _open_fronts(body, cloth, rng, cut, thread)
    return [
        Piece(
            outline,
            cloth,
            tube=Tube(((0, -30, body.chest), (0, 130, body.hem + 0.5)), 0.5),
            shadow=0.3,
            creases=creases,
            quilt=cut.quilt,
            seams=seams,
            stitches=() if cut.ribs or cut.quilt else (hem,),
            folds=0.5 if cut.quilt else 0.9,
        )
    ]


def _open_fronts(body: Body, cloth: Cloth, rng: np.random.Generator, cut: CoatCut, thread: str) -> list[Piece]:
    """Return the lined back, and the two fronts apart."""
    lining = Cloth(cut.lining, "smooth", gloss=0.08)
    low, half = body.length - 0.5, body.hem * 0.8
    back = points((-body.neck, 0.5), (body.neck, 0.5), (half, low), (-half, low))
    pieces = [Piece(back, lining, tone=0.62, shadow=0, thickness=0, seams=(points((0, 4), (0, low)),), folds=1.4)]
    creases = body_creases(body, rng, 0.5 if cut.quilt else 0.8)
    top = body.neck_depth
    bottom = body.length + body.hem_curve * 0.7
    for side in (1, -1):
        gap = cut.opened * (1 if side > 0 else 0.7) + rng.uniform(-0.6, 0.6)
        edge = spline(
            [
                (gap, bottom),
                (gap * 0.9, (top + bottom) / 2),
                (gap * 0.45 + 0.8, top + 3),
                (body.neck * 0.8, top * 0.45),
                (body.neck, 0),
            ]
        )
        outline = joined(edge, arm_hole(body), side_seam(body)[1:], points((body.hem, body.length), (gap, bottom)))
        line = beside(edge[:-8], 1.2)
        front = Piece(
            outline,
            cloth,
            tube=Tube(((0, -30, body.chest), (0, 130, body.hem + 0.5)), 0.5),
            shadow=0.75,
            reach=2.2,
            rim=0.7,
            thickness=0.3,
            creases=creases,
            quilt=cut.quilt,
            folds=0.5 if cut.quilt else 0.9,
            stitches=(Stitch(line, thread),),
        )
        pieces.append(front if side > 0 else reflected(front))
        if cut.front in ("zip", "hood"):
            teeth = Stitch(shifted(edge[:-8], 0.25, 0), cut.metal, 0.16, 0.5)
            strip = joined(edge[:-8], shifted(edge[:-8], 0.7, 0)[::-1])
            tape = Piece(strip, Cloth(cut.lining, "canvas"), shadow=0, thickness=0, stitches=(teeth,))
            pieces.append(tape if side > 0 else reflected(tape))
    return pieces


def _closure(body: Body, cloth: Cloth, cut: CoatCut, thread: str) -> list[Piece]:
    """Return the edge of the front, with its buttons, toggles or zip."""
    top, bottom = body.neck_depth, body.length + body.hem_curve
    pieces: list[Piece] = []
    if cut.front in ("zip", "hood"):
        start = top - 3.4 if cut.front == "zip" and not cut.hood else top + 0.8
        return parts.zip_line(
            points((0, start), (0, bottom + (4.5 if cut.ribs else -0.6))), cloth.colour, cut.metal, 1.9
        )
    if cut.front == "shirt":
        band = rectangle(-2.1, top - 0.2, 2.1, bottom)
        edges = (Stitch(points((-1.6, top), (-1.6, bottom)), thread), Stitch(points((1.6, top), (1.6, bottom)), thread))
        pieces.append(Piece(band, cloth, rim=0.35, thickness=0.13, shadow=0.35, reach=0.6, stitches=edges))
        return pieces + [parts.stud(0, float(y), cut.metal, 0.8) for y in np.arange(top + 3, bottom - 3, 9.0)]
    wide = 8.5 if cut.front == "double" else 2.4
    left = spline([(-0.2, top - 1.0), (-wide * 0.7, top + 3.0), (-wide, top + 8), (-wide, bottom - 16)])
    left = joined(left, points((-wide, bottom - 0.2)))
    if cut.front == "lapel":
        left = joined(
            spline([(-0.3, top), (-wide * 0.8, top + 2.5), (-wide, top + 7), (-wide, bottom - 12)]),
            spline([(-wide, bottom - 6), (-wide + 0.7, bottom - 1.8), (-wide + 3.2, bottom)]),
        )
    overlap = joined(left, points((wide + 4, bottom + 0.1), (wide + 4, top + 9), (1.2, top)))
    tube = Tube(((0, -30, body.chest), (0, 130, body.hem + 0.5)), 0.5)
    pieces.append(
        Piece(
            overlap,
            cloth,
            tube=tube,
            rim=0.5,
            thickness=0.14,
            shadow=0.45,
            reach=0.9,
            folds=0.9,
            quilt=cut.quilt,
            stitches=(Stitch(beside(left, -0.6), thread),),
        )
    )
    count = 3 if body.length < 80 else 4
    places = np.linspace(top + 3, min(top + 34, bottom - 18), count if cut.front == "lapel" else 3)
    for y in places:
        columns = (-wide + 2.4, wide - 2.4) if cut.front == "double" else (0.0,)
        pieces += [parts.button(x, float(y), cut.button, 1.15) for x in columns]
    return pieces
