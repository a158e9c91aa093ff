"""What all shoes are made of: uppers, trims, soles, laces."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from lab.drawings.cuts.parts import cord
from lab.drawings.geometry import Points, ellipse, spline
from lab.drawings.piece import Cloth, Piece, Stitch


@dataclass(frozen=True)
class ShoeCut:
    """The kind of shoe, and the colours beside its main cloth."""

    kind: str = "sneaker"
    sole: str = "#f3f1ec"
    accent: str = "#ffffff"
    laces: str = "#f6f4ef"
    lining: str = "#d9d3c8"
    thread: str = ""
    heel: float = 7.0


def upper(outline: Points, cloth: Cloth, **more: object) -> Piece:
    base = Piece(outline, cloth, rim=1.6, thickness=0.9, shadow=0.35, reach=0.5, folds=0.25)
    return replace(base, **more)  # type: ignore[arg-type]  # only Piece's own fields are named here


def trim(outline: Points, cloth: Cloth, thread: str = "", tone: float = 1.0) -> Piece:
    """Return a piece sewn on the upper, with a stitched edge."""
    middle = outline.mean(axis=0)
    size = np.ptp(outline, axis=0)
    edge = middle + (outline - middle) * np.maximum(1 - 0.5 / np.maximum(size, 1.2), 0.5)
    stitches = (Stitch(np.vstack([edge, edge[:1]]), thread, 0.2, 0.07),) if thread else ()
    return Piece(
        outline, cloth, tone=tone, rim=0.35, thickness=0.1, shadow=0.35, reach=0.25, folds=0.25, stitches=stitches
    )


def sole(outline: Points, colour: str, *seams: Points, weave: str = "smooth", thread: str = "") -> Piece:
    stitches = (Stitch(seams[0], thread, 0.3, 0.1),) if thread and seams else ()
    return Piece(
        outline,
        Cloth(colour, weave, gloss=0.12),
        rim=0.8,
        thickness=0.35,
        shadow=0.4,
        reach=0.35,
        folds=0,
        seams=tuple(seams),
        stitches=stitches,
    )


def laces(places: list[tuple[float, float]], reach: tuple[float, float], cut: ShoeCut) -> list[Piece]:
    """Return laces that cross the tongue, with their eyelets and a bow at the last."""
    pieces = []
    for x, y in places:
        line = spline([(x, y), (x - reach[0] * 0.45, y - reach[1] * 0.75 - 0.25), (x - reach[0], y - reach[1])])
        pieces.append(
            Piece(ellipse(x + 0.1, y + 0.1, 0.27, 0.27, 14), Cloth("#2d2a29", "smooth"), shadow=0, thickness=0, folds=0)
        )
        pieces.append(cord(line, cut.laces, 0.62))
    x, y = places[-1]
    for dx, dy, bow in ((3.6, 2.6, 0.4), (-3.0, 2.6, 0.9), (2.2, 4.4, 0.1)):
        start = x - reach[0] * 0.45, y - reach[1] * 0.8
        pieces.append(
            cord(
                spline([start, (start[0] + dx * 0.7, start[1] + dy * 0.1 - bow), (start[0] + dx, start[1] + dy)]),
                cut.laces,
                0.5,
            )
        )
    return pieces
