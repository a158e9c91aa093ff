"""Collars of coats and jackets: lapels, stands, hoods."""

from __future__ import annotations

from dataclasses import replace

from lab.drawings.cuts.tops import Body, inside_back, label
from lab.drawings.geometry import beside, joined, points, spline
from lab.drawings.piece import Cloth, Piece, Stitch, reflected


def lapels(body: Body, cloth: Cloth, *, wide: float = 1.0) -> list[Piece]:
    """Return the right collar and the right lapel; the break is at the bottom of a v neck."""
    d = body.neck_depth
    gorge_in, gorge_out = (body.neck * 0.86, d * 0.2), (body.neck + 4.6 * wide, d * 0.23 + 2.4)
    tip = body.neck + 6.6 * wide, d * 0.25 + 1.6
    lapel = joined(
        spline([(-0.4, d + 0.5), (body.neck * 0.42, d * 0.56), gorge_in]),
        points(gorge_out, tip),
        spline([tip, (body.neck * 0.95 + 2.2 * wide, d * 0.52), (body.neck * 0.45 + 1.2, d * 0.84), (-0.4, d + 0.5)])[
            1:
        ],
    )
    collar = joined(
        spline([gorge_in, (body.neck * 0.97, -0.6), (body.neck * 0.86, -3.2)]),
        spline([(body.neck * 0.86, -3.2), (body.neck * 1.32, -0.6), (body.neck + 3.3, d * 0.16)])[1:],
        points((body.neck + 5.2 * wide, d * 0.23 + 0.4), (gorge_out[0] - 0.5, gorge_out[1])),
    )
    stitch = Stitch(beside(lapel[-11:], 0.6), cloth.colour)
    return [
        Piece(collar, cloth, grain=-25, rim=0.6, thickness=0.25, shadow=0.4, reach=0.9, folds=0.3),
        Piece(lapel, cloth, grain=12, rim=0.6, thickness=0.25, shadow=0.5, reach=1.2, folds=0.3, stitches=(stitch,)),
    ]


def back_collar(body: Body, cloth: Cloth, lining: str) -> list[Piece]:
    """Return the inside of the back, its lining, and the collar that stands behind the neck."""
    n = body.neck
    top = spline([(-n * 0.96, -2.7), (-n * 0.5, -3.9), (0, -4.1), (n * 0.5, -3.9), (n * 0.96, -2.7)])
    stand = joined(top, spline([(n * 1.06, 0.6), (0, 2.2), (-n * 1.06, 0.6)]))
    lined = Cloth(lining, "smooth", gloss=0.15)
    return [
        replace(inside_back(body, lined), tone=0.62),
        Piece(
            stand,
            cloth.plain() if cloth.pattern is None else cloth,
            tone=0.62,
            rim=0.4,
            thickness=0.1,
            shadow=0.3,
            reach=0.5,
            folds=0.2,
        ),
        replace(label(body, "#d9cdb8"), outline=points((-2.4, 3.0), (2.4, 3.0), (2.4, 5.4), (-2.4, 5.4))),
    ]


def hood(body: Body, cloth: Cloth, lining: str) -> tuple[list[Piece], list[Piece]]:
    """Return a hood that lies behind the neck, and its edges before it."""
    n = body.neck
    back = spline(
        [
            (-n - 4.2, 4.5),
            (-n - 4.6, -3),
            (-n * 0.75, -9.4),
            (0, -11.4),
            (n * 0.75, -9.4),
            (n + 4.6, -3),
            (n + 4.2, 4.5),
        ]
    )
    outer = Piece(joined(back, points((0, 8))), cloth, rim=2.2, thickness=1.0, shadow=0.3)
    mouth = spline(
        [
            (-n * 0.9, 2),
            (-n * 0.86, -3.5),
            (-n * 0.45, -6.8),
            (0, -7.8),
            (n * 0.45, -6.8),
            (n * 0.86, -3.5),
            (n * 0.9, 2),
        ]
    )
    inside = Piece(
        joined(mouth, points((n * 0.5, 7), (0, 9), (-n * 0.5, 7))),
        Cloth(lining, "jersey"),
        tone=0.5,
        rim=1.5,
        thickness=-0.4,
        shadow=0,
    )
    edge = joined(
        spline([(0.3, body.neck_depth + 1.4), (n * 0.62, body.neck_depth * 0.62), (n * 0.95, 0.5), (n * 0.86, -3.5)]),
        spline(
            [
                (n * 0.86, -3.5),
                (n + 3.6, -2.5),
                (n + 4.3, 3.8),
                (n * 0.85, body.neck_depth + 1.4),
                (1.0, body.neck_depth + 3.4),
            ]
        )[1:],
    )
    front = Piece(edge, cloth, rim=1.2, thickness=0.5, shadow=0.4, reach=1.0, folds=0.7)
    return [outer, inside], [front, reflected(front)]


def stand_collar(body: Body, cloth: Cloth) -> list[Piece]:
    """Return a collar that stands around the neck, its right half and its left."""
    n, d = body.neck, body.neck_depth
    line = spline([(0.2, d - 3.6), (n * 0.6, d * 0.42 - 3.2), (n * 0.88, -3.0)])
    low = spline([(n * 1.05, 0.6), (n * 0.78, d * 0.72), (0.2, d + 1.0)])
    right = Piece(joined(line, low), cloth, grain=-30, rim=0.7, thickness=0.3, shadow=0.4, reach=0.7, folds=0.3)
    return [right, reflected(right)]
