"""Hats with a brim: bucket hats, fedoras, sun hats. Seen from a little above."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lab.drawings.geometry import Points, joined, mirrored, points, shifted, spline
from lab.drawings.piece import Cloth, Crease, Piece, Stitch, Tube


@dataclass(frozen=True)
class HatCut:
    """The kind of hat, and the colours beside its main cloth."""

    kind: str = "beanie"
    trim: str = "#2d2a28"
    thread: str = ""
    bobble: str = ""
    badge: str = ""


def dome(half: float, height: float, top: float, square: float = 0.0) -> Points:
    """Return a crown from its left to its right end, base at y = 0."""
    right = spline(
        [
            (0, -height),
            (half * (0.42 + square * 0.3), -height + 0.7 + top * 0.2),
            (half * 0.82, -height * (0.72 + square * 0.12)),
            (half * 0.98, -height * 0.36),
            (half, 0),
        ]
    )
    return joined(mirrored(right), right[1:])


def bucket(cloth: Cloth, cut: HatCut, rng: np.random.Generator) -> list[Piece]:
    """Return a bucket hat."""
    thread = cut.thread or cloth.colour
    crown = joined(
        spline([(-9.8, 0.6), (-9.0, -5), (-8.2, -10.2)]),
        spline([(-8.2, -10.2), (-4.6, -11.5), (0, -11.8), (4.6, -11.5), (8.2, -10.2)])[1:],
        spline([(8.2, -10.2), (9.0, -5), (9.8, 0.6)])[1:],
        points((0, 3.4)),
    )
    rim_line = spline([(8.1, -10.0), (4.6, -9.0), (0, -8.6), (-4.6, -9.0), (-8.1, -10.0)])
    brim = joined(
        spline([(-9.9, -0.6), (-13.0, 3.4), (-16.0, 7.6)]),
        spline([(-16.0, 7.6), (-9.5, 9.6), (0, 10.3), (9.5, 9.6), (16.0, 7.6)])[1:],
        spline([(16.0, 7.6), (13.0, 3.4), (9.9, -0.6)])[1:],
        spline([(9.9, -0.6), (0, 1.3), (-9.9, -0.6)])[1:],
    )
    rows = tuple(
        Stitch(
            spline(
                [
                    (-10.6 - k * 1.35, 1.4 + k * 1.52),
                    (-6, 3.1 + k * 1.62),
                    (0, 3.4 + k * 1.7),
                    (6, 3.1 + k * 1.62),
                    (10.6 + k * 1.35, 1.4 + k * 1.52),
                ]
            ),
            thread,
            0.3,
            0.09,
        )
        for k in range(4)
    )
    seam = spline([(2.0, -8.7), (2.3, -4), (2.5, 0.8)])
    dents = tuple(
        Crease(spline([(x, 2.0), (x * 1.2, 5.5), (x * 1.32, 9.0)]), 2.2, rng.uniform(-0.4, 0.4))
        for x in (-8, -2.5, 3.0, 8.5)
    )
    return [
        Piece(
            crown,
            cloth,
            tube=Tube(((0, -40, 9.0), (0, 20, 9.9)), 0.5),
            rim=1.2,
            thickness=0.5,
            shadow=0.3,
            folds=0.7,
            seams=(rim_line, seam),
            stitches=(Stitch(shifted(rim_line, 0, 0.6), thread, 0.3, 0.09),),
        ),
        Piece(
            brim,
            cloth,
            tube=Tube(((0, -40, 10), (0, 9, 16)), 0.5),
            rim=0.6,
            thickness=0.25,
            shadow=0.5,
            reach=1.0,
            folds=0.7,
            stitches=rows,
            creases=dents,
        ),
    ]


def brimmed(cloth: Cloth, cut: HatCut, rng: np.random.Generator) -> list[Piece]:
    """Return a hat with a wide brim: a fedora or a sun hat, seen from a little above."""
    sun = cut.kind == "sun"
    wide, deep = (22.0, 7.4) if sun else (16.4, 4.6)
    half, height = (9.6, 9.6) if sun else (9.2, 11.4)
    angle = np.linspace(0, 2 * np.pi, 80, endpoint=False)
    sway = 1 + 0.02 * np.sin(3 * angle + rng.uniform(0, 6))
    brim = np.stack(
        [wide * np.cos(angle) * sway, 1.0 + deep * np.sin(angle) * sway - (0 if sun else 1.0) * np.cos(angle) ** 2],
        axis=1,
    )
    ridges = tuple(
        np.stack([wide * share * np.cos(angle), 1.0 + deep * share * np.sin(angle)], axis=1)
        for share in ((0.66, 0.78, 0.9) if sun else (0.955,))
    )
    if sun:
        top = dome(half, height, 0.6, 0.6)
        crown = joined(top, spline([(half, 0), (half * 0.6, 2.1), (0, 2.9), (-half * 0.6, 2.1), (-half, 0)])[1:])
        creases: tuple[Crease, ...] = ()
    else:
        crown = joined(
            spline(
                [
                    (-half, 0.4),
                    (-half * 0.95, -5),
                    (-half * 0.84, -height * 0.84),
                    (-half * 0.52, -height - 0.3),
                    (0, -height + 1.1),
                    (half * 0.52, -height - 0.3),
                    (half * 0.84, -height * 0.84),
                    (half * 0.95, -5),
                    (half, 0.4),
                ]
            ),
            spline([(half, 0.4), (half * 0.6, 2.0), (0, 2.6), (-half * 0.6, 2.0), (-half, 0.4)])[1:],
        )
        creases = (
            Crease(spline([(-4.4, -10.4), (-3.2, -7.6), (-3.6, -5)]), 1.8, -0.55),
            Crease(spline([(4.4, -10.4), (3.2, -7.6), (3.6, -5)]), 1.8, -0.55),
        )
    line = spline([(-half * 0.985, -3.4), (-half * 0.6, -1.5), (0, -0.8), (half * 0.6, -1.5), (half * 0.985, -3.4)])
    low = spline([(half, -0.2), (half * 0.6, 1.6), (0, 2.3), (-half * 0.6, 1.6), (-half, -0.2)])
    tube = Tube(((0, -40, half), (0, 20, half)), 0.5)
    brim_piece = Piece(
        brim,
        cloth,
        rim=1.2,
        thickness=0.4,
        shadow=0.3,
        seams=ridges if sun else (),
        stitches=tuple(Stitch(r, cut.thread or cloth.colour, 0.0, 0.07) for r in ridges) if not sun else (),
        folds=0.6,
    )
    return [
        brim_piece,
        Piece(crown, cloth, tube=tube, rim=2.0, thickness=0.9, shadow=0.55, reach=1.8, folds=0.5, creases=creases),
        Piece(
            joined(line, low),
            Cloth(cut.trim, "rib" if not sun else "smooth", gloss=0.1),
            grain=90,
            tube=tube,
            rim=0.4,
            thickness=0.14,
            shadow=0.3,
            reach=0.4,
            folds=0.2,
        ),
    ]
