"""Small photos generated from a number: distinct, and deterministic down to the bytes."""

from __future__ import annotations

import io
from functools import lru_cache
from hashlib import sha256

import numpy as np
from PIL import Image

SIZE = (120, 150)
TILES = (6, 5)
GARMENT = (20, 20, 100, 130)


@lru_cache(maxsize=256)
def picture(number: int) -> bytes:
    """Return the JPEG file of a picture: a randomly tiled rectangle on a pale background."""
    tiles = np.random.default_rng(number).integers(0, 255, (*TILES, 3), dtype=np.uint8)
    left, top, right, bottom = GARMENT
    drawn = Image.new("RGB", SIZE, "#f4f1ec")
    figure = Image.fromarray(tiles).resize((right - left, bottom - top), Image.Resampling.NEAREST)
    drawn.paste(figure, (left, top))
    file = io.BytesIO()
    drawn.save(file, "JPEG", quality=92)
    return file.getvalue()


def digest(number: int) -> str:
    return sha256(picture(number)).hexdigest()
