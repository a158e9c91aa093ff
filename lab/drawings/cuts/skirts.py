"""Skirts, and the skirts of dresses: cloth that falls from the waist."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from lab.drawings.cuts import parts
from lab.drawings.geometry import Points, beside, joined, mirrored, points, shifted, spline
from lab.drawings.piece import Cloth, Crease, Drape, Garment, Piece, Stitch, Tube


@dataclass(frozen=True)
class Fall:
    """A skirt's half measures and its folds, in centimetres from the waist."""

    waist: float = 18.0
    hip: float = 25.0
    hem: float = 36.0
    length: float = 62.0
    count: float = 9.0
    depth: float = 1.1
    kind: str = "soft"
    tiers: int = 1
    wrap: bool = False
    slit: bool = False
    buttons: str = ""
    pockets: bool = False
    dip: float = 2.2  # how much lower the middle of the hem hangs


def skirt_outline(fall: Fall, drape: Drape, top: float, start: float, end: float, flare: tuple[float, float]) -> Points:
    """Return a skirt, or one of its tiers, from `start` to `end` below the waist."""
    above, below = flare
    curve = spline(
        [
            (above, top + start),
            ((above + below) / 2 + (1.2 if fall.hem < 30 else -0.6), top + (start + end) / 2),
            (below, top + end),
        ]
    )
    across = np.linspace(1, -1, 90)
    wave = drape.wave(across.astype(np.float32)) * np.minimum(drape.depth, 1.4) * 0.55
    hem = np.stack([across * below, top + end + fall.dip * (1 - across**2) + wave - wave[0]], axis=1)
    line = spline([(-above, top + start), (0, top + start + 0.8), (above, top + start)])
    return joined(line, curve[1:], hem[1:], mirrored(curve)[1:])


def falling(fall: Fall, cloth: Cloth, rng: np.random.Generator, top: float) -> list[Piece]:
    """Return the pieces of a skirt whose waist is at y = top."""
    pieces = []
    widths = [fall.waist + (fall.hem - fall.waist) * (share**0.85) for share in np.linspace(0, 1, fall.tiers + 1)]
    for tier in reversed(range(fall.tiers)):
        start, end = fall.length * tier / fall.tiers, fall.length * (tier + 1) / fall.tiers
        above, below = widths[tier] * (1.012 if tier else 1), widths[tier + 1]
        opening = max((below - above) / max(end - start, 1), 0.02)
        apex = (
            top + start - above / opening
            if fall.kind != "knife"
            else top + end - (end - start) / max(1 - above / below, 0.02)
        )
        drape = Drape(
            top=top + start - (4 if fall.tiers > 1 or fall.kind != "soft" else 0),
            bottom=top + end,
            apex=apex,
            reach=below,
            count=fall.count * (1 + 0.35 * tier),
            depth=fall.depth,
            kind=fall.kind,
            phases=(rng.uniform(0, 6), rng.uniform(0, 6), rng.uniform(0, 6))
            if fall.kind == "soft"
            else (0.0, 0.0, 0.0),
        )
        outline = skirt_outline(fall, drape, top, start - (0.8 if tier else 0), end, (above, below))
        gathers: tuple[Crease, ...] = ()
        if fall.kind == "soft" and fall.depth > 0.5:
            gathers = tuple(
                Crease(
                    spline(
                        [
                            (x, top + start + 0.2),
                            (x * 1.02 + rng.normal(0, 0.2), top + start + 3),
                            (x * 1.05, top + start + rng.uniform(5, 10)),
                        ]
                    ),
                    rng.uniform(0.7, 1.2),
                    rng.uniform(0.12, 0.3),
                )
                for x in np.linspace(-above * 0.92, above * 0.92, 15) + rng.normal(0, 0.4, 15)
            )
        pieces.append(
            Piece(
                outline,
                cloth,
                tube=Tube(((0, top - 60, above * 0.9), (0, top + start, above), (0, top + end, below)), 0.42),
                drape=drape if fall.depth else None,
                creases=gathers,
                shadow=0.42 if tier < fall.tiers - 1 else 0.3,
                reach=1.0,
                folds=0.8,
            )
        )
    if fall.wrap:
        line = spline(
            [
                (fall.waist * 0.45, top),
                (fall.waist * 0.1, top + fall.length * 0.45),
                (-fall.hem * 0.28, top + fall.length + fall.dip),
            ]
        )
        outline = joined(line, points((-fall.hem * 0.6, top + fall.length), (-fall.waist * 0.98, top + 1)))
        pieces.append(
            replace(
                pieces[-1],
                outline=_clipped(outline, pieces[-1].outline),
                shadow=0.75,
                reach=1.1,
                creases=(),
                stitches=(Stitch(beside(line, 0.5), cloth.colour, 0, 0.08),),
            )
        )
    if fall.slit:
        line = points((fall.waist * 0.5, top + fall.length * 0.55), (fall.hem * 0.52, top + fall.length + fall.dip))
        pieces[-1] = replace(pieces[-1], seams=(*pieces[-1].seams, line))
    return pieces


