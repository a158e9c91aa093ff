"""Food: a plate on a table, seen from above."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from lab.evaluation.scenes.brush import ANY_HUE, CREAM, EARTH, Place, ball, disc, leaf, lit, tone, with_shadow, within
from lab.evaluation.scenes.walls import boards, painted, striped


def food(canvas: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Return a plate on a table from above: a pizza, a salad, fruit or slices."""
    width, height = canvas.size
    scene = (boards, painted, striped)[int(rng.integers(3))](canvas, rng)
    reach = min(width, height) * rng.uniform(0.3, 0.46)
    centre = (width / 2 + rng.normal(0, width / 20), height / 2 + rng.normal(0, height / 20))
    scene = with_shadow(scene, centre, reach)
    pen = ImageDraw.Draw(scene)
    china = tone(rng, ANY_HUE, 0.12, 0.93)
    disc(pen, centre, reach, china)
    disc(pen, centre, reach * 0.8, lit(china, 0.93))
    dishes = (_pizza, _salad, _fruit, _slices)
    dishes[int(rng.integers(len(dishes)))](pen, rng, centre, reach * 0.78)
    return scene


def _pizza(pen: ImageDraw.ImageDraw, rng: np.random.Generator, centre: Place, reach: float) -> None:
    for share, colour in ((1.0, (190, 130, 70)), (0.9, (170, 50, 30)), (0.86, (230, 190, 100))):
        disc(pen, centre, reach * share, lit(colour, rng.normal(1, 0.05)))
    for _ in range(70):
        disc(pen, within(rng, centre, reach * 0.8), reach * rng.uniform(0.02, 0.08), tone(rng, CREAM, 0.5, 0.85))
    for _ in range(int(rng.integers(6, 16))):
        ball(pen, within(rng, centre, reach * 0.72), reach * 0.1, tone(rng, (0.0, 0.03), 0.75, 0.55))
    for _ in range(int(rng.integers(0, 20))):
        leaf(pen, rng, within(rng, centre, reach * 0.7), rng.uniform(0, 6.3), reach * 0.16, 0.4)


def _salad(pen: ImageDraw.ImageDraw, rng: np.random.Generator, centre: Place, reach: float) -> None:
    for _ in range(150):
        leaf(pen, rng, within(rng, centre, reach * 0.75), rng.uniform(0, 6.3), reach * rng.uniform(0.15, 0.4), 0.5)
    for _ in range(int(rng.integers(5, 18))):
        ball(pen, within(rng, centre, reach * 0.75), reach * rng.uniform(0.06, 0.12), tone(rng, (0, 0.15), 0.8, 0.75))


def _fruit(pen: ImageDraw.ImageDraw, rng: np.random.Generator, centre: Place, reach: float) -> None:
    hues = [(0.0, 0.03), (0.07, 0.1), (0.13, 0.16), (0.22, 0.3), (0.75, 0.85)]
    for _ in range(int(rng.integers(5, 30))):
        hue = hues[int(rng.integers(len(hues)))]
        ball(pen, within(rng, centre, reach * 0.7), reach * rng.uniform(0.12, 0.3), tone(rng, hue, 0.75, 0.75))


def _slices(pen: ImageDraw.ImageDraw, rng: np.random.Generator, centre: Place, reach: float) -> None:
    """Draw slices of bread or cake, one over another."""
    crust, crumb = tone(rng, EARTH, 0.6, 0.5), tone(rng, CREAM, 0.35, 0.85)
    for step in np.linspace(-0.45, 0.3, int(rng.integers(2, 6))):
        x, y, side = centre[0] + reach * step, centre[1] + reach * step * 0.4, reach * 0.7
        pen.rounded_rectangle((x - side / 2, y - side / 2, x + side / 2, y + side / 2), side * 0.2, fill=crust)
        inner = (x - side * 0.44, y - side * 0.44, x + side * 0.44, y + side * 0.44)
        pen.rounded_rectangle(inner, side * 0.17, fill=crumb)
        for _ in range(25):
            disc(pen, within(rng, (x, y), side * 0.4), side * 0.015, lit(crumb, 0.85))
