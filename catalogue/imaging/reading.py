"""Decodes the bytes of a file to an upright RGB picture, where and when its cost allows it.

What takes little time and memory is decoded by the thread that asks. What takes more waits for the one place that there
is, and is decoded in a process of its own, which is limited.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from PIL import Image

from catalogue.exceptions import UnreadableImageError
from catalogue.imaging import heic
from catalogue.imaging.child import decode_in_child
from catalogue.imaging.costs import Cost
from catalogue.imaging.decoding import decode, open_file, open_header, telling_damage
from catalogue.imaging.formats import sniff_format
from catalogue.imaging.lanes import costly_lane, memory_share
from catalogue.imaging.limits import DEFAULT_LIMITS, Limits
from catalogue.imaging.orientation import read_orientation

# What costs more is decoded in a process of its own. A phone's 12 megapixels as JPEG take 0.1 s and 10 MB.
INLINE_S, INLINE_BYTES = 0.3, 48_000_000


@dataclass(frozen=True)
class Description:
    """The format of a picture (a key of FORMATS), and its size in pixels when upright."""

    format: str
    width: int
    height: int


def read_image(data: bytes | BinaryIO, *, limits: Limits = DEFAULT_LIMITS, target: int | None = None) -> Image.Image:
    """Return the picture in `data`: sRGB, upright, on white where it was transparent, without any metadata.

    `target` is the side in pixels that the caller scales it to: the picture is then reduced as long as both sides stay
    at least twice that, and beyond 13 megapixels; a JPEG while it is decoded, which is 7 times faster for a
    12-megapixel photo. Pass more for a picture that is to be cropped first.

    Raises UnreadableImageError if it is not a picture, damaged or truncated, ImageTooLargeError before anything is
    decoded, also for what would take too much time or memory, UnsupportedImageError for a format whose decoder is not
    installed. Within a request (patience.py), BusyError if too many costly ones wait, or the client has left.
    """
    picture, _ = _read(data, limits, target)
    return picture


def describe_image(data: bytes | BinaryIO, *, limits: Limits = DEFAULT_LIMITS) -> Description:
    """Return format and upright size of the picture in `data`, after decoding it to check that it is complete.

    A JPEG is decoded at an eighth of its size. Raises as `read_image` does.
    """
    _, description = _read(data, limits, 1)
    return description


def measure_image(content: bytes, *, limits: Limits = DEFAULT_LIMITS) -> tuple[int, int] | None:
    """Return the upright size of a picture by its header alone, in a millisecond; None for HEIC, which needs decoding.

    For files of ours, which were decoded when they came. Raises UnreadableImageError or ImageTooLargeError.
    """
    name = sniff_format(content[:64])
    if name is None:
        raise UnreadableImageError("image.unknown_format")
    if name == "HEIC":
        return None
    with telling_damage(content, name, limits), open_header(content, name, limits=limits) as picture:
        width, height = picture.size
        orientation = read_orientation(picture.info)
    return (height, width) if orientation >= 5 else (width, height)


def _read(data: bytes | BinaryIO, limits: Limits, target: int | None) -> tuple[Image.Image, Description]:
    content = data if isinstance(data, bytes) else data.read(limits.max_bytes + 1)
    limits.check_bytes(len(content))
    if not content:
        raise UnreadableImageError("image.empty")
    name = sniff_format(content[:64])
    if name is None:
        raise UnreadableImageError("image.unknown_format")
    if name == "HEIC":
        heic.check_readable(content)
        picture, size = _decode_costly(content, name, limits, target)
    else:
        opened = open_file(content, name, limits=limits, target=target)
        if is_costly(opened.cost):
            opened.picture.close()
            picture, size = _decode_costly(content, name, limits, target)
        else:
            with memory_share(opened.cost.memory):
                picture, size = decode(opened, content, name, limits=limits, target=target)
    picture.info = {}
    return picture, Description(name, *size)


def is_costly(cost: Cost) -> bool:
    """Return whether a picture is decoded in a process of its own."""
    return cost.seconds > INLINE_S or cost.memory > INLINE_BYTES


def _decode_costly(
    content: bytes, name: str, limits: Limits, target: int | None
) -> tuple[Image.Image, tuple[int, int]]:
    with costly_lane():
        return decode_in_child(content, name, limits=limits, target=target)
