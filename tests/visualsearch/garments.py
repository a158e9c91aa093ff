"""Draws photos of garments, and small collections of them with a photos.csv."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PIL import Image, ImageDraw

from lab.drawings.assortment import ASSORTMENT
from lab.drawings.draw import draw

RED, GREEN, BLUE, GREY = (200, 30, 40), (30, 150, 60), (40, 60, 190), (225, 225, 220)
# Outlines as fractions of the picture.
OUTLINES = {
    "dress": [(0.4, 0.1), (0.6, 0.1), (0.6, 0.4), (0.8, 0.9), (0.2, 0.9), (0.4, 0.4)],
    "pants": [(0.35, 0.1), (0.65, 0.1), (0.75, 0.9), (0.55, 0.9), (0.5, 0.4), (0.45, 0.9), (0.25, 0.9)],
    "t-shirt": [(0.1, 0.25), (0.35, 0.15), (0.65, 0.15), (0.9, 0.25), (0.7, 0.4), (0.7, 0.85), (0.3, 0.85), (0.3, 0.4)],
}


def draw_garment(
    kind: str = "dress",
    colour: tuple[int, int, int] = RED,
    background: tuple[int, int, int] = GREY,
    size: tuple[int, int] = (120, 160),
) -> Image.Image:
    """Return a flat garment of one colour on a plain background, RGB."""
    picture = Image.new("RGB", size, background)
    outline = [(x * size[0], y * size[1]) for x, y in OUTLINES[kind]]
    ImageDraw.Draw(picture).polygon(outline, fill=colour)
    return picture


def draw_lifelike(sku: str, colour: str, view: int = 0) -> Image.Image:
    """Return photo number `view` of the demo article's cut in a plain "#rrggbb" colour, RGB."""
    article = next(article for article in ASSORTMENT if article.sku == sku)
    cloth = replace(article.cloth, colour=colour, pattern=None)
    return draw(replace(article, cloth=cloth, accent=colour), view, size=(240, 300))


def write_collection(folder: Path, contributors: Sequence[str], kinds: Sequence[str] = tuple(OUTLINES)) -> None:
    """Write photos.csv and images/: one photo of each kind by each contributor, every one of another colour."""
    (folder / "images").mkdir(parents=True)
    with (folder / "photos.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["photo", "contributor", "label", "category"])
        for row, contributor in enumerate(contributors):
            for column, kind in enumerate(kinds):
                name = f"{contributor}-{kind}.png"
                colour = ((row * 67 + 40) % 256, (column * 83 + row * 29 + 20) % 256, (row * 131 + column * 51) % 256)
                draw_garment(kind, colour).save(folder / "images" / name)
                rows.writerow([name, contributor, kind.capitalize(), kind])
