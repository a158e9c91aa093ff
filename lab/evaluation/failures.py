"""Contact sheets of what a model gets wrong: thirty failures of each set, to be looked at."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from lab.evaluation.looking import read_file
from visualsearch.inference.types import Box

SHOWN = 30
WIDTH = 1500
# Of one picture among several of a failure, and of one alone.
TILE, LARGE_TILE, CAPTION = (150, 180), (240, 300), 14
TRUE_COLOUR, FOUND_COLOUR = "limegreen", "red"


@dataclass(frozen=True, slots=True)
class Failure:
    """A case that a model gets wrong: its pictures, side by side, made when they are shown; and what it said."""

    pictures: tuple[Callable[[], Image.Image], ...]
    said: str


def misplaced(
    queries: Sequence[Callable[[], Image.Image]],
    gallery: Sequence[Path],
    ranks: NDArray[np.int64],
    wanted: Sequence[int],
    first: Sequence[int],
) -> list[Failure]:
    """Return the queries whose article is not the first: each beside the wanted photo and the one that is first.

    `ranks` (n,) of the wanted photos, 0 is first; `wanted` and `first` are places in the gallery.
    """

    def shown(place: int) -> Callable[[], Image.Image]:
        return lambda: read_file(gallery[place])

    return [
        Failure((query, shown(own), shown(other)), f"{query_number}: wanted is number {rank + 1}")
        for query_number, (query, rank, own, other) in enumerate(
            zip(queries, ranks.tolist(), wanted, first, strict=True)
        )
        if rank > 0
    ]


def with_boxes(photo: Image.Image, true: Sequence[tuple[str, Box]], found: Sequence[tuple[str, Box]]) -> Image.Image:
    """Return a photo, small, with its true garments and those that were found, in two colours."""
    drawn = photo.copy()
    drawn.thumbnail(LARGE_TILE)
    pen = ImageDraw.Draw(drawn)
    for colour, garments in ((TRUE_COLOUR, true), (FOUND_COLOUR, found)):
        for label, (x, y, width, height) in garments:
            edges = [
                round(edge * side) for edge, side in zip((x, y, x + width, y + height), drawn.size * 2, strict=True)
            ]
            pen.rectangle(
                (edges[0], edges[1], max(edges[0], edges[2]), max(edges[1], edges[3])), outline=colour, width=2
            )
            # Found ones are named at the lower edge, so that both names can be read.
            pen.text((edges[0] + 3, edges[1] + 2 if colour == TRUE_COLOUR else edges[3] - 14), label, fill=colour)
    return drawn


def write_sheets(folder: Path, failures: Mapping[str, Sequence[Failure]]) -> None:
    """Write a contact sheet of each set's failures into `folder`, SHOWN of them, evenly spread."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, all_of_them in failures.items():
        if all_of_them:
            places = np.unique(np.linspace(0, len(all_of_them) - 1, SHOWN).astype(int))
            sheet = _sheet([all_of_them[place] for place in places])
            sheet.save(folder / f"{name.replace(' ', '-').replace(',', '')}.png")


def _sheet(failures: Sequence[Failure]) -> Image.Image:
    across = max(len(failure.pictures) for failure in failures)
    tile = LARGE_TILE if across == 1 else TILE
    width, height = tile[0] * across + 6, tile[1] + CAPTION + 6
    columns = WIDTH // width
    sheet = Image.new("RGB", (columns * width, -(-len(failures) // columns) * height), "white")
    pen = ImageDraw.Draw(sheet)
    for number, failure in enumerate(failures):
        left, upper = number % columns * width, number // columns * height
        pen.text((left + 2, upper), failure.said, fill="black")
        for place, show in enumerate(failure.pictures):
            picture = show()
            picture.thumbnail(tile)
            sheet.paste(picture, (left + place * tile[0], upper + CAPTION))
    return sheet