def _clipped(inner: Points, outer: Points) -> Points:
    """Return the left part of a skirt's outline, closed by the wrap's edge."""
    edge = inner[: len(inner) - 2]
    left = outer[(outer[:, 0] < edge[-1, 0]) | ((outer[:, 0] < edge[0, 0]) & (outer[:, 1] < edge[0, 1] + 2))]
    start = int(np.argmin(np.hypot(*(left - edge[-1]).T)))
    return joined(edge, np.roll(left, -start, axis=0))


def skirt(
    fall: Fall,
    cloth: Cloth,
    rng: np.random.Generator,
    *,
    band_height: float = 4.0,
    thread: str = "",
    elastic: bool = False,
) -> Garment:
    """Return a skirt with its waistband."""
    w = fall.waist
    garment = Garment(focus=(3.0, 14.0, 40.0))
    fall = replace(fall, length=fall.length + rng.uniform(-1, 1))
    back = joined(spline([(-w, 0), (0, -0.9), (w, 0)]), points((w, 3), (-w, 3)))
    garment.add(Piece(back, cloth.plain(), tone=0.5, thickness=0, shadow=0, folds=0.2))
    body = falling(fall, cloth, rng, band_height - 0.3)
    if thread:
        panel = points((0, band_height), (0, fall.length + band_height + fall.dip))
        last = body[-1]
        edge = np.linspace(-1, 1, 50)
        hem = np.stack([edge * (fall.hem - 0.6), fall.length + band_height - 2.2 + fall.dip * (1 - edge**2)], axis=1)
        body[-1] = replace(last, seams=(panel,), stitches=(Stitch(shifted(panel, 0.5, 0), thread), Stitch(hem, thread)))
    garment.add(*body)
    if fall.pockets:
        garment.both(parts.pocket((w * 0.42, band_height + 7), (11, 12), cloth, thread or cloth.colour))
    top = spline([(-w, 0), (0, 1.2), (w, 0)])
    lower = spline([(w + 0.25, band_height), (0, band_height + 1.1), (-w - 0.25, band_height)])
    stitches: tuple[Stitch, ...] = ()
    creases: tuple[Crease, ...] = ()
    if thread:
        stitches = (Stitch(shifted(top, 0, 0.5), thread), Stitch(lower[::-1] - (0, 0.5), thread))
    if elastic:
        creases = tuple(
            Crease(points((x, 0.8), (x + rng.normal(0, 0.15), band_height + 0.6)), 0.5, rng.uniform(0.15, 0.3))
            for x in np.linspace(-w * 0.95, w * 0.95, 24)
        )
    garment.add(
        Piece(
            joined(top, lower),
            replace(cloth, pattern=cloth.pattern),
            tube=Tube(((0, -30, w), (0, 40, w)), 0.45),
            shadow=0.3,
            reach=0.5,
            folds=0.3,
            stitches=stitches,
            creases=creases,
        )
    )
    if fall.buttons:
        for y in np.arange(band_height * 0.6, fall.length * 0.9, 7.5):
            garment.add(
                parts.stud(0, float(y), fall.buttons) if thread else parts.button(0, float(y), fall.buttons, 0.75)
            )
    return garment
