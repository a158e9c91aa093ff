"""Decodes the bytes of a file to an upright RGB picture."""

from __future__ import annotations

import io
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass
from threading import Lock
from typing import BinaryIO

from PIL import Image
from PIL.ImageFile import ImageFile

from catalogue.exceptions import ImageTooLargeError, UnreadableImageError
from catalogue.imaging.formats import is_cut_short, open_picture, sniff_format
from catalogue.imaging.heic import decode_heic
from catalogue.imaging.limits import DEFAULT_LIMITS, Limits
from catalogue.imaging.orientation import read_orientation, turn_upright
from catalogue.imaging.profiles import convert_to_srgb

# What Pillow and its codecs raise for invalid bytes, found with damaged files and by mutating valid ones (fuzzing).
# UserWarning: only where the process turns warnings into errors.
_DAMAGED = (OSError, SyntaxError, ValueError, EOFError, RuntimeError, UserWarning)
_TOO_LARGE = (Image.DecompressionBombError, Image.DecompressionBombWarning)

# Pillow parses a file chunk by chunk in Python. These limits bound the time for a file of a million empty chunks. A
# JPEG's header is allowed fewer, since Pillow appends each EXIF segment to the last; GIF metadata come in blocks of 255
# bytes. A PNG's pixels take three reads per chunk, so 20 MB may come in chunks of 1 kB; encoders write 8 kB and more.
_JPEG_HEADER_READS = 2_000
_HEADER_READS = 20_000
_PIXEL_READS = 60_000

# Each scan of a progressive JPEG goes over the whole picture again. Encoders write about ten.
_MAX_SCANS = 100

# Pillow allocates memory in blocks of 16 MB, which glibc keeps for the thread that freed them: each server thread that
# had read a large picture kept 400 MB. Blocks above 32 MB are returned to the system.
Image.core.set_block_size(64 << 20)  # type: ignore[attr-defined]  # documented, not in the stubs

# A picture of 50 megapixels takes up to 0.6 GB while it is read, however small its file: so one at a time per process,
# and across all processes that share a lock.
_large: AbstractContextManager[object] = Lock()
_LARGE_PIXELS = 16_000_000

_MEAN_MODES = {"L", "LA", "RGB", "RGBA", "CMYK"}


@dataclass(frozen=True)
class Description:
    """The format of a picture (a key of FORMATS), and its size in pixels when upright."""

    format: str
    width: int
    height: int


def read_image(data: bytes | BinaryIO, *, limits: Limits = DEFAULT_LIMITS, target: int | None = None) -> Image.Image:
    """Return the picture in `data`: sRGB, upright, on white where it was transparent, without any metadata.

    `target` is the side in pixels that the caller scales it to: the picture is then reduced as long as both sides stay
    at least twice that; a JPEG while it is decoded, which is 7 times faster for a 12-megapixel photo. Pass more for a
    picture that is to be cropped first.

    Raises UnreadableImageError if it is not a picture, damaged or truncated, ImageTooLargeError before anything is
    decoded, UnsupportedImageError for a format whose decoder is not installed.
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
    stream = _PatientStream(content, reads=_JPEG_HEADER_READS if name == "JPEG" else _HEADER_READS)
    try:
        with closing(open_picture(stream, name, limits=limits)) as picture:
            width, height = picture.size
            orientation = read_orientation(picture.info)
    except _TOO_LARGE as error:
        raise ImageTooLargeError("image.over_pixels", limit=limits.max_pixels / 1e6) from error
    except _DAMAGED as error:
        raise UnreadableImageError("image.damaged") from error
    return (height, width) if orientation >= 5 else (width, height)


def take_turns(lock: AbstractContextManager[object]) -> None:
    """Read large pictures one at a time across all processes that are given the same lock."""
    global _large  # noqa: PLW0603  (set once, where a process begins)
    _large = lock


class _PatientStream(io.BytesIO):
    """A stream that allows a limited number of reads, then raises UnreadableImageError."""

    def __init__(self, content: bytes, *, reads: int) -> None:
        super().__init__(content)
        self.reads_left = reads

    def read(self, size: int | None = -1, /) -> bytes:
        self.reads_left -= 1
        if self.reads_left < 0:
            raise UnreadableImageError("image.damaged")
        return super().read(size)


def _read(data: bytes | BinaryIO, limits: Limits, target: int | None) -> tuple[Image.Image, Description]:
    content = data if isinstance(data, bytes) else data.read(limits.max_bytes + 1)
    limits.check_bytes(len(content))
    if not content:
        raise UnreadableImageError("image.empty")
    name = sniff_format(content[:64])
    if name is None:
        raise UnreadableImageError("image.unknown_format")
    if name == "HEIC":
        picture = decode_heic(content, limits=limits)
        size = picture.size
        upright = _flatten(_shrink(picture, target))
        convert_to_srgb(upright, picture.info.get("icc_profile"))
    else:
        upright, size = _decode(content, name, limits, target)
    upright.info = {}
    return upright, Description(name, *size)


def _decode(content: bytes, name: str, limits: Limits, target: int | None) -> tuple[Image.Image, tuple[int, int]]:
    """Return the upright picture, and its upright size before any reduction."""
    stream = _PatientStream(content, reads=_JPEG_HEADER_READS if name == "JPEG" else _HEADER_READS)
    try:
        picture = open_picture(stream, name, limits=limits)
        width, height = picture.size
        if name == "JPEG":
            _prepare_jpeg(picture, content, target)
        stream.reads_left = _PIXEL_READS
        # Closed within the lock, so that its memory is freed before the next large picture is read.
        with _large if width * height > _LARGE_PIXELS else nullcontext(), closing(picture):
            picture.load()
            # After loading: a PNG may have its EXIF at the end.
            orientation = read_orientation(picture.info)
            upright = turn_upright(_flatten(_shrink(picture, target)), orientation)
            convert_to_srgb(upright, picture.info.get("icc_profile"))
    except _TOO_LARGE as error:
        raise ImageTooLargeError("image.over_pixels", limit=limits.max_pixels / 1e6) from error
    except _DAMAGED as error:
        raise UnreadableImageError("image.truncated" if is_cut_short(content, name) else "image.damaged") from error
    return upright, (height, width) if orientation >= 5 else (width, height)


def _prepare_jpeg(picture: ImageFile, content: bytes, target: int | None) -> None:
    if content.count(b"\xff\xda") > _MAX_SCANS:
        raise UnreadableImageError("image.damaged")
    if target is not None:
        picture.draft(None, (2 * target, 2 * target))


def _shrink(picture: Image.Image, target: int | None) -> Image.Image:
    """Return the picture, reduced by an integer factor if both sides stay at least twice the target."""
    factor = min(picture.size) // (2 * target) if target else 1
    # Palette indices, and the colour that stands for transparent, cannot be averaged.
    if factor < 2 or picture.mode not in _MEAN_MODES or "transparency" in picture.info:
        return picture
    return picture.reduce(factor)


def _flatten(picture: Image.Image) -> Image.Image:
    """Return a new RGB picture; transparent parts become white."""
    if picture.mode.startswith("I"):
        # 16-bit grey; `convert` alone would clip all above 255 to white. Pillow applies this as scale and offset.
        return picture.point(lambda shade: shade * (1 / 257) + 0.5).convert("L").convert("RGB")
    if picture.has_transparency_data:
        layer = picture.convert("RGBA")
        canvas = Image.new("RGB", layer.size, "white")
        canvas.paste(layer, mask=layer)
        return canvas
    return picture.convert("RGB")
