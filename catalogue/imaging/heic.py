"""HEIC pictures: decoded in a process of their own only, since three changed bytes are enough to crash pi_heif 1.4.0.

A content type that is not UTF-8 is a segmentation fault, and HEVC decoders have a long history of such bugs.

A shop may run without pi_heif: such files are then refused with a message of their own.
"""

from __future__ import annotations

import importlib
import importlib.util
import io

from PIL import Image

from catalogue.exceptions import UnreadableImageError, UnsupportedImageError
from catalogue.imaging.costs import Cost
from catalogue.imaging.decoding import factor_of, shrink_rows, telling_damage
from catalogue.imaging.limits import Limits
from catalogue.imaging.profiles import convert_to_srgb

# Boxes with a picture's structure and data. Files have a handful of boxes, and some end in bytes that are no box.
_NEEDED_BOXES = {b"ftyp", b"meta", b"mdat"}
_MAX_BOXES = 1_000
# What libheif and its copy in Python hold for a pixel.
_BYTES_PER_PIXEL = 5


def check_readable(content: bytes) -> None:
    """Raise UnsupportedImageError if pi_heif is not installed, UnreadableImageError for a file that is cut short."""
    if importlib.util.find_spec("pi_heif") is None:
        raise UnsupportedImageError("image.heic_unsupported")
    if _is_cut_short(content):
        raise UnreadableImageError("image.truncated")


def decode_heic(content: bytes, *, limits: Limits, target: int | None) -> tuple[Image.Image, tuple[int, int]]:
    """Return the picture in `content`, sRGB, upright as its container states and reduced, and its own upright size.

    May crash the process. Raises as `read_image` does.
    """
    # By name: the dependency is optional, also for type checkers.
    heif = importlib.import_module("pi_heif")
    with telling_damage(content, "HEIC", limits):
        file = heif.open_heif(io.BytesIO(content), convert_hdr_to_8bit=True, remove_stride=False)
        # What the file says before it is decoded; after that, it is what there is.
        for _ in range(2):
            limits.check_pixels(*file.size)
            limits.check_cost(Cost(0.0, file.size[0] * file.size[1] * _BYTES_PER_PIXEL))
            data = memoryview(file.data)
        size, mode, stride = file.size, file.mode, file.stride

        def rows(top: int, bottom: int) -> Image.Image:
            strip = bytes(data[top * stride : bottom * stride])
            return Image.frombuffer(mode, (size[0], bottom - top), strip, "raw", mode, stride, 1)

        small = shrink_rows(rows, size, factor_of(size, target))
    convert_to_srgb(small, file.info.get("icc_profile"))
    return small, size


def _is_cut_short(content: bytes) -> bool:
    """Return whether a needed box reaches past the end; the decoder accepts such a file without an error."""
    start = 0
    for _ in range(_MAX_BOXES):
        size, kind = int.from_bytes(content[start : start + 4]), content[start + 4 : start + 8]
        if size == 1:
            size = int.from_bytes(content[start + 8 : start + 16])
        if start + size > len(content):
            return kind in _NEEDED_BOXES
        if size < 8:
            # The end of the file, bytes that are no box, or size 0: a box that extends to the end of the file.
            return False
        start += size
    return False
