"""Small files that cost much to decode: 50 megapixels each, within every limit that a header alone shows."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable

from PIL import Image

from lab.security.generated_files import chunk, encoded, png

SIZE = (8_192, 6_144)
SCANS = 95
THIN_PIXELS = 50_000_000


def zeros(length: int) -> bytes:
    """Return so many zeros, compressed a part at a time."""
    press, part = zlib.compressobj(9), bytes(1 << 24)
    whole = [press.compress(part[: min(len(part), length - start)]) for start in range(0, length, len(part))]
    return b"".join([*whole, press.flush()])


def flat_png(width: int, height: int, *, depth: int = 8, colour: int = 2, channels: int = 3) -> bytes:
    """Return a black PNG."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    pixels = zeros(height * (1 + width * channels * depth // 8))
    return png(chunk(b"IHDR", header), chunk(b"IDAT", pixels), chunk(b"IEND", b""))


def scans_jpeg() -> bytes:
    """Return a grey progressive JPEG whose last scan is repeated."""
    whole = encoded(Image.new("L", SIZE, 100), "JPEG", progressive=True)
    last = whole[whole.rindex(b"\xff\xda") : -2]
    return whole[:-2] + last * (SCANS - whole.count(b"\xff\xda")) + whole[-2:]


# By name; each takes a second to make.
COSTLY: dict[str, Callable[[], bytes]] = {
    "JPEG, 95 scans": scans_jpeg,
    "JPEG, progressive": lambda: encoded(Image.new("L", SIZE, 100), "JPEG", progressive=True),
    "PNG, 1 × 50,000,000": lambda: flat_png(1, THIN_PIXELS),
    "PNG": lambda: flat_png(*SIZE),
    "PNG, 16 bits": lambda: flat_png(*SIZE, depth=16, colour=6, channels=4),
    "WebP": lambda: encoded(Image.new("RGB", SIZE, "red"), "WEBP", lossless=True, method=0),
    "GIF": lambda: encoded(Image.new("P", SIZE, 3), "GIF"),
    "AVIF": lambda: encoded(Image.new("RGB", SIZE, "red"), "AVIF", speed=10),
}
# Read by those who wait for it, half a second each.
LEFT = "PNG"
