"""Twelve drawn photos of five articles, as they lie in a camera; two are named by their article."""

from __future__ import annotations

import io

from tests.visualsearch.garments import BLUE, GREEN, RED, draw_garment

YELLOW, GREY_BLUE = (230, 190, 40), (120, 140, 170)
# Kind and colour of each article, and the names of its photos.
ARTICLES = (
    ("dress", RED, ("IMG_0001.jpg", "IMG_0002.jpg", "IMG_0003.jpg")),
    ("pants", BLUE, ("IMG_0004.jpg", "IMG_0005.jpg", "IMG_0006.jpg")),
    ("t-shirt", GREEN, ("IMG_0007.jpg", "IMG_0008.jpg")),
    ("dress", YELLOW, ("IMG_0009.jpg", "IMG_0010.jpg")),
    ("pants", GREY_BLUE, ("S-9_back.jpg", "S-9_front.jpg")),
)


def drawn_pile() -> dict[str, bytes]:
    """Return the photos by name."""
    return {name: _photo(kind, colour, view) for kind, colour, names in ARTICLES for view, name in enumerate(names)}


def _photo(kind: str, colour: tuple[int, int, int], view: int) -> bytes:
    file = io.BytesIO()
    draw_garment(kind, colour, (225 - 6 * view, 225, 220), size=(360 + 12 * view, 480)).save(file, "JPEG", quality=92)
    return file.getvalue()
