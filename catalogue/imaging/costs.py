"""What decoding a picture will cost, by what its headers say: processor time and memory, before any of it is spent.

Measured with pictures of 6 and 50 megapixels, flat ones and noise, on one core of a 2-core server. The factors are for
the costlier ones: an estimate that is too high sends a picture to a process of its own, nothing more.
"""

from __future__ import annotations

from dataclasses import dataclass

from PIL.ImageFile import ImageFile

from catalogue.imaging.jpeg import read_scans

# By format: seconds for a pixel of the picture, for one that is decoded, and for a byte of the file. Of a JPEG that is
# reduced while it is decoded, the two differ.
_SECONDS = {
    "JPEG": (2e-9, 8e-9, 15e-9),
    "PNG": (0.0, 5e-9, 5e-9),
    "GIF": (0.0, 20e-9, 10e-9),
    "WEBP": (0.0, 60e-9, 30e-9),
    "AVIF": (0.0, 60e-9, 60e-9),
}
# A scan of a progressive JPEG goes over the whole picture again, and a PNG's filter over each of its bytes.
_S_PER_SCANNED_PIXEL, _S_PER_FILTERED_BYTE = 1e-9, 6e-9
# Bytes for a decoded pixel: Pillow's own, by mode, or the decoder's where it holds the picture several times.
_MODE_BYTES, _FULL_PIXEL = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2}, 4
_FORMAT_BYTES = {"GIF": 2, "WEBP": 16, "AVIF": 11}
_COEFFICIENT_BYTES = 2
_PNG_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of processor time, and bytes of memory at its peak."""

    seconds: float
    memory: int


def estimate(
    picture: ImageFile, content: bytes, name: str, *, size: tuple[int, int], output: int, whole: bool = False
) -> Cost:
    """Return the cost of a picture of a format `name` (not HEIC), whose header is read; `content` is its file.

    `size` is the picture's own in pixels; that of `picture` may be smaller, if its decoder reduces it. `output` is how
    many pixels the result has. `whole`: the picture is decoded twice more, at its own size.

    Raises UnreadableImageError for a JPEG of endless scans.
    """
    pixels, decoded = size[0] * size[1], picture.width * picture.height
    by_pixel, by_decoded, by_byte = _SECONDS[name]
    seconds = pixels * by_pixel + decoded * by_decoded + len(content) * by_byte
    memory = decoded * _FORMAT_BYTES.get(name, _MODE_BYTES.get(picture.mode, _FULL_PIXEL)) + output * _FULL_PIXEL
    if name == "JPEG":
        scans = read_scans(content)
        if scans.buffered:
            seconds += pixels * scans.count * _S_PER_SCANNED_PIXEL
            memory += round(pixels * scans.samples * _COEFFICIENT_BYTES)
    elif name == "PNG":
        depth, colour = content[24], content[25]
        seconds += decoded * _PNG_CHANNELS.get(colour, 4) * max(depth, 8) // 8 * _S_PER_FILTERED_BYTE
    if whole:
        seconds, memory = 3 * seconds + 2 * pixels * by_decoded, memory + pixels * _FULL_PIXEL
    return Cost(seconds, memory)
