"""Small things sewn on: buttons, pockets, zips, ribs, belts, cords."""

from __future__ import annotations

import math

import numpy as np

from lab.drawings.cuts.tops import Body, hem_line, side_seam, sleeve_ends
from lab.drawings.geometry import (
    Points,
    band,
    beside,
    ellipse,
    joined,
    mirrored,
    points,
    rectangle,
    shifted,
    spline,
    turned,
)
from lab.drawings.piece import Cloth, Piece, Stitch, Tube


def button(x: float, y: float, colour: str, radius: float = 0.62) -> Piece:
    """Return a button with four holes."""
    holes = [
        points(
            (x + dx * radius * 0.28, y + dy * radius * 0.28 - 0.04),
            (x + dx * radius * 0.28, y + dy * radius * 0.28 + 0.04),
        )
        for dx in (-1, 1)
        for dy in (-1, 1)
    ]
    return Piece(
        ellipse(x, y, radius, radius, 28),
        Cloth(colour, "smooth", gloss=0.5),
        rim=radius * 0.7,
        thickness=0.2,
        shadow=0.55,
        reach=0.3,
        folds=0,
        stitches=tuple(Stitch(hole, "#2a2522", 0.0, radius * 0.2) for hole in holes),
    )


def stud(x: float, y: float, colour: str = "#b58a4d", radius: float = 0.7) -> Piece:
    """Return a metal button or rivet."""
    return Piece(
        ellipse(x, y, radius, radius, 28),
        Cloth(colour, "smooth", gloss=1.3),
        rim=radius,
        thickness=0.35,
        shadow=0.5,
        reach=0.3,
        folds=0,
    )


def zip_line(line: Points, tape: str, metal: str = "#b9b9b6", width: float = 1.5) -> list[Piece]:
    """Return a zip along a line: tape and teeth."""
    start = beside(line, -width / 2)
    strip = Piece(
        band(start, width),
        Cloth(tape, "canvas"),
        rim=0.2,
        thickness=0.05,
        shadow=0.2,
        reach=0.3,
        folds=0.5,
        stitches=(Stitch(line, "#3b3a39", 0.0, 0.62), Stitch(line, metal, 0.16, 0.46)),
    )
    x, y = line[0]
    pull = Piece(
        rectangle(x - 0.42, y + 0.3, x + 0.42, y + 2.9),
        Cloth(metal, "smooth", gloss=1.2),
        rim=0.3,
        thickness=0.15,
        shadow=0.5,
        reach=0.35,
        folds=0,
    )
    return [strip, pull]


def pocket(
    corner: tuple[float, float],
    size: tuple[float, float],
    cloth: Cloth,
    thread: str,
    *,
    point: float = 1.4,
    degrees: float = 0.0,
) -> Piece:
    """Return a patch pocket whose top left corner is at `corner`; size is width and height."""
    (x, y), (width, height) = corner, size
    shape = points(
        (x, y), (x + width, y), (x + width, y + height - point), (x + width / 2, y + height), (x, y + height - point)
    )
    middle = x + width / 2, y + height / 2
    inner = np.array(middle) + (shape - middle) * (1 - 0.7 / width, 1 - 0.7 / height)
    edge = turned(np.vstack([inner[1:], inner[:1]]), degrees, middle)
    top = turned(points((x + 0.2, y + 2.1), (x + width - 0.2, y + 2.1)), degrees, middle)
    return Piece(
        turned(shape, degrees, middle),
        cloth,
        rim=0.35,
        thickness=0.09,
        shadow=0.28,
        reach=0.5,
        grain=degrees,
        stitches=(Stitch(edge, thread), Stitch(top, thread)),
    )


def flap(
    corner: tuple[float, float],
    size: tuple[float, float],
    cloth: Cloth,
    thread: str,
    *,
    degrees: float = 0.0,
    point: float = 0.8,
) -> Piece:
    """Return the flap of a pocket; as `pocket`."""
    (x, y), (width, height) = corner, size
    shape = joined(
        points((x, y), (x + width, y), (x + width, y + height - point - 0.5)),
        spline([(x + width - 0.5, y + height - point), (x + width / 2, y + height), (x + 0.5, y + height - point)]),
        points((x, y + height - point - 0.5)),
    )
    middle = x + width / 2, y + height / 2
    inner = np.array(middle) + (shape[2:] - middle) * (1 - 0.8 / width, 1 - 1.0 / height)
    return Piece(
        turned(shape, degrees, middle),
        cloth,
        rim=0.4,
        thickness=0.14,
        shadow=0.42,
        reach=0.7,
        grain=degrees,
        stitches=(Stitch(turned(inner, degrees, middle), thread),),
    )


def welt(x: float, y: float, length: float, cloth: Cloth, degrees: float) -> list[Piece]:
    """Return the slit of a pocket in a jacket, with its narrow lip."""
    lip = turned(rectangle(x, y, x + length, y + 1.7), degrees, (x, y))
    dark = turned(rectangle(x + 0.15, y - 0.25, x + length - 0.15, y + 0.25), degrees, (x, y))
    return [
        Piece(
            lip,
            cloth,
            rim=0.35,
            thickness=0.14,
            shadow=0.4,
            reach=0.5,
            grain=degrees,
            stitches=(Stitch(lip[1:], cloth.colour),),
        ),
        Piece(dark, cloth.plain(), tone=0.35, thickness=0, shadow=0, folds=0.3),
    ]


