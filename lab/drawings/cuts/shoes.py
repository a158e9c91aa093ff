"""Shoes from the side, toe to the left: an upper of several pieces on a sole, in pairs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from lab.drawings.cuts import lasts
from lab.drawings.cuts.lasts import ShoeCut
from lab.drawings.cuts.sneakers import runner, sneaker
from lab.drawings.geometry import Points, joined, points, ring, shifted, spline
from lab.drawings.piece import Cloth, Crease, Garment, Piece, Tube


def boot(cloth: Cloth, cut: ShoeCut) -> list[Piece]:
    """Return an ankle boot with elastic sides, or with laces."""
    thread = cut.thread or "#2f2621"
    body = joined(
        spline(
            [
                (0.6, -2.6),
                (0.7, -4.6),
                (3.0, -6.2),
                (8.0, -7.4),
                (12.4, -9.4),
                (14.6, -13.0),
                (15.0, -18.0),
                (14.4, -23.4),
            ]
        ),
        spline([(14.4, -23.4), (20.5, -24.2), (27.6, -24.0)])[1:],
        spline([(27.6, -24.0), (27.0, -17.0), (27.4, -11.5), (28.9, -7.0), (28.6, -2.6)])[1:],
        points((20, -1.4), (6, -1.2)),
    )
    inside = joined(spline([(14.6, -23.2), (20.5, -24.9), (27.4, -23.8)]), points((20.5, -22.6)))
    sole = joined(
        spline([(0.2, -3.0), (8, -2.4), (16, -2.6), (28.9, -3.2)]),
        spline([(28.9, -3.2), (29.2, -1.6), (28.7, 0)])[1:],
        points((21.0, 0), (20.4, -1.3)),
        spline([(20.4, -1.3), (12, -0.4), (5, -0.1), (1.0, -1.0), (0.2, -3.0)])[1:],
    )
    pieces = [
        Piece(inside, Cloth(cut.lining, "suede"), tone=0.5, shadow=0, thickness=0, folds=0),
        lasts.upper(
            body,
            cloth,
            rim=2.2,
            thickness=1.3,
            tube=Tube(((21, -50, 7.2), (21, -13, 7.6)), 0.35),
            folds=0.5,
            creases=(
                Crease(spline([(10.4, -8.2), (11.6, -6.4), (11.8, -4.6)]), 0.8, -0.16),
                Crease(spline([(12.8, -10.2), (15.2, -9.2), (18, -9.6)]), 1.1, -0.2),
                Crease(spline([(14.6, -13.4), (17.2, -12.4), (20, -12.8)]), 1.1, -0.16),
            ),
        ),
    ]
    if cut.kind == "lace-boot":
        stay = spline(
            [
                (12.0, -9.0),
                (14.4, -12.6),
                (14.9, -18),
                (14.5, -23.2),
                (18.2, -23.4),
                (18.0, -17),
                (17.4, -12.2),
                (15.4, -8.6),
                (12.8, -7.6),
            ]
        )
        pieces.append(lasts.trim(stay, cloth, thread))
        pieces += lasts.laces(
            [(15.3, -10.2), (16.3, -12.6), (16.6, -15.2), (16.8, -17.8), (16.9, -20.4), (16.8, -22.6)], (2.0, 0.4), cut
        )
        toe = joined(
            spline([(0.6, -2.6), (0.7, -4.6), (3.0, -6.2), (7.0, -7.1)]),
            spline([(7.0, -7.1), (9.2, -5.2), (9.6, -2.6)])[1:],
        )
        pieces.append(lasts.trim(toe, cloth, thread))
    else:
        gore = joined(spline([(19.2, -23.9), (19.9, -16), (21.6, -11.0), (23.4, -16), (24.0, -23.9)]))
        pieces.append(Piece(gore, Cloth(cut.accent, "rib"), shadow=0.25, reach=0.3, thickness=0.04, rim=0.3, folds=0.2))
        loop = points((25.2, -26.6), (26.6, -26.6), (26.8, -20.8), (25.4, -20.8))
        pieces.append(lasts.trim(loop, Cloth(cut.accent, "canvas")))
    pieces.append(
        lasts.sole(sole, cut.sole, spline([(0.5, -2.2), (8, -1.6), (16, -1.8), (29, -2.4)]), thread=cut.thread)
    )
    return pieces


def loafer(cloth: Cloth, cut: ShoeCut) -> list[Piece]:
    """Return a leather loafer, or an Oxford with laces."""
    thread = cut.thread or cloth.colour
    lace = cut.kind == "oxford"
    throat = [(10.6, -8.4), (13.4, -10.4), (15.4, -11.2)] if not lace else [(10.2, -8.0), (13.6, -10.4), (17.0, -12.2)]
    body = joined(
        spline([(0.2, -2.2), (0.5, -3.8), (3.0, -5.4), (7.0, -6.8), *throat]),
        spline([throat[-1], (18.0, -9.6), (22.4, -8.4), (26.2, -9.6), (28.6, -11.2)])[1:],
        spline([(28.6, -11.2), (29.2, -8.4), (28.5, -5.4), (28.7, -2.4)])[1:],
        points((21, -1.2), (12, -1), (5, -0.9)),
    )
    inside = spline([throat[-1], (19, -9.4), (24, -8.6), (28.4, -11.0), (24, -10.4), (18.6, -11.4), throat[-1]])
    sole = joined(
        spline([(-0.2, -2.6), (8, -1.6), (18, -2.0), (29.0, -2.8)]),
        points((29.2, 0), (21.4, 0), (21.0, -0.9)),
        spline([(21.0, -0.9), (13, -0.7), (6, -0.3), (1.4, -0.7), (-0.4, -1.8), (-0.2, -2.6)])[1:],
    )
    pieces = [
        Piece(inside, Cloth(cut.lining, "leather"), tone=0.55, shadow=0, thickness=0, folds=0),
        lasts.upper(
            body,
            cloth,
            creases=(
                Crease(spline([(8.0, -6.8), (9.4, -5.0), (9.6, -3.4)]), 0.8, -0.14),
                Crease(spline([(9.6, -7.4), (11.2, -5.6), (11.4, -3.8)]), 0.8, -0.12),
            ),
        ),
    ]
    if lace:
        stay = spline(
            [(9.6, -7.2), (13.6, -10.4), (17.0, -12.2), (19.0, -10.2), (17.2, -7.2), (13.4, -5.4), (10.4, -5.6)]
        )
        cap = joined(
            spline([(0.2, -2.2), (0.5, -3.8), (3.0, -5.4), (5.4, -6.3)]),
            spline([(5.4, -6.3), (7.0, -4.6), (7.2, -2.2)])[1:],
        )
        pieces += [lasts.trim(cap, cloth, thread), lasts.trim(stay, cloth, thread)]
        pieces += lasts.laces([(11.6, -7.4), (13.3, -8.6), (14.9, -9.8), (16.4, -11.0)], (1.3, 0.9), cut)
    else:
        apron = spline([(2.0, -4.0), (6.4, -5.0), (10.6, -5.8), (13.4, -7.4)])
        saddle = spline(
            [(10.4, -8.2), (13.6, -10.6), (14.8, -10.4), (15.6, -7.4), (16.6, -2.4), (12.4, -2.2), (11.6, -5.6)]
        )
        pieces.append(
            replace(
                lasts.trim(
                    spline(
                        [
                            (2.0, -4.2),
                            (6.4, -5.2),
                            (10.6, -6.0),
                            (13.4, -7.6),
                            (13.4, -7.3),
                            (10.6, -5.7),
                            (6.4, -4.9),
                            (2.0, -3.9),
                        ]
                    ),
                    cloth,
                ),
                seams=(apron,),
            )
        )
        pieces.append(lasts.trim(saddle, cloth, thread))
        pieces.append(
            lasts.trim(
                spline([(11.9, -8.3), (13.6, -9.1), (14.2, -7.6), (12.6, -6.9)]), cloth.plain(cut.accent), tone=0.9
            )
        )
    pieces.append(
        lasts.sole(sole, cut.sole, spline([(0.2, -1.9), (8, -1.1), (18, -1.4), (29.0, -2.0)]), thread=cut.thread)
    )
    return pieces


def pump(cloth: Cloth, cut: ShoeCut) -> list[Piece]:
    """Return a shoe with a heel, or a ballerina when the heel is low."""
    h = cut.heel

    def up(x: float) -> float:
        """Return how high the foot stands above the ground there."""
        share = min(max((x - 7.0) / 14.0, 0), 1)
        return h * share * share * (3 - 2 * share)

    body = joined(
        spline([(0.0, -0.9), (0.8, -2.3), (4.0, -3.6), (7.0, -4.7 - up(7))]),
        spline(
            [
                (7.0, -4.7 - up(7)),
                (9.6, -3.4 - up(9.6)),
                (15.0, -3.0 - up(15.0)),
                (20.0, -4.2 - up(20)),
                (24.6, -7.2 - h),
            ]
        )[1:],
        spline([(24.6, -7.2 - h), (25.5, -5.4 - h), (25.0, -2.6 - h), (24.6, -0.6 - h)])[1:],
        spline([(24.6, -0.6 - h), (20.0, -0.7 - up(20)), (15.0, -0.7 - up(15)), (8.0, -0.6), (3.0, -0.4), (0.0, -0.9)])[
            1:
        ],
    )
    inside = spline(
        [
            (7.0, -4.5 - up(7)),
            (12, -4.4 - up(12)),
            (18, -5.6 - up(18)),
            (24.5, -7.0 - h),
            (20, -4.0 - up(20)),
            (14, -2.9 - up(14)),
            (9.6, -3.2 - up(9.6)),
        ]
    )
    base = spline([(0.0, -1.0), (3.0, -0.5), (8.0, -0.7), (15, -0.8 - up(15)), (20, -0.8 - up(20)), (24.7, -0.7 - h)])
    sole = joined(base, (shifted(base, 0, 0.62))[::-1])
    thin = 2.4 if h > 4 else 5.0
    post = joined(
        spline(
            [(20.0, -0.8 - up(20)), (22.2, -0.5 - h * 0.72), (24.3 - thin * 0.55, -h * 0.35), (24.4 - thin * 0.5, 0)]
        ),
        points((24.6, 0)),
        spline([(24.6, 0), (24.7, -h * 0.5), (24.9, -0.6 - h)])[1:],
    )
    pieces = [
        Piece(inside, Cloth(cut.lining, "leather"), tone=0.62, shadow=0, thickness=0, folds=0),
        lasts.sole(post, cut.sole if h < 3 else cloth.colour),
        lasts.sole(sole, cut.sole),
        lasts.upper(body, cloth, rim=1.1, thickness=0.7),
    ]
    if cut.thread:
        strap = spline([(17.0, -3.0 - up(17)), (16.4, -7.6 - up(16)), (18.2, -9.6 - up(18))])
        pieces.append(
            Piece(
                joined(strap, (shifted(strap, 1.0, 0.1))[::-1]),
                cloth,
                rim=0.3,
                thickness=0.14,
                shadow=0.3,
                reach=0.3,
                folds=0,
            )
        )
    elif h < 3:
        bow = ring([(5.2, -5.2), (6.8, -4.9), (8.4, -5.8), (8.2, -4.4), (6.8, -4.5), (5.4, -3.9)])
        pieces.append(lasts.trim(bow, cloth))
    return pieces


_KINDS: dict[str, Callable[[Cloth, ShoeCut], list[Piece]]] = {
    "sneaker": sneaker,
    "runner": runner,
    "boot": boot,
    "lace-boot": boot,
    "loafer": loafer,
    "oxford": loafer,
    "pump": pump,
}


def shoes(cloth: Cloth, cut: ShoeCut, rng: np.random.Generator) -> Garment:
    """Return a pair: one shoe before the other."""
    garment = Garment(stands=True)
    one = _KINDS[cut.kind](cloth, cut)
    away = np.array((4.4 + rng.uniform(-0.6, 0.6), -3.6))
    for piece in one:
        garment.add(_moved(replace(piece, tone=piece.tone * 0.86), away, 0.96))
    first = True
    for piece in one:
        garment.add(replace(piece, shadow=0.5, reach=1.4) if first else piece)
        first = False
    _, top, _, bottom = garment.bounds()
    garment.focus = 14.0, (top + bottom) / 2 + 1.0, 31.0
    return garment


def _moved(piece: Piece, away: Points, size: float) -> Piece:
    """Return the piece in another place and size, with all that is on it."""

    def move(line: Points) -> Points:
        return line * size + away

    tube = piece.tube and replace(
        piece.tube, nodes=tuple((x * size + away[0], y * size + away[1], r * size) for x, y, r in piece.tube.nodes)
    )
    return replace(
        piece,
        outline=move(piece.outline),
        tube=tube,
        creases=tuple(replace(crease, line=move(crease.line)) for crease in piece.creases),
        seams=tuple(move(seam) for seam in piece.seams),
        stitches=tuple(replace(stitch, line=move(stitch.line)) for stitch in piece.stitches),
    )
