"""Sneakers and running shoes, from the side."""

from __future__ import annotations

from lab.drawings.cuts import lasts
from lab.drawings.cuts.lasts import ShoeCut
from lab.drawings.geometry import joined, points, spline
from lab.drawings.piece import Cloth, Crease, Piece


def sneaker(cloth: Cloth, cut: ShoeCut) -> list[Piece]:
    """Return a low court shoe with a cup sole."""
    thread = cut.thread or cloth.colour
    inside = joined(
        spline([(16.2, -13.6), (20, -10.4), (24.5, -9.6), (28.2, -12.4)]),
        spline([(28.0, -12.2), (23, -11.2), (18.5, -12.4), (16.2, -13.6)]),
    )
    tongue = spline([(11.2, -8.2), (14.2, -12.4), (15.6, -15.0), (17.3, -15.4), (18.8, -13.6), (17.4, -10.6), (14, -8)])
    body = joined(
        spline([(0.5, -2.2), (0.6, -4.0), (2.4, -5.6), (6.0, -6.8), (10.0, -8.2)]),
        spline([(10.0, -8.2), (13.4, -10.2), (16.6, -13.3)])[1:],
        spline([(16.6, -13.3), (18.2, -12.9), (20.8, -10.6), (24.2, -9.7), (27.2, -11.3), (28.6, -12.8)])[1:],
        spline([(28.6, -12.8), (29.3, -11.6), (29.0, -7.5), (29.4, -4.4), (29.3, -2.0)])[1:],
        points((20, -1), (6, -1)),
    )
    toe = joined(
        spline([(0.5, -1.6), (0.6, -4.0), (2.4, -5.6), (5.0, -6.5)]),
        spline([(5.0, -6.5), (7.2, -5.2), (8.4, -1.6)])[1:],
    )
    stay = joined(
        spline([(9.2, -7.9), (13.4, -10.2), (16.6, -13.3)]),
        spline([(16.6, -13.3), (18.3, -12.6), (18.0, -11.4)])[1:],
        spline([(18.0, -11.4), (15.2, -8.4), (12.0, -6.0), (9.4, -5.6), (8.3, -6.6)])[1:],
    )
    counter = joined(
        spline([(24.3, -1.6), (24.6, -5.2), (26.4, -7.4), (29.0, -8.0)]),
        spline([(29.0, -7.5), (29.4, -4.4), (29.3, -1.6)]),
    )
    tab = joined(
        spline([(26.6, -10.9), (28.6, -12.8), (29.3, -11.6), (29.05, -8.9)]),
        spline([(29.05, -8.9), (27.4, -9.4), (26.6, -10.9)])[1:],
    )
    sole = joined(
        spline([(0.1, -2.7), (5, -2.0), (14, -1.9), (24, -2.3), (29.6, -3.0)]),
        spline([(29.6, -3.0), (30.0, -1.6), (29.4, 0)])[1:],
        spline([(29.4, 0), (15, 0.1), (5, 0), (1.2, -0.5), (0.0, -1.5), (0.1, -2.7)])[1:],
    )
    groove = spline([(0.3, -1.0), (5, -0.5), (15, -0.5), (29.7, -0.7)])
    pieces = [
        Piece(inside, Cloth(cut.lining, "canvas"), tone=0.55, shadow=0, thickness=0, folds=0),
        lasts.upper(tongue, cloth.plain(), thickness=0.35, rim=0.7),
        lasts.upper(
            body,
            cloth,
            creases=(
                Crease(spline([(7.6, -6.6), (8.3, -4.6)]), 0.9, -0.1),
                Crease(spline([(9.3, -7.0), (10.2, -4.9)]), 0.9, -0.1),
            ),
        ),
        lasts.trim(toe, cloth, thread),
        lasts.trim(counter, cloth.plain(cut.accent), thread),
        lasts.trim(tab, cloth.plain(cut.accent), thread),
        lasts.trim(stay, cloth, thread),
        *lasts.laces([(10.3, -7.1), (12.3, -8.2), (14.1, -9.8), (15.6, -11.4), (16.9, -12.7)], (1.9, 1.2), cut),
        lasts.sole(sole, cut.sole, groove, thread="#cfcac0"),
    ]
    stripe = spline([(15.6, -7.6), (18.5, -5.6), (20.6, -2.4), (18.6, -2.3), (16.6, -5.2), (14.4, -6.9)])
    if cut.accent != cloth.colour:
        pieces.insert(5, lasts.trim(stripe, cloth.plain(cut.accent), thread))
    return pieces


def runner(cloth: Cloth, cut: ShoeCut) -> list[Piece]:
    """Return a running shoe: mesh, a thick wedge of foam."""
    inside = spline([(16.0, -13.8), (20, -12.0), (25, -11.6), (29.4, -14.4), (25, -12.8), (19, -13.4), (16.0, -13.8)])
    body = joined(
        spline([(-0.2, -4.2), (0.2, -6.0), (3.0, -7.2), (7.0, -8.0), (11.0, -9.8), (14.5, -12.6), (16.2, -15.4)]),
        spline([(16.2, -15.4), (18.0, -14.6), (21.0, -12.4), (25.0, -11.6), (28.0, -13.2), (30.0, -15.4)])[1:],
        spline([(30.0, -15.4), (30.3, -12.6), (29.2, -9.6), (30.0, -6.6), (30.2, -4.6)])[1:],
    )
    overlay = spline(
        [
            (12.6, -10.0),
            (15.0, -8.6),
            (19.4, -4.8),
            (23.2, -4.4),
            (20.0, -8.0),
            (18.6, -12.6),
            (16.4, -13.6),
            (14.4, -12.0),
        ]
    )
    heel = joined(spline([(23.6, -4.6), (25.4, -8.4), (29.3, -10.2)]), points((30.0, -6.6), (30.2, -4.6)))
    toe = joined(spline([(-0.2, -4.2), (0.2, -6.0), (2.6, -7.0)]), spline([(2.6, -7.0), (4.8, -5.8), (6.6, -4.0)])[1:])
    foam = joined(
        spline([(-0.9, -4.6), (4, -3.9), (12, -4.4), (21, -5.0), (31.0, -6.4)]),
        spline([(31.0, -6.4), (31.9, -3.8), (30.2, -0.7)])[1:],
        spline([(30.2, -0.7), (20, -0.9), (8, -0.8), (2.2, -1.4), (-0.6, -3.0), (-0.9, -4.6)])[1:],
    )
    tread = joined(
        spline([(30.4, -1.0), (20, -1.2), (8, -1.1), (2.0, -1.8)]),
        spline([(2.0, -1.8), (4.2, -0.2), (12, 0.1), (20, 0.05), (29.6, 0.1), (30.4, -1.0)])[1:],
    )
    wave = spline([(2, -3.0), (8, -2.2), (15, -3.2), (23, -2.6), (31, -4.0)])
    return [
        Piece(inside, Cloth(cut.lining, "canvas"), tone=0.5, shadow=0, thickness=0, folds=0),
        lasts.upper(body, cloth),
        lasts.trim(toe, Cloth(cut.accent, "smooth")),
        lasts.trim(heel, Cloth(cut.accent, "smooth")),
        lasts.trim(overlay, Cloth(cut.accent, "smooth", gloss=0.15)),
        *lasts.laces([(10.8, -8.6), (12.6, -9.6), (14.2, -11.0), (15.7, -12.6), (16.9, -14.0)], (1.8, 1.2), cut),
        lasts.sole(tread, "#3a3a3c"),
        lasts.sole(foam, cut.sole, wave),
    ]
