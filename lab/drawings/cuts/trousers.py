"""Trousers and shorts: waistband, two legs, fly, pockets."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from lab.drawings.cuts import parts
from lab.drawings.geometry import Points, beside, joined, points, rectangle, shifted, spline
from lab.drawings.piece import Cloth, Crease, Garment, Piece, Stitch, Tube, Wear, reflected


@dataclass(frozen=True)
class Legs:
    """Half measures in centimetres from the top of the waistband."""

    waist: float = 19.5
    hip: float = 23.0
    rise: float = 28.0
    thigh: float = 24.6  # outermost point beside the crotch
    knee: float = 20.0  # width of a leg
    hem: float = 18.0  # width of a leg's end
    length: float = 102.0
    spread: float = 4.5  # how far the inner hem stands from the middle
    band: float = 4.0
    thread: str = ""
    style: str = "jeans"  # jeans, chino, suit, jogger, cargo, elastic
    cuff: float = 0.0  # height of a turned-up hem
    wear: float = 0.0
    metal: str = "#b07f45"


def leg_outline(legs: Legs) -> Points:
    """Return the right leg from the middle of the waist."""
    knee_y = legs.rise + (legs.length - legs.rise) * 0.46
    inner_knee = 1.4 + (legs.spread - 1.0) * 0.35
    outer_hem, outer_knee = legs.spread + legs.hem, inner_knee + legs.knee
    sides: list[tuple[float, float]] = [
        (legs.waist + 0.2, legs.band - 0.3),
        ((legs.waist + legs.hip) / 2 + 0.3, 10.5),
        (legs.hip + 0.2, 17.5),
        (legs.thigh, legs.rise + 3),
    ]
    inside: list[tuple[float, float]] = [(legs.spread, legs.length), (0.9, legs.rise + 7), (0, legs.rise)]
    if legs.length > 70:
        sides.append((outer_knee, knee_y))
        inside.insert(1, (inner_knee, knee_y))
    side = spline([*sides, (outer_hem, legs.length)])
    inner = spline(inside)
    hem = spline(
        [(outer_hem, legs.length), ((outer_hem + legs.spread) / 2, legs.length + 0.8), (legs.spread, legs.length)]
    )
    return joined(points((-0.25, legs.band - 0.3)), side, hem[1:], inner[1:], points((-0.25, legs.rise - 1)))


def leg_creases(legs: Legs, rng: np.random.Generator) -> tuple[Crease, ...]:
    """Return folds at crotch, knee and ankle."""
    creases = []
    for number in range(4):
        start = 1.0 + number * 0.4, legs.rise - 4 + number * 2.0
        end = legs.hip * rng.uniform(0.45, 0.7), legs.rise - 9 + number * 4.5 + rng.normal(0, 1)
        middle = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2 + 0.8
        creases.append(Crease(spline([start, middle, end]), rng.uniform(1.0, 1.8), rng.uniform(0.25, 0.5)))
    long = legs.length > 70
    knee_y = legs.rise + (legs.length - legs.rise) * 0.46
    centre, half = legs.spread * 0.6 + legs.knee * 0.55, legs.knee * 0.5
    zones = [(knee_y, 7.0, 5), (legs.length - 9, 6.0, 4)] if long else [(legs.length - 7, 4.0, 3)]
    for y, scatter, count in zones:
        for _ in range(count):
            at = y + rng.normal(0, scatter * 0.6)
            left = centre - half * rng.uniform(0.3, 0.95)
            right = centre + half * rng.uniform(0.1, 0.8)
            tilt = rng.normal(0, 2.2)
            line = spline([(left, at + tilt), ((left + right) / 2, at + rng.normal(0, 0.6)), (right, at - tilt)])
            creases.append(Crease(line, rng.uniform(1.0, 1.9), rng.uniform(0.2, 0.45)))
    return tuple(creases)


def leg(legs: Legs, cloth: Cloth, rng: np.random.Generator) -> Piece:
    """Return the right leg."""
    outline = leg_outline(legs)
    knee_y = legs.rise + (legs.length - legs.rise) * 0.46
    long = legs.length > 70
    centre_knee = 1.4 + legs.knee / 2
    nodes: list[tuple[float, float, float]] = [
        (legs.hip * 0.42, -20, legs.hip * 0.62),
        (legs.thigh * 0.48, legs.rise + 3, legs.thigh * 0.54),
    ]
    if long:
        nodes.append((centre_knee + 1, knee_y, legs.knee * 0.52))
    nodes.append((legs.spread + legs.hem / 2, legs.length + 20, legs.hem * 0.54))
    wear: tuple[Wear, ...] = ()
    if legs.wear:
        wear = (
            Wear(legs.thigh * 0.52, legs.rise + 12, 5.5, 17, legs.wear),
            Wear(centre_knee + 1, knee_y + 10, 4.5, 12, legs.wear * 0.7),
        )
    stitches: list[Stitch] = []
    seams: list[Points] = []
    if legs.thread:
        inner = spline([(legs.spread + 0.6, legs.length), (1.6, legs.rise + 8), (0.6, legs.rise)])
        hem = points((legs.spread + legs.hem - 0.3, legs.length - 1.6), (legs.spread + 0.3, legs.length - 1.6))
        stitches += [Stitch(hem, legs.thread), Stitch(inner, legs.thread)] if not legs.cuff else []
    if legs.style == "suit":
        crease = spline(
            [
                (legs.thigh * 0.5, legs.band + 6),
                (centre_knee + 0.5, knee_y),
                (legs.spread + legs.hem * 0.5, legs.length),
            ]
        )
        seams.append(crease)
    creases = leg_creases(legs, rng)
    if legs.style == "suit":
        creases = tuple(replace(crease, height=crease.height * 0.45) for crease in creases)
        pleats = legs.waist * 0.45, legs.waist * 0.62
        seams += [points((x, legs.band), (x + 0.3, legs.band + 8)) for x in pleats]
    return Piece(
        outline,
        cloth,
        tube=Tube(tuple(nodes), 0.5),
        shadow=0.4,
        reach=0.9,
        creases=creases,
        wear=wear,
        stitches=tuple(stitches),
        seams=tuple(seams),
    )


def waistband(legs: Legs, cloth: Cloth, rng: np.random.Generator) -> list[Piece]:
    """Return the band with its loops or its gathers."""
    w, h = legs.waist, legs.band
    top = spline([(-w, 0), (0, 1.3), (w, 0)])
    low = spline([(w + 0.3, h), (0, h + 1.2), (-w - 0.3, h)])
    tube = Tube(((0, -30, w), (0, 40, w)), 0.45)
    if legs.style in ("jogger", "elastic"):
        gathers = tuple(
            Crease(points((x, 0.6), (x + rng.normal(0, 0.15), h + 0.9)), 0.5, rng.uniform(0.18, 0.34))
            for x in np.linspace(-w * 0.95, w * 0.95, 26)
        )
        return [Piece(joined(top, low), cloth, tube=tube, shadow=0.3, reach=0.5, folds=0.3, creases=gathers)]
    stitches = (Stitch(shifted(top, 0, 0.45), legs.thread), Stitch(low - (0, 0.45), legs.thread)) if legs.thread else ()
    pieces = [Piece(joined(top, low), cloth, tube=tube, shadow=0.35, reach=0.5, folds=0.3, stitches=stitches)]
    for x in (-w * 0.78, -w * 0.36, w * 0.36, w * 0.78):
        drop = 1.2 * (1 - (x / w) ** 2)
        pieces.append(
            Piece(
                rectangle(x - 0.6, drop - 0.3, x + 0.6, drop + h + 0.5),
                cloth,
                rim=0.3,
                thickness=0.16,
                shadow=0.45,
                reach=0.35,
                folds=0,
            )
        )
    return pieces


def pockets(legs: Legs, cloth: Cloth) -> list[Piece]:
    """Return what is sewn on the right leg: a pocket's mouth, and more by style."""
    thread = legs.thread or cloth.colour
    if legs.style == "jeans":
        mouth = spline(
            [
                (legs.waist * 0.52, legs.band + 0.6),
                (legs.waist * 0.62, legs.band + 5.4),
                (legs.hip - 4.4, legs.band + 7.2),
                (legs.hip - 2.2, legs.band + 7.4),
            ]
        )
        lining = joined(
            mouth,
            points(
                (legs.hip - 2.2, legs.band + 7.4),
                ((legs.waist + legs.hip) / 2 - 0.6, legs.band + 4.4),
                (legs.waist - 0.2, legs.band + 0.3),
            ),
        )
        return [
            Piece(
                lining,
                cloth,
                tone=0.82,
                thickness=0.0,
                shadow=0,
                folds=0.4,
                seams=(mouth,),
                stitches=(Stitch(beside(mouth, 0.55), thread), Stitch(beside(mouth, 1.0), thread)),
            )
        ]
    line = spline([(legs.waist * 0.72, legs.band + 0.8), (legs.hip - 1.0, legs.band + 14)])
    lining = joined(
        line,
        points(
            (legs.hip - 0.7, legs.band + 13),
            ((legs.waist + legs.hip) / 2 - 0.3, legs.band + 6),
            (legs.waist - 0.1, legs.band + 0.4),
        ),
    )
    pieces = [
        Piece(
            lining,
            cloth,
            tone=0.88,
            thickness=0,
            shadow=0,
            folds=0.5,
            seams=(line,),
            stitches=(Stitch(beside(line, 0.6), thread),),
        )
    ]
    if legs.style == "cargo":
        y = legs.rise + 12 if legs.length > 70 else legs.rise - 2
        x = legs.thigh - 13.5
        pieces.append(parts.pocket((x, y), (13, 17), cloth, thread, point=0.6, degrees=-4))
        pieces.append(parts.flap((x - 0.3, y - 1.2), (13.6, 5.6), cloth, thread, degrees=-4))
    return pieces


