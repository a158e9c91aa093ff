"""Test photos, scaled as a browser sends them or as large as a phone's."""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

from PIL import Image

from catalogue.imaging import read_image
from lab.drawings.examples import draw_example, examples

# What static/search/search.js makes of a photo before it sends it.
BROWSER_SIDE = 1024
BROWSER_QUALITY = 90
SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}


def browser_photos(folder: Path | None, count: int, *, side: int = BROWSER_SIDE) -> list[bytes]:
    """Return `count` JPEG files of `side` pixels at the most: a folder's photos, or drawn ones without.

    A folder with fewer gives each more than once. Raises FileNotFoundError where it has none.
    """
    pictures = list(islice(pictures_in(folder) if folder else drawn(side), count))
    if not pictures:
        raise FileNotFoundError(f"{folder} has no photo ({', '.join(sorted(SUFFIXES))}).")
    return list(islice(cycle([as_sent(picture, side) for picture in pictures]), count))


def pictures_in(folder: Path) -> Iterator[Image.Image]:
    files = sorted(file for file in folder.rglob("*") if file.suffix.lower() in SUFFIXES)
    return (read_image(file.read_bytes()) for file in files)


def drawn(side: int) -> Iterator[Image.Image]:
    """Yield the demo's photos as shoppers take them, with a camera's noise."""
    return (draw_example(example, size=(side * 3 // 4, side)) for example in examples())


def as_sent(picture: Image.Image, side: int) -> bytes:
    """Return the picture as a JPEG file, scaled down to `side` if it is larger, as a browser does."""
    smaller = picture.copy()
    smaller.thumbnail((side, side))
    file = io.BytesIO()
    smaller.save(file, "JPEG", quality=BROWSER_QUALITY)
    return file.getvalue()
