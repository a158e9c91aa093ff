"""T-shirts and long sleeves: a body, two sleeves, a collar."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from lab.drawings.geometry import Points, band, beside, joined, mirrored, points, shifted, spline
from lab.drawings.piece import Cloth, Crease, Garment, Piece, Stitch, Tube


@dataclass(frozen=True)
class Body:
    """Half measures of a top in centimetres, from the neck's highest point downwards."""

    neck: float = 8.6  # half width of the neckline
    neck_depth: float = 9.0
    shoulder: float = 21.5
    slope: float = 4.6  # how far the shoulder falls
    chest: float = 25.5
    armpit: float = 24.0
    waist: float = 24.6
    hem: float = 25.2
    length: float = 68.0
    hem_curve: float = 0.8  # how much lower the middle of the hem is
    sleeve: float = 21.0  # length from the shoulder
    cuff: float = 15.0  # width of the sleeve's end
    arms: float = 48.0  # degrees below horizontal
    bend: float = 0.0  # more degrees at the elbow
    neckline: str = "crew"  # crew, v, scoop, boat, high


def neck_line(body: Body) -> Points:
    """Return the front neckline from left to right."""
    n, d = body.neck, body.neck_depth
    if body.neckline == "v":
        right = spline([(0, d), (n * 0.52, d * 0.5), (n, 0)])
    elif body.neckline == "boat":
        right = spline([(0, d), (n * 0.5, d * 0.93), (n * 0.82, d * 0.55), (n, 0)])
    else:
        right = spline([(0, d), (n * 0.34, d * 0.94), (n * 0.72, d * 0.66), (n * 0.95, d * 0.26), (n, 0)])
        return joined(mirrored(right), right[1:])
    return joined(mirrored(right), right[1:])


def back_neck(body: Body) -> Points:
    """Return the back neckline from left to right."""
    n = body.neck
    right = spline([(0, 1.5), (n * 0.55, 1.1), (n, 0)])
    return joined(mirrored(right), right[1:])


def arm_hole(body: Body) -> Points:
    """Return the seam from the right shoulder to the armpit."""
    s, c = body.shoulder, body.chest
    fall = body.armpit - body.slope
    return spline(
        [(s, body.slope), (s - 1.3, body.slope + fall * 0.4), (s - 0.6, body.slope + fall * 0.74), (c, body.armpit)]
    )


def side_seam(body: Body) -> Points:
    """Return the right side from the armpit to the hem."""
    waist_y = body.armpit + (body.length - body.armpit) * 0.42
    return spline([(body.chest, body.armpit), (body.waist, waist_y), (body.hem, body.length)])


def hem_line(body: Body) -> Points:
    """Return the hem from right to left."""
    half = spline(
        [
            (body.hem, body.length),
            (body.hem * 0.55, body.length + body.hem_curve * 0.8),
            (0, body.length + body.hem_curve),
        ]
    )
    return joined(half, mirrored(half)[1:])


def front_outline(body: Body) -> Points:
    right = joined(arm_hole(body), side_seam(body)[1:])
    return joined(neck_line(body), right, hem_line(body)[1:], mirrored(right)[1:])


def sleeve_ends(body: Body) -> tuple[tuple[float, float], tuple[float, float], tuple[float, float]]:
    """Return the outer elbow, and the outer and inner end of the right sleeve."""
    first, second = math.radians(body.arms), math.radians(body.arms + body.bend)
    half = body.sleeve * 0.5
    elbow = body.shoulder + half * math.cos(first), body.slope + half * math.sin(first)
    outer = elbow[0] + half * math.cos(second), elbow[1] + half * math.sin(second)
    # A sleeve that hangs beside the body shows less of its width.
    width = (
        min(body.cuff, (outer[0] - body.chest + 1.2) / max(math.sin(second), 0.2)) if body.sleeve < 30 else body.cuff
    )
    inner = outer[0] - width * math.sin(second), outer[1] + width * math.cos(second)
    return elbow, outer, inner