def trousers(legs: Legs, cloth: Cloth, rng: np.random.Generator) -> Garment:
    """Return trousers or shorts."""
    legs = replace(legs, length=legs.length + rng.uniform(-1, 1), spread=legs.spread + rng.uniform(-0.4, 0.6))
    garment = Garment(focus=(4.0, 17.0, 42.0))
    w = legs.waist
    back = joined(spline([(-w, 0), (0, -1.3), (w, 0)]), points((w, 3.5), (-w, 3.5)))
    garment.add(Piece(back, cloth, tone=0.5, thickness=0, shadow=0, folds=0.2))
    garment.add(
        Piece(
            rectangle(-2.4, -0.4, 2.4, 2.2),
            Cloth("#7a5234", "leather"),
            tone=0.6,
            shadow=0.2,
            reach=0.2,
            thickness=0.03,
            folds=0,
        )
    )
    right = leg(legs, cloth, rng)
    left = reflected(leg(legs, cloth, rng))
    garment.add(left, *(reflected(piece) for piece in pockets(legs, cloth)))
    garment.add(right, *pockets(legs, cloth))
    thread = legs.thread or cloth.colour
    if legs.style not in ("jogger", "elastic"):
        fly = spline([(3.4, legs.band + 1), (3.3, legs.rise * 0.5), (2.4, legs.rise * 0.68), (0.3, legs.rise * 0.76)])
        shape = joined(points((-0.3, legs.band)), fly, points((-0.3, legs.rise * 0.76)))
        stitches = (
            (Stitch(fly, thread), Stitch(fly - (0.5, 0.2), thread)) if legs.thread else (Stitch(fly, cloth.colour),)
        )
        garment.add(Piece(shape, cloth, rim=0.25, thickness=0.05, shadow=0.2, reach=0.4, stitches=stitches))
    if legs.cuff:
        x0, x1, y = legs.spread - 0.6, legs.spread + legs.hem + 0.6, legs.length
        turn = joined(
            points((x0, y - legs.cuff), (x1 - 0.1, y - legs.cuff)),
            spline([(x1, y + 0.3), ((x0 + x1) / 2, y + 1.2), (x0, y + 0.3)]),
        )
        inner = replace(cloth, colour=cloth.colour)
        tube = Tube((((x0 + x1) / 2, y - 30, legs.hem * 0.55), ((x0 + x1) / 2, y + 30, legs.hem * 0.55)), 0.5)
        garment.both(
            Piece(turn, inner, tone=1.16 if legs.style == "jeans" else 1.0, tube=tube, shadow=0.4, reach=0.6, folds=0.5)
        )
    if legs.style == "jogger":
        x0, x1, y = legs.spread + 2.0, legs.spread + legs.hem - 2.0, legs.length - 0.6
        rib = joined(points((x0 - 1.2, y), (x1 + 1.2, y)), points((x1, y + 6), (x0, y + 6)))
        tube = Tube((((x0 + x1) / 2, y - 30, legs.hem * 0.45), ((x0 + x1) / 2, y + 30, legs.hem * 0.45)), 0.5)
        garment.both(Piece(rib, cloth.plain(weave="rib"), tube=tube, shadow=0.3, reach=0.4, folds=0.3, thickness=0.3))
    garment.add(*waistband(legs, cloth, rng))
    if legs.style in ("jogger", "elastic"):
        tie = "#efeae0" if legs.style == "jogger" else cloth.colour
        for x, sway in ((-1.0, -1.6), (1.1, 1.3)):
            garment.add(parts.cord(spline([(x, 2.6), (x + sway * 0.6, 8), (x + sway, 14 + sway)]), tie, 0.6))
    elif legs.style == "jeans":
        garment.add(parts.stud(0.4, legs.band * 0.5 + 1.1, legs.metal))
    else:
        garment.add(parts.button(0.4, legs.band * 0.5 + 1.1, "#4a3b2f" if legs.style != "suit" else "#2b2b2d", 0.75))
    return garment
