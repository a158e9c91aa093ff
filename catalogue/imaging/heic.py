"""HEIC pictures, decoded in a process of their own.

Three changed bytes are enough to crash pi_heif 1.4.0 (a content type that is not UTF-8: segmentation fault), and HEVC
decoders have a long history of such bugs. A crash here costs one picture, not the server; the child's memory and
time are limited. Starting it takes 0.1 s, decoding a phone's photo 0.5 s and more.

A shop may run without pi_heif: such files are then refused with a message of their own.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from threading import Lock

from PIL import Image

from catalogue.exceptions import ImageTooLargeError, UnreadableImageError, UnsupportedImageError
from catalogue.imaging.heic_child import TOO_LARGE
from catalogue.imaging.limits import Limits

_CHILD = Path(__file__).with_name("heic_child.py")
_TIMEOUT_S = 30

# A phone's 12 megapixels take 0.26 GB, half of it in the child, and 48 take 1 GB: so one at a time per process.
_one_child = Lock()

# Boxes with a picture's structure and data. Files have a handful of boxes, and some end in bytes that are no box.
_NEEDED_BOXES = {b"ftyp", b"meta", b"mdat"}
_MAX_BOXES = 1_000


def decode_heic(content: bytes, *, limits: Limits) -> Image.Image:
    """Return the picture in `content`, upright as its container states, with its ICC profile in `info`.

    Raises UnsupportedImageError if pi_heif is not installed, else as `read_image` does.
    """
    if importlib.util.find_spec("pi_heif") is None:
        raise UnsupportedImageError("image.heic_unsupported")
    if _is_cut_short(content):
        raise UnreadableImageError("image.truncated")
    # -I: neither the environment nor the current folder affects what is imported.
    command = [sys.executable, "-I", str(_CHILD), str(limits.max_pixels)]
    with _one_child:
        return _decode(command, content, limits)


def _decode(command: list[str], content: bytes, limits: Limits) -> Image.Image:
    try:
        child = subprocess.run(  # noqa: S603  (this interpreter, our own script, and a number)
            command, input=content, capture_output=True, timeout=_TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise UnreadableImageError("image.damaged") from error
    if child.returncode == TOO_LARGE:
        raise ImageTooLargeError("image.over_pixels", limit=limits.max_pixels / 1e6)
    head, _, body = child.stdout.partition(b"\n")
    if child.returncode or not body:
        raise UnreadableImageError("image.damaged")
    mode, width, height, profile_size = head.decode().split()
    profile, pixels = body[: int(profile_size)], memoryview(body)[int(profile_size) :]
    picture = Image.frombytes(mode, (int(width), int(height)), pixels)
    picture.info["icc_profile"] = profile
    return picture


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
