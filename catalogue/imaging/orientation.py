"""Reads the EXIF orientation of a picture, and turns it upright."""

from __future__ import annotations

import struct
from collections.abc import Mapping

from PIL import Image

_ORIENTATION = 0x0112
_SHORT = 3

# EXIF orientation to the transposition that undoes it.
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def read_orientation(info: Mapping[str | tuple[int, int], object]) -> int:
    """Return the EXIF orientation, 1 to 8, in Pillow's `info` of a loaded picture; 1 if there is none.

    Reads that entry and nothing else, so damaged EXIF, common in real files, causes neither warnings nor errors.
    Decoders that turn the picture themselves (HEIC, AVIF's irot and imir) leave 1, or the rest of the rotation, here.
    """
    exif = info.get("exif")
    if exif is None and isinstance(profile := info.get("Raw profile type exif"), str):
        exif = _from_raw_profile(profile)
    return _first_directory_orientation(exif) if isinstance(exif, bytes) else 1


def turn_upright(image: Image.Image, orientation: int) -> Image.Image:
    """Return `image` rotated and mirrored so that it is upright."""
    method = _UPRIGHT.get(orientation)
    return image if method is None else image.transpose(method)


def _from_raw_profile(profile: str) -> bytes | None:
    # ImageMagick's text chunk in PNG: an empty line, the name, the length, then lines of hexadecimal digits.
    try:
        return bytes.fromhex("".join(profile.split("\n")[3:]))
    except ValueError:
        return None


def _first_directory_orientation(exif: bytes) -> int:
    tiff = exif
    while tiff.startswith(b"Exif\0\0"):
        tiff = tiff[6:]
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return 1
    try:
        (offset,) = struct.unpack_from(f"{order}L", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, offset)
        for i in range(count):
            tag, kind, _, value = struct.unpack_from(f"{order}HHLH", tiff, offset + 2 + 12 * i)
            if tag == _ORIENTATION and kind == _SHORT and value in _UPRIGHT:
                return int(value)
    except struct.error:
        return 1
    return 1