def cuff(body: Body, cloth: Cloth, length: float, *, widen: float = 0.0, thread: str | None = None) -> Piece:
    """Return the right cuff: a band beyond the sleeve's end; `widen` below zero gathers it."""
    _, outer, inner = sleeve_ends(body)
    angle = math.radians(body.arms + body.bend)
    along = np.array((math.cos(angle), math.sin(angle)))
    across = np.array((-math.sin(angle), math.cos(angle)))
    a, d = np.array(outer) - along * 0.8 - across * widen, np.array(inner) - along * 0.8 + across * widen
    b, c = a + along * (length + 0.4), d + along * (length + 0.4)
    bow = along * 0.5
    outline = joined(
        points(tuple(a), tuple(b)), spline([tuple(b), tuple((b + c) / 2 + bow), tuple(c)])[1:], points(tuple(d))
    )
    middle, reach = (a + d) / 2, body.cuff * 0.52
    end = (b + c) / 2
    stitches: tuple[Stitch, ...] = ()
    if thread:
        stitches = (
            Stitch(points(tuple(b - along * 0.5 + across * 0.3), tuple(c - along * 0.5 - across * 0.3)), thread),
            Stitch(points(tuple(a + along * 0.5 + across * 0.3), tuple(d + along * 0.5 - across * 0.3)), thread),
        )
    return Piece(
        outline,
        cloth,
        grain=math.degrees(angle) - 90,
        tube=Tube(((*middle, reach), (*end, reach)), 0.5),
        rim=0.5,
        thickness=0.16,
        shadow=0.3,
        reach=0.4,
        folds=0.4,
        stitches=stitches,
    )


def hem_band(body: Body, cloth: Cloth, height: float, *, narrow: float = 0.8) -> Piece:
    """Return a ribbed band below the hem."""
    top = hem_line(body) - (0.0, 0.6)
    bottom = (hem_line(body) * ((body.hem - narrow) / body.hem, 1.0)) + (0.0, height)
    return Piece(
        joined(top, bottom[::-1]),
        cloth,
        tube=Tube(((0, -30, body.chest), (0, 130, body.hem)), 0.5),
        rim=0.7,
        thickness=0.25,
        shadow=0.3,
        reach=0.4,
        folds=0.5,
    )


def belt(y: float, half: float, width: float, cloth: Cloth, *, tie: bool = False, buckle: str = "") -> list[Piece]:
    """Return a belt around a waist of that half width, tied or buckled."""
    top = spline([(-half, y - 0.4), (0, y + 0.6), (half, y - 0.4)])
    strap = Piece(
        joined(top, (shifted(top, 0, width))[::-1]),
        cloth,
        grain=90,
        tube=Tube(((0, y - 40, half), (0, y + 40, half)), 0.5),
        rim=0.4,
        thickness=0.14,
        shadow=0.4,
        reach=0.6,
        folds=0.6,
    )
    pieces = [strap]
    if tie:
        for turn, length in ((14, 24), (-9, 29)):
            tail = turned(rectangle(-width * 0.5, y + 1, width * 0.5, y + length), -turn, (0, y + 1))
            pieces.append(Piece(tail, cloth, grain=-turn, rim=0.4, thickness=0.16, shadow=0.42, reach=0.7, folds=1.0))
        knot = ellipse(0.1, y + width * 0.6, width * 0.62, width * 0.66)
        pieces.append(Piece(knot, cloth, rim=1.2, thickness=0.7, shadow=0.5, reach=0.6, folds=0))
    if buckle:
        frame = rectangle(-width * 0.72, y - 0.1, width * 0.72, y + width + 1.1)
        metal = Cloth(buckle, "smooth", gloss=1.0)
        pieces.append(Piece(frame, metal, rim=0.35, thickness=0.25, shadow=0.5, reach=0.4, folds=0))
        pieces.append(
            Piece(
                rectangle(-width * 0.4, y + 0.7, width * 0.42, y + width + 0.3),
                cloth,
                folds=0,
                thickness=0.0,
                shadow=0,
                tone=0.85,
            )
        )
        pieces.append(
            Piece(
                rectangle(-width * 0.7, y + width * 0.5, width * 0.3, y + width * 0.5 + 0.4),
                metal,
                rim=0.2,
                shadow=0.4,
                reach=0.3,
                folds=0,
            )
        )
    return pieces


def cord(line: Points, colour: str, width: float = 0.55) -> Piece:
    """Return a drawstring."""
    return Piece(
        band(beside(line, -width / 2), width),
        Cloth(colour, "canvas"),
        rim=width * 0.6,
        thickness=0.26,
        shadow=0.45,
        reach=0.4,
        folds=0,
    )


def side_slits(body: Body) -> tuple[Points, ...]:
    """Return the seams of the body's sides, a little inside the edge."""
    line = side_seam(body) - (0.5, 0)
    return (line, mirrored(line))
