"""Pictures that the imaging tests draw, and the bytes of files that hold them."""

from __future__ import annotations

import base64
import io
import struct
import zlib

import numpy as np
from PIL import Image, ImageCms

RED, GREEN, BLUE, YELLOW = (255, 0, 0), (0, 200, 0), (0, 0, 255), (255, 230, 0)

# For each EXIF orientation, what a camera does to the upright picture before it stores it.
STORED_AS = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def draw_quarters(width: int = 96, height: int = 64) -> Image.Image:
    """Return a picture whose four quarters differ, so that every turn and every mirroring shows."""
    picture = Image.new("RGB", (width, height), RED)
    picture.paste(GREEN, (width // 2, 0, width, height // 2))
    picture.paste(BLUE, (0, height // 2, width // 2, height))
    picture.paste(YELLOW, (width // 2, height // 2, width, height))
    return picture


def store_turned(picture: Image.Image, orientation: int) -> Image.Image:
    method = STORED_AS[orientation]
    return picture if method is None else picture.transpose(method)


def exif_of(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif.tobytes()


def encode(picture: Image.Image, name: str, **options: object) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, name, **options)
    return stream.getvalue()


def display_p3() -> bytes:
    """Return an ICC profile of Display P3, which phones photograph in: that of sRGB with other primaries."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    primaries = {
        b"rXYZ": (0.51512, 0.24120, -0.00105),
        b"gXYZ": (0.29198, 0.69225, 0.04189),
        b"bXYZ": (0.15710, 0.06657, 0.78407),
    }
    for entry in range(132, 132 + 12 * int.from_bytes(profile[128:132]), 12):
        name, start = bytes(profile[entry : entry + 4]), int.from_bytes(profile[entry + 4 : entry + 8])
        if name in primaries:
            struct.pack_into(">3i", profile, start + 8, *(round(value * 65_536) for value in primaries[name]))
    return bytes(profile)


def png_of(*chunks: tuple[bytes, bytes]) -> bytes:
    """Return a PNG with just these chunks, whatever they hold."""
    body = b"".join(struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in chunks)
    return b"\x89PNG\r\n\x1a\n" + body


def png_header(width: int, height: int, depth: int = 8, colour: int = 2) -> tuple[bytes, bytes]:
    return b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)


def mean_difference(one: Image.Image, other: Image.Image) -> float:
    """Return the mean absolute difference of two pictures, 0 to 255; of pictures of different sizes, 255."""
    if one.size != other.size:
        return 255.0
    return float(np.abs(np.asarray(one, np.int16) - np.asarray(other, np.int16)).mean())


# 64 × 32 pixels, the left half red above green, the right half blue; stored on its side, with `irot` to turn it (which
# decoders obey) and EXIF orientation 6 (which is then done already). No encoder comes with pi_heif, hence the bytes.
HEIC_TURNED = base64.b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAchtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAADRpbG9jAA"
    "AAAERAAAIAAQAAAAAB7AABAAAAAAAAAE0AAgAAAAACOQABAAAAAAAAACQAAAA4aWluZgAAAAAAAgAAABVpbmZlAgAAAAABAABodmMxAAAAABVp"
    "bmZlAgAAAQACAABFeGlmAAAAAA5waXRtAAAAAAABAAABB2lwcnAAAADmaXBjbwAAAHZodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGE"
    "ABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQAqQgEBA3AAAAMAkAAAAwAAAwAeoCCBBZbq5Ka5uAhoMCAAAAMDIAAAAwAhYgABAAZEAcFzwIkA"
    "AAATY29scm5jbHgAAQANAAaAAAAAFGlzcGUAAAAAAAAAQAAAAEAAAAAoY2xhcAAAACAAAAABAAAAQAAAAAH////gAAAAAgAAAAAAAAACAAAAEH"
    "BpeGkAAAAAAwgICAAAAAlpcm90AwAAABlpcG1hAAAAAAAAAAEAAQaBAgMFhIYAAAAaaXJlZgAAAAAAAAAOY2RzYwACAAEAAQAAAHltZGF0AAAA"
    "SSgBrxOA9SeBP//wyFFf/AQ6v9+u4LomL+OFX/9uWcv1mEqesPoWkfjmf/lbPLa7qfceXhxEzDYdyP/Ex5n9a6PR+29+CKVb/+AAAAAGRXhpZg"
    "AATU0AKgAAAAgAAQESAAMAAAABAAYAAAAAAAA="
)


def heic_upright() -> Image.Image:
    """Return what HEIC_TURNED shows, held upright."""
    picture = Image.new("RGB", (64, 32), BLUE)
    picture.paste(RED, (0, 0, 32, 16))
    picture.paste(GREEN, (0, 16, 32, 32))
    return picture
