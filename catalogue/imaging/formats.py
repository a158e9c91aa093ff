"""Detects the format of a file by its first bytes, and opens it with the decoder of that format only."""

from __future__ import annotations

import io
from collections.abc import Callable

from PIL import Image, PngImagePlugin
from PIL.AvifImagePlugin import AvifImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from catalogue.exceptions import UnreadableImageError
from catalogue.imaging.limits import Limits

# Format to file extension.
FORMATS = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp", "GIF": "gif", "AVIF": "avif", "HEIC": "heic"}

# Deflate shrinks zeros to a thousandth.
_COMPRESSED_CHUNKS, _DEFLATE_RATIO, _UNPACKED_AT_MOST, _MAX_CHUNKS = (
    {b"zTXt", b"iTXt", b"iCCP"},
    1_032,
    16 << 20,
    20_000,
)

# End markers of complete files.
_ENDS = {"JPEG": b"\xff\xd9", "PNG": b"IEND"}
_APPENDED_AT_MOST = 64
_AVIF_BRANDS = {b"avif", b"avis"}
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}


class _Jpeg(JpegImageFile):
    def getexif(self) -> Image.Exif:
        # Pillow asks for the resolution while it opens a file, and its parser warns about every damaged entry, an
        # exception where warnings are errors. We want the orientation only, and read it ourselves (orientation.py).
        return Image.Exif()


# The classes themselves, not Image.open: that one also tries MPO, converts sizes into warnings according to the
# global Image.MAX_IMAGE_PIXELS, and leaves "which decoder" to a registry that any other library can extend.
_OPENERS: dict[str, Callable[[io.BytesIO], ImageFile]] = {
    "JPEG": _Jpeg,
    "PNG": PngImageFile,
    "WEBP": WebPImageFile,
    "GIF": GifImageFile,
    "AVIF": AvifImageFile,
}


def sniff_format(head: bytes) -> str | None:
    """Return the format (a key of FORMATS) that the first 64 bytes of a file indicate, or None."""
    if head.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "WEBP"
    if head[4:8] == b"ftyp":
        return _sniff_container(head)
    return None


def open_picture(stream: io.BytesIO, name: str, *, limits: Limits) -> ImageFile:
    """Return the picture in `stream`, its header parsed and its size within `limits`, no pixel decoded yet.

    `name` is its format, any but HEIC (heic.py). Raises UnreadableImageError or ImageTooLargeError, and what the
    decoders raise.
    """
    if name == "WEBP":
        # Opening a WebP allocates its canvas, twice.
        limits.check_pixels(*_webp_size(stream.getvalue()[:30]))
    elif name == "PNG":
        _check_png_texts(stream.getvalue())
    picture = _OPENERS[name](stream)
    limits.check_pixels(*picture.size)
    return picture


def is_cut_short(content: bytes, name: str) -> bool:
    """Return whether a file of the format `name` lacks its end marker, or is shorter than its header states."""
    if name == "WEBP":
        return len(content) < 8 + int.from_bytes(content[4:8], "little")
    end = _ENDS.get(name)
    # Some programs append bytes after the end marker.
    return end is not None and end not in content[-_APPENDED_AT_MOST:]


def _sniff_container(head: bytes) -> str | None:
    length = int.from_bytes(head[:4])
    # Major brand, minor version, then the compatible brands.
    brands = {head[8:12], *(head[i : i + 4] for i in range(16, min(length, len(head)), 4))}
    if brands & _AVIF_BRANDS:
        return "AVIF"
    if brands & _HEIC_BRANDS:
        return "HEIC"
    return None


def _check_png_texts(content: bytes) -> None:
    """Refuse a PNG whose texts and profile could be decompressed to more than a photo's have.

    Pillow bounds each chunk, and all of them only at 64 MB, which it keeps.
    """
    start, unpacked = 8, 0
    for _ in range(_MAX_CHUNKS):
        size, kind = int.from_bytes(content[start : start + 4]), content[start + 4 : start + 8]
        if kind in _COMPRESSED_CHUNKS:
            unpacked += min(size * _DEFLATE_RATIO, PngImagePlugin.MAX_TEXT_CHUNK)
        start += 12 + size
        if start >= len(content):
            break
    if unpacked > _UNPACKED_AT_MOST:
        raise UnreadableImageError("image.damaged")


def _webp_size(head: bytes) -> tuple[int, int]:
    kind = head[12:16]
    if kind == b"VP8X":
        return int.from_bytes(head[24:27], "little") + 1, int.from_bytes(head[27:30], "little") + 1
    if kind == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 ":
        return int.from_bytes(head[26:28], "little") & 0x3FFF, int.from_bytes(head[28:30], "little") & 0x3FFF
    raise UnreadableImageError("image.damaged")
