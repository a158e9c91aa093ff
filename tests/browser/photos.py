"""The photos that browser tests show to the shop."""

from __future__ import annotations

import io

from tests.visualsearch.garments import BLUE, GREEN, RED, draw_garment


def drawn(kind: str, colour: tuple[int, int, int]) -> bytes:
    file = io.BytesIO()
    draw_garment(kind, colour, size=(600, 800)).save(file, "PNG")
    return file.getvalue()


RED_DRESS, BLUE_TROUSERS, GREEN_SHIRT = drawn("dress", RED), drawn("pants", BLUE), drawn("t-shirt", GREEN)
