"""Test photos, scaled to what a browser sends or to the size of a phone's."""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

from PIL import Image

from catalogue.imaging import read_image
from lab.drawings.examples import draw_example, examples

# Longer side in pixels and JPEG quality to which static/search/search.js re-encodes a photo.
BROWSER_SIDE = 1024
BROWSER_QUALITY = 90
SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}


def browser_photos(folder: Path | None, count: int, *, side: int = BROWSER_SIDE) -> list[bytes]:
    """Return `count` JPEG files of at most `side` pixels: the photos of a folder, or drawn ones if it is None.

    If a folder has fewer photos, they repeat. Raises FileNotFoundError if it has none.
    """
    pictures = list(islice(pictures_in(folder) if folder else drawn(side), count))
    if not pictures:
        raise FileNotFoundError(f"{folder} has no photo ({', '.join(sorted(SUFFIXES))}).")
    return list(islice(cycle([as_sent(picture, side) for picture in pictures]), count))


def pictures_in(folder: Path) -> Iterator[Image.Image]:
    files = sorted(file for file in folder.rglob("*") if file.suffix.lower() in SUFFIXES)
    return (read_image(file.read_bytes()) for file in files)


def drawn(side: int) -> Iterator[Image.Image]:
    """Yield drawn shoppers' photos of demo articles, with sensor noise."""
    return (draw_example(example, size=(side * 3 // 4, side)) for example in examples())


def as_sent(picture: Image.Image, side: int) -> bytes:
    """Return the picture as a JPEG file, scaled down to `side` if it is larger, as a browser does."""
    smaller = picture.copy()
    smaller.thumbnail((side, side))
    file = io.BytesIO()
    smaller.save(file, "JPEG", quality=BROWSER_QUALITY)
    return file.getvalue()
