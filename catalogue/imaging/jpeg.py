"""What the markers of a JPEG say of its scans, without decoding it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from catalogue.exceptions import UnreadableImageError

END = b"\xff\xd9"
_SOS, _SCAN = 0xDA, b"\xff\xda"
# Start of a frame: baseline, extended, progressive; with arithmetic coding, extended and progressive.
_FRAMES, _PROGRESSIVE = {0xC0, 0xC1, 0xC2, 0xC9, 0xCA}, {0xC2, 0xCA}
# Encoders write about ten scans, each with its tables before it.
_MAX_SCANS = 100
# A JPEG's header has about ten segments, and one for each 64 kB of EXIF data and profiles.
_MAX_SEGMENTS = 2_000
# Bits of a DCT coefficient: the first scan of a band may leave no more to later ones.
_ALL_BITS = 14


# Some programs append bytes after the end marker, and phones whole films.
_APPENDED_OFTEN = 64


@dataclass(frozen=True, slots=True)
class Scans:
    """`count`: how often a decoder goes over the picture. `buffered`: it keeps all coefficients until the last scan.

    `samples`: how many of them there are for each pixel, three with colours at full size, 1.5 with them halved.
    `complete`: the scans bring every coefficient to its last bit.
    """

    count: int
    buffered: bool
    samples: float
    complete: bool


def read_scans(content: bytes) -> Scans:
    """Return what a JPEG's markers say. Of one with a single scan, only the header is read: 0.1 ms.

    Raises UnreadableImageError for one of endless scans.
    """
    components, samples, progressive = [0], 1.0, False
    # The bits that are yet to come, of each component's mean (DC) and its details (AC).
    missing: dict[tuple[int, int], int] = {}
    start, count = len(content), 0
    for marker, at in _segments(content):
        if marker in _FRAMES:
            components, samples = _components(_segment(content, at))
            progressive = marker in _PROGRESSIVE
            missing = {(one, band): _ALL_BITS for one in components for band in (0, 1)}
        elif marker == _SOS:
            start = at - 2
    while (start := content.find(_SCAN, start) + 2) > 1:
        # Tables between the scans may have these two bytes as well: one scan too many is estimated then.
        segment = _segment(content, start)
        bands = _bands(segment, progressive=progressive)
        missing |= dict.fromkeys(bands, segment[-1] & 15 if progressive and segment else 0)
        count += 1
        if not progressive and len(bands) >= 2 * len(components):
            return Scans(1, buffered=False, samples=samples, complete=True)
        if count > _MAX_SCANS:
            raise UnreadableImageError("image.damaged")
    return Scans(count, buffered=True, samples=samples, complete=bool(missing) and not any(missing.values()))


def has_end(content: bytes) -> bool:
    """Return whether an end marker follows the beginning of the pixels. EXIF data before them may have their own."""
    if END in content[-_APPENDED_OFTEN:]:
        return True
    pixels = next((at for marker, at in _segments(content) if marker == _SOS), len(content))
    return content.rfind(END) > pixels


def _segments(content: bytes) -> Iterator[tuple[int, int]]:
    """Yield the markers of the header, up to the first scan, and where the segment of each begins."""
    start = 2
    for _ in range(_MAX_SEGMENTS):
        marker = content.find(b"\xff", start) + 1
        while marker and content[marker : marker + 1] == b"\xff":
            # A fill byte.
            marker += 1
        if not marker or marker >= len(content):
            return
        yield content[marker], marker + 1
        if content[marker] == _SOS:
            return
        start = marker + 1 + max(int.from_bytes(content[marker + 1 : marker + 3]), 2)


def _segment(content: bytes, at: int) -> bytes:
    return content[at + 2 : at + int.from_bytes(content[at : at + 2])]


def _components(segment: bytes) -> tuple[list[int], float]:
    """Return the ids of a frame's components, and their samples for each pixel of the picture."""
    each = [segment[at : at + 2] for at in range(6, 6 + 3 * (segment[5] if len(segment) > 5 else 0), 3)]
    sizes = [(one[1] >> 4) * (one[1] & 15) for one in each if len(one) == 2]
    return [one[0] for one in each if one], sum(sizes) / max([*sizes, 1])


def _bands(segment: bytes, *, progressive: bool) -> list[tuple[int, int]]:
    """Return which components' means (0) and details (1) a scan brings."""
    count = segment[0] if segment else 0
    bands = (0 if segment[-3:-2] == b"\0" else 1,) if progressive else (0, 1)
    return [(one, band) for one in segment[1 : 1 + 2 * count : 2] for band in bands]
