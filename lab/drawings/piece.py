"""What a garment is made of: pieces of cloth, sewn in an order, each with its folds and seams."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np

from lab.drawings.fields import Field, as_field
from lab.drawings.geometry import Points
from lab.drawings.pattern import Pattern


@dataclass(frozen=True)
class Cloth:
    """A colour, a weave (see `weave.py`) and perhaps a pattern."""

    colour: str
    weave: str = "jersey"
    pattern: Pattern | None = None
    melange: float = 0.0  # 0 even, 1 as mottled as grey sweatshirt cloth
    gloss: float = 0.0  # strength of the highlight
    stiffness: float = 0.5  # 0 flowing, with many folds; 1 leather

    def plain(self, colour: str | None = None, weave: str | None = None) -> Cloth:
        """Return the same cloth without its pattern, for ribs, collars and bands."""
        return replace(self, pattern=None, colour=colour or self.colour, weave=weave or self.weave)


@dataclass(frozen=True)
class Tube:
    """Cloth around a body or an arm: nodes (x, y, radius) along its axis; the light falls off towards its sides."""

    nodes: tuple[tuple[float, float, float], ...]
    roundness: float = 0.55

    def slope(self, x: Field, y: Field) -> tuple[Field, Field]:
        """Return the slope of the surface along x and y at each place."""
        nearest = np.full(x.shape, np.inf, dtype=np.float32)
        dx, dy = np.zeros_like(x), np.zeros_like(y)
        for (ax, ay, ar), (bx, by, br) in zip(self.nodes, self.nodes[1:], strict=False):
            length = (bx - ax) ** 2 + (by - ay) ** 2
            share = np.clip(((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length, 0, 1)
            radius = ar + (br - ar) * share
            off_x, off_y = (x - ax - share * (bx - ax)) / radius, (y - ay - share * (by - ay)) / radius
            away = off_x * off_x + off_y * off_y
            closer = away < nearest
            nearest = np.where(closer, away, nearest)
            dx, dy = np.where(closer, off_x, dx), np.where(closer, off_y, dy)
        fall = -self.roundness * np.minimum(nearest, 1.2)
        return (fall * dx).astype(np.float32), (fall * dy).astype(np.float32)


@dataclass(frozen=True)
class Crease:
    """A fold along a line: its width and height in centimetres (below zero: a dent)."""

    line: Points
    width: float
    height: float


@dataclass(frozen=True)
class Drape:
    """Folds that fall from an apex above the piece, or pleats: they fan out downwards.

    `top` is where they start, `bottom` where they are deepest; `reach` is the half width at the bottom.
    """

    top: float
    bottom: float
    apex: float
    reach: float
    count: float
    depth: float
    kind: str = "soft"  # or "knife", "box"
    phases: tuple[float, ...] = (0.0, 1.3, 2.1)
    centre: float = 0.0

    def wave(self, t: Field) -> Field:
        """Return the height, -1 to 1, at each place across, t = -1 left to 1 right."""
        turn = math.pi * self.count * t
        if self.kind == "knife":
            phase = np.mod(turn / (2 * math.pi) + self.phases[0], 1)
            return as_field(np.where(phase < 0.8, 1 - 2.5 * phase, 10 * (phase - 0.9)))
        if self.kind == "box":
            return as_field(np.tanh(4 * np.cos(turn)))
        bent = turn + 0.9 * np.sin(turn * 0.37 + self.phases[1]) + self.phases[0]
        wave = (
            0.6 * np.sin(bent) + 0.3 * np.sin(1.7 * bent + self.phases[1]) + 0.2 * np.sin(2.9 * bent + self.phases[2])
        )
        return as_field(wave)

    def height(self, x: Field, y: Field) -> Field:
        """Return the height of the folds in centimetres."""
        span = (self.bottom - self.apex) / np.maximum(y - self.apex, 1)
        t = (x - self.centre) * span / self.reach
        grow = np.clip((y - self.top) / (self.bottom - self.top), 0, 1)
        grow = grow**0.75 if self.kind == "soft" else np.minimum(1, 0.75 + grow)
        return as_field(self.depth * grow * self.wave(t.astype(np.float32)))


@dataclass(frozen=True)
class Stitch:
    """A sewn line: thread colour, stitch length in centimetres (0: one unbroken line) and thickness."""

    line: Points
    colour: str
    dash: float = 0.34
    width: float = 0.11


@dataclass(frozen=True)
class Wear:
    """A lighter, rubbed place: centre, radii and how much light it gains (below zero: it loses)."""

    x: float
    y: float
    rx: float
    ry: float
    amount: float


@dataclass(frozen=True)
class Piece:
    """One piece of cloth; its outline is closed and in centimetres."""

    outline: Points
    cloth: Cloth
    grain: float = 0.0  # degrees clockwise from upright
    tone: float = 1.0  # light that reaches it: below 1 inside a collar
    tube: Tube | None = None
    rim: float = 0.5  # radius of the rounded edge
    thickness: float = 0.16  # height of that edge
    shadow: float = 0.4  # what it casts on the pieces beneath
    reach: float = 0.8  # how far, in centimetres
    folds: float = 1.0  # how much of the garment's common folds it takes
    creases: tuple[Crease, ...] = ()
    drape: Drape | None = None
    quilt: float = 0.0  # height of a quilted band, 0 for none
    seams: tuple[Points, ...] = ()
    stitches: tuple[Stitch, ...] = ()
    wear: tuple[Wear, ...] = ()
    fuzz: float = 0.0  # centimetres of hairy edge


@dataclass
class Garment:
    """Pieces from back to front, and how the whole lies."""

    pieces: list[Piece] = field(default_factory=list)
    stands: bool = False  # shoes stand on the ground and throw their shadow below
    focus: tuple[float, float, float] = (0.0, 16.0, 42.0)  # detail view: centre x, y and width in centimetres

    def add(self, *pieces: Piece) -> None:
        self.pieces.extend(pieces)

    def both(self, piece: Piece) -> None:
        """Add a piece and its mirror image."""
        self.pieces.extend([piece, reflected(piece)])

    def bounds(self) -> tuple[float, float, float, float]:
        """Return left, top, right, bottom in centimetres."""
        every = np.vstack([piece.outline for piece in self.pieces])
        left, top = every.min(axis=0)
        right, bottom = every.max(axis=0)
        return float(left), float(top), float(right), float(bottom)


def reflected(piece: Piece) -> Piece:
    """Return the piece on the other side of x = 0."""
    flip = np.array((-1.0, 1.0))
    tube = piece.tube and replace(piece.tube, nodes=tuple((-x, y, r) for x, y, r in piece.tube.nodes))
    drape = piece.drape and replace(piece.drape, centre=-piece.drape.centre)
    return replace(
        piece,
        outline=piece.outline * flip,
        grain=-piece.grain,
        tube=tube,
        drape=drape,
        creases=tuple(replace(crease, line=crease.line * flip) for crease in piece.creases),
        seams=tuple(seam * flip for seam in piece.seams),
        stitches=tuple(replace(stitch, line=stitch.line * flip) for stitch in piece.stitches),
        wear=tuple(replace(wear, x=-wear.x) for wear in piece.wear),
    )