def sleeve(body: Body, cloth: Cloth, rng: np.random.Generator) -> Piece:
    """Return the right sleeve."""
    elbow, outer, inner = sleeve_ends(body)
    angle = body.arms + body.bend / 2
    armpit = body.chest, body.armpit
    first = math.radians(body.arms)
    cap = body.shoulder - 1.2, body.slope - 0.27
    round_off = body.shoulder + 1.0, body.slope + 0.85
    below = body.shoulder + 4.5 * math.cos(first) + 0.7, body.slope + 4.5 * math.sin(first)
    upper = spline([cap, round_off, below, elbow, outer])
    if body.sleeve > 30:
        width = body.cuff + (body.armpit - body.slope) * 0.16
        turn = math.radians(body.arms + body.bend * 0.5)
        inner_elbow = max(elbow[0] - width * math.sin(turn), armpit[0] - 0.3), elbow[1] + width * math.cos(turn) + 1
        lower = spline([inner, inner_elbow, armpit])
    else:
        lower = points(inner, armpit)
    end_bow = (outer[0] + inner[0]) / 2 + 0.5 * math.cos(first), (outer[1] + inner[1]) / 2 + 0.7 * math.sin(first)
    end = spline([outer, end_bow, inner])
    outline = joined(shifted(arm_hole(body), -0.35, 0)[:2:-1], upper, end[1:], lower[1:])
    middle_top = (body.shoulder + armpit[0]) / 2, (body.slope + armpit[1]) / 2
    middle_end = (outer[0] + inner[0]) / 2, (outer[1] + inner[1]) / 2
    reach = math.hypot(armpit[0] - body.shoulder, armpit[1] - body.slope) / 2
    nodes: list[tuple[float, float, float]] = [(*middle_top, reach)]
    if body.sleeve > 30:
        nodes.append((elbow[0] - 4 * math.sin(first) - 2, elbow[1] + 5 * math.cos(first), body.cuff * 0.66))
    nodes.append((*middle_end, body.cuff * 0.52))
    hem = end[::-1] - (1.9 * math.cos(math.radians(angle)), 1.9 * math.sin(math.radians(angle)))
    return Piece(
        outline,
        cloth,
        grain=90 - angle if angle < 90 else 0.0,
        tube=Tube(tuple(nodes), 0.5),
        shadow=0.34,
        reach=1.1,
        creases=sleeve_creases(body, rng),
        stitches=(Stitch(hem, cloth.colour, 0.0, 0.07),),
    )


def sleeve_creases(body: Body, rng: np.random.Generator) -> tuple[Crease, ...]:
    """Return folds that run from the armpit up and along the sleeve."""
    elbow, outer, inner = sleeve_ends(body)
    armpit = np.array((body.chest, body.armpit))
    creases = []
    for share in (0.25, 0.5, 0.8):
        target = np.array((body.shoulder, body.slope)) * (1 - share) + np.array(outer) * share + rng.normal(0, 0.8, 2)
        start, end = armpit + (target - armpit) * 0.12, armpit + (target - armpit) * rng.uniform(0.5, 0.72)
        middle = (start + end) / 2 + rng.normal(0, 0.6, 2)
        creases.append(
            Crease(spline([tuple(start), tuple(middle), tuple(end)]), rng.uniform(1.0, 1.7), rng.uniform(0.25, 0.5))
        )
    if body.sleeve > 30:
        for _ in range(5):
            along = rng.uniform(0.3, 0.95)
            near = np.array(elbow) * (1 - along) + np.array(outer) * along
            far = np.array(armpit) * (1 - along) + np.array(inner) * along
            start = near + (far - near) * rng.uniform(0.1, 0.3)
            end = near + (far - near) * rng.uniform(0.65, 0.95) + rng.normal(0, 1.6, 2)
            middle = (start + end) / 2 + rng.normal(0, 0.7, 2)
            creases.append(
                Crease(
                    spline([tuple(start), tuple(middle), tuple(end)]), rng.uniform(0.9, 1.5), rng.uniform(0.25, 0.55)
                )
            )
    return tuple(creases)


