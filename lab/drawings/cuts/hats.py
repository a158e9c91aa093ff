"""Beanies, caps and berets, seen from the front or a little from the side."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from lab.drawings.cuts.brims import HatCut, brimmed, bucket, dome
from lab.drawings.cuts.parts import stud
from lab.drawings.geometry import band, ellipse, joined, points, ring, shifted, spline
from lab.drawings.piece import Cloth, Crease, Garment, Piece, Stitch, Tube


def beanie(cloth: Cloth, cut: HatCut, rng: np.random.Generator) -> list[Piece]:
    """Return a knitted hat with a turned-up edge."""
    tube = Tube(((0, -40, 11.5), (0, 20, 12.2)), 0.5)
    crown = dome(11.6, 19.5, 1.0)
    folds = tuple(
        Crease(spline([(x * 0.25, -19), (x * 0.8, -15), (x, -9)]), 1.0, rng.uniform(-0.3, -0.12))
        for x in (-8.5, -5, -1.6, 2, 5.4, 8.4)
    )
    pieces = []
    if cut.bobble:
        ball = Piece(
            ring([(0, -26.4), (3.7, -24.6), (4.1, -20.9), (2.2, -17.9), (-2.2, -17.9), (-4.1, -20.9), (-3.7, -24.6)]),
            Cloth(cut.bobble, "boucle"),
            rim=4,
            thickness=2.4,
            shadow=0.5,
            reach=0.9,
            fuzz=0.45,
            folds=0,
        )
        pieces.append(ball)
    pieces.insert(
        0,
        Piece(
            joined(crown, points((12, 2), (-12, 2))),
            cloth,
            tube=tube,
            rim=4.5,
            thickness=1.7,
            creases=folds,
            shadow=0.3,
            folds=0.8,
        ),
    )
    lower = spline([(12.5, 5.4), (6, 6.5), (0, 6.9), (-6, 6.5), (-12.5, 5.4)])
    upper = spline([(-12.3, -2.2), (-6, -1.2), (0, -0.9), (6, -1.2), (12.3, -2.2)])
    turned = Piece(
        joined(upper, lower),
        cloth,
        tube=Tube(((0, -40, 12.4), (0, 40, 12.4)), 0.5),
        rim=1.0,
        thickness=0.5,
        shadow=0.45,
        reach=0.7,
        folds=0.5,
    )
    pieces.append(turned)
    if cut.badge:
        pieces.append(
            Piece(
                points((1.6, 0.8), (6.0, 0.7), (6.0, 4.2), (1.6, 4.3)),
                Cloth(cut.badge, "leather"),
                rim=0.25,
                thickness=0.1,
                shadow=0.35,
                reach=0.3,
                folds=0.2,
            )
        )
    return pieces


def cap(cloth: Cloth, cut: HatCut, rng: np.random.Generator) -> list[Piece]:
    """Return a cap of six panels, its peak turned to the left."""
    thread = cut.thread or cloth.colour
    crown = joined(
        spline(
            [
                (-10.6, 0),
                (-10.4, -6.4),
                (-7.4, -11.6),
                (-1.5, -13.6),
                (4.6, -12.6),
                (9.4, -8.4),
                (11.0, -2.4),
                (10.8, 1.6),
            ]
        ),
        spline([(10.8, 1.6), (0, 1.0), (-10.6, 0)])[1:],
    )
    front_seam = spline([(-4.6, 0.5), (-4.2, -7), (-0.4, -13.3)])
    back_seam = spline([(5.6, 1.2), (5.2, -6.4), (0.6, -13.3)])
    peak = joined(
        spline([(-10.9, -1.4), (-14.6, -0.4), (-19.6, 2.6), (-20.6, 5.0), (-17.8, 5.6)]),
        spline([(-17.8, 5.6), (-10, 3.4), (-3, 2.4), (3.0, 1.6)])[1:],
        spline([(3.0, 1.6), (-3.4, -0.6), (-10.9, -1.4)])[1:],
    )
    rows = tuple(
        Stitch(
            spline(
                [(-12.0 - k * 1.3, -0.2 + k * 0.9), (-8.0 - k * 2.2, 1.7 + k * 0.72), (0.0 - k * 1.2, 1.2 + k * 0.33)]
            ),
            thread,
            0.26,
            0.08,
        )
        for k in range(1, 5)
    )
    pieces = [
        Piece(
            crown,
            cloth,
            tube=Tube(((0.4, -40, 11), (0.4, 20, 11.2)), 0.45),
            rim=3.6,
            thickness=1.6,
            seams=(front_seam, back_seam),
            stitches=(
                Stitch(shifted(front_seam, 0.5, 0), thread, 0.26, 0.08),
                Stitch(front_seam - (0.5, 0), thread, 0.26, 0.08),
                Stitch(shifted(back_seam, 0.5, 0), thread, 0.26, 0.08),
                Stitch(back_seam - (0.5, 0), thread, 0.26, 0.08),
            ),
            shadow=0.3,
            folds=0.35,
            creases=(Crease(spline([(-9, -3), (-6, -5)]), 1.2, rng.uniform(-0.3, -0.1)),),
        ),
        stud(-0.1, -13.5, cloth.colour, 0.75),
        Piece(
            peak,
            cloth.plain(cut.trim) if cut.trim else cloth,
            rim=1.4,
            thickness=0.8,
            shadow=0.5,
            reach=1.2,
            folds=0.15,
            stitches=rows,
        ),
    ]
    for x, y in ((-7.4, -7.0), (1.6, -8.4), (8.2, -6.0)):
        pieces.insert(
            2,
            Piece(ellipse(x, y, 0.36, 0.42, 16), cloth.plain(), tone=0.5, rim=0.2, thickness=-0.05, shadow=0, folds=0),
        )
    if cut.badge:
        pieces.insert(
            2,
            Piece(
                points((-8.7, -5.9), (-5.9, -6.3), (-5.7, -3.6), (-8.6, -3.3)),
                Cloth(cut.badge, "canvas"),
                rim=0.3,
                thickness=0.12,
                shadow=0.3,
                reach=0.3,
                folds=0,
            ),
        )
    return pieces


def beret(cloth: Cloth, cut: HatCut, rng: np.random.Generator) -> list[Piece]:
    """Return a beret, fallen to one side."""
    disc = ring(
        [
            (-13.4, -2.0),
            (-14.6, -5.6),
            (-10.0, -10.0),
            (0, -12.0),
            (10.4, -10.6),
            (16.2, -6.0),
            (16.6, -1.4),
            (12.4, 1.6),
            (0, 2.4),
            (-9.6, 1.4),
        ]
    )
    folds = tuple(
        Crease(spline([(x, 1.2), (x * 1.12 + 0.6, -2.2), (x * 1.15 + 1.4, -5.4)]), 1.4, rng.uniform(-0.4, 0.3))
        for x in (-9, -5, -1, 3.4, 7.4, 11)
    )
    edge = spline([(-8.4, -1.0), (-4, 0.9), (2, 1.4), (9.2, -0.6)])
    low = spline([(9.4, 1.6), (6.4, 3.3), (1.6, 4.0), (-4.4, 3.3), (-8.0, 1.4)])
    stalk = band(spline([(1.2, -12.0), (1.5, -13.1), (1.4, -14.0)]), 0.55)
    return [
        Piece(stalk, cloth, rim=0.3, shadow=0.2, folds=0),
        Piece(
            joined(edge, low),
            cloth.plain(cut.trim or None),
            grain=90,
            tube=Tube(((0, -30, 9.8), (0, 30, 9.8)), 0.5),
            rim=0.5,
            thickness=0.2,
            shadow=0.4,
            reach=0.6,
            folds=0.3,
        ),
        Piece(disc, cloth, rim=4.2, thickness=2.4, creases=folds, shadow=0.45, folds=0.7),
    ]


_KINDS: dict[str, Callable[[Cloth, HatCut, np.random.Generator], list[Piece]]] = {
    "beanie": beanie,
    "cap": cap,
    "bucket": bucket,
    "fedora": brimmed,
    "sun": brimmed,
    "beret": beret,
}


def hat(cloth: Cloth, cut: HatCut, rng: np.random.Generator) -> Garment:
    """Return a hat of that kind."""
    garment = Garment(focus=(0.0, -4.0, 33.0))
    garment.add(*(replace(piece) for piece in _KINDS[cut.kind](cloth, cut, rng)))
    return garment
