"""Motifs printed on the chest."""

from __future__ import annotations

import numpy as np

from lab.drawings.geometry import Points, ellipse, joined, points, rectangle, shifted, turned
from lab.drawings.piece import Cloth, Piece


def flat(outline: Points, colour: str) -> Piece:
    """Return a layer of ink."""
    return Piece(outline, Cloth(colour, "jersey"), thickness=0, shadow=0, rim=0.1)


def sun_print(x: float, y: float, size: float, colours: tuple[str, ...]) -> list[Piece]:
    """Return a printed motif: a sun over waves."""
    pieces = [flat(ellipse(x, y - size * 0.2, size * 0.62, size * 0.62), colours[0])]
    places = np.linspace(-1, 1, 40)
    for number in range(3):
        height = y + size * (0.12 + number * 0.27)
        wave = np.stack([x + places * size, height + 0.09 * size * np.sin(places * 7 + number * 1.4)], axis=1)
        pieces.append(flat(joined(wave, shifted(wave, 0, size * 0.16)[::-1]), colours[1 + number % (len(colours) - 1)]))
    return pieces


def peak_print(x: float, y: float, size: float, colours: tuple[str, ...]) -> list[Piece]:
    """Return a printed motif: mountains before a moon."""
    moon = flat(ellipse(x + size * 0.3, y - size * 0.45, size * 0.32, size * 0.32), colours[0])
    back = flat(
        points((x - size, y + size * 0.5), (x - size * 0.35, y - size * 0.5), (x + size * 0.25, y + size * 0.5)),
        colours[1],
    )
    front = flat(
        points((x - size * 0.45, y + size * 0.5), (x + size * 0.35, y - size * 0.22), (x + size, y + size * 0.5)),
        colours[-1],
    )
    return [moon, back, front]


def bar_print(x: float, y: float, size: float, colours: tuple[str, ...]) -> list[Piece]:
    """Return a printed motif: three bars and a disc, as a poster of the twenties."""
    pieces = []
    for number, colour in enumerate(colours):
        left = x - size + number * size * 0.62
        shape = turned(rectangle(left, y - size * 0.7, left + size * 0.36, y + size * 0.7), 18, (x, y))
        pieces.append(Piece(shape, Cloth(colour, "jersey"), thickness=0, shadow=0, rim=0.1))
    pieces.append(
        Piece(
            ellipse(x + size * 0.5, y - size * 0.35, size * 0.3, size * 0.3),
            Cloth(colours[0], "jersey"),
            thickness=0,
            shadow=0,
            rim=0.1,
        )
    )
    return pieces