def body_creases(body: Body, rng: np.random.Generator, amount: float = 1.0) -> tuple[Crease, ...]:
    """Return folds from the armpits towards the middle, and some that hang from the chest."""
    creases = []
    for side in (-1, 1):
        for number in range(3):
            start = side * (body.chest - 1.5 - number * 0.5), body.armpit - 0.5 + number * 2.2
            end = side * (body.chest * rng.uniform(0.35, 0.6)), body.armpit + rng.uniform(4, 9) + number * 7
            middle = (start[0] * 0.45 + end[0] * 0.55 + side * 0.8, start[1] * 0.55 + end[1] * 0.45 + 0.5)
            creases.append(
                Crease(spline([start, middle, end]), rng.uniform(1.3, 2.4), amount * rng.uniform(0.25, 0.55))
            )
    for _ in range(4):
        x = rng.uniform(-0.8, 0.8) * body.hem
        bottom = body.length - rng.uniform(-1, 6)
        line = spline([(x * 0.9 + rng.normal(0, 1), bottom - rng.uniform(14, 24)), (x, bottom - 8), (x * 1.05, bottom)])
        creases.append(Crease(line, rng.uniform(1.6, 2.8), amount * rng.uniform(0.3, 0.6)))
    return tuple(creases)


def inside_back(body: Body, cloth: Cloth, depth: float = 3.0) -> Piece:
    """Return what is seen through the neck: the inside of the back, in shadow."""
    front = neck_line(body)
    low = shifted(front, 0.0, depth * 0.3)
    return Piece(
        joined(back_neck(body), low[::-1]), cloth.plain(), tone=0.5, rim=0.2, thickness=0.0, shadow=0.0, folds=0.3
    )


def label(body: Body, colour: str = "#f4f1ea") -> Piece:
    """Return the small woven label in the back of the neck."""
    outline = points((-1.9, 2.5), (1.9, 2.5), (1.9, 4.6), (-1.9, 4.6))
    return Piece(outline, Cloth(colour, "smooth"), tone=0.72, rim=0.1, thickness=0.03, shadow=0.25, reach=0.25, folds=0)


def neck_band(line: Points, width: float) -> Points:
    """Return a band below a neckline whose ends are cut along the shoulder."""
    lower = beside(line, width)
    rise = np.clip(np.minimum(np.arange(len(lower)), np.arange(len(lower))[::-1]) / 5, 0, 1)[:, None]
    lower[:, 1:] = np.maximum(lower[:, 1:], np.minimum(line[:, 1:] + width * 0.16, lower[:, 1:] + 9 * rise))
    lower[0], lower[-1] = line[0] + (-width, width * 0.38), line[-1] + (width, width * 0.38)
    return joined(line, lower[::-1])


def collar(body: Body, cloth: Cloth, width: float = 1.9) -> tuple[Piece, Piece]:
    """Return the ribbed bands of the back and of the front neckline."""
    back = Piece(
        band(back_neck(body), width * 0.9), cloth, tone=0.72, rim=0.4, thickness=0.08, shadow=0.3, reach=0.4, folds=0.3
    )
    line = neck_line(body)
    front = Piece(
        neck_band(line, width),
        cloth,
        rim=0.55,
        thickness=0.14,
        shadow=0.26,
        reach=0.35,
        folds=0.4,
    )
    return back, front


def tee(
    body: Body, cloth: Cloth, rng: np.random.Generator, *, trim: Cloth | None = None, collar_width: float = 1.9
) -> Garment:
    """Return a top of jersey: T-shirt or long sleeve."""
    body = replace(body, length=body.length + rng.uniform(-0.8, 0.8), arms=body.arms + rng.uniform(-2.5, 2.5))
    rib = trim or cloth.plain(weave="rib")
    garment = Garment(focus=(2.0, 17.0, 44.0))
    garment.add(inside_back(body, cloth), label(body))
    back, front = collar(body, rib, collar_width)
    garment.add(back)
    hem = beside(hem_line(body), 2.0)
    garment.add(
        Piece(
            front_outline(body),
            cloth,
            tube=Tube(((0, -30, body.chest), (0, 110, body.hem + 0.5)), 0.5),
            shadow=0.3,
            creases=body_creases(body, rng),
            stitches=(Stitch(hem, cloth.colour, 0.0, 0.07),),
        )
    )
    right = sleeve(body, cloth, rng)
    garment.both(right)
    garment.add(front)
    return garment
