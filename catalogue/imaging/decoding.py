"""Decodes a file of a known format in this process: one step of `reading`, which decides where that happens."""

from __future__ import annotations

import io
import math
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

from PIL import Image
from PIL.ImageFile import ImageFile

from catalogue.exceptions import ImageTooLargeError, UnreadableImageError
from catalogue.imaging import jpeg
from catalogue.imaging.costs import Cost, estimate
from catalogue.imaging.formats import is_cut_short, open_picture
from catalogue.imaging.limits import Limits
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

# Pillow allocates memory in blocks of 16 MB, which glibc keeps for the thread that freed them: each server thread that
# had read a large picture kept 400 MB. Blocks above 32 MB are returned to the system.
Image.core.set_block_size(64 << 20)  # type: ignore[attr-defined]  # documented, not in the stubs

# A picture for a target has no more pixels than this, whatever detail its smallest crop would need.
_OUTPUT_PIXELS = 13_000_000
# Whatever has no mean (palettes, transparency, 16 bits) is made RGB in strips of so many pixels, and then reduced.
_STRIP_PIXELS = 1_000_000
_MEAN_MODES = {"L", "RGB", "CMYK"}

# After the last byte of a scan that is whole, a decoder skips this; one that still needs bits takes them for pixels.
# Two of them, each bit of one the opposite of the other's. Restart markers are in both, since a decoder that waits for
# one skips all else.
_NOISE = [
    b"".join(
        bytes((i * 89 + j * 57 + 90) % 254 + 1 ^ flip for j in range(64)) + bytes((0xFF, 0xD0 + i % 8))
        for i in range(16)
    )
    for flip in (0x00, 0xFF)
]


@dataclass(frozen=True, slots=True)
class Opened:
    """A picture whose header is read, its own size in pixels before any reduction, and what decoding it will cost."""

    picture: ImageFile
    size: tuple[int, int]
    cost: Cost


class PatientStream(io.BytesIO):
    """A stream that allows a limited number of reads, then raises UnreadableImageError."""

    def __init__(self, content: bytes, *, reads: int) -> None:
        super().__init__(content)
        self.reads_left = reads

    def read(self, size: int | None = -1, /) -> bytes:
        self.reads_left -= 1
        if self.reads_left < 0:
            raise UnreadableImageError("image.damaged")
        return super().read(size)


def open_file(content: bytes, name: str, *, limits: Limits, target: int | None) -> Opened:
    """Return a picture of the format `name`, any but HEIC, its header read and no pixel decoded. See `read_image`.

    Raises as `read_image` does: ImageTooLargeError also where decoding would cost more than the limits allow.
    """
    with telling_damage(content, name, limits):
        picture = open_header(content, name, limits=limits)
        size, ended = picture.size, name != "JPEG" or jpeg.has_end(content)
        if name == "JPEG":
            factor = factor_of(size, target)
            picture.draft(None, (max(1, size[0] // factor), max(1, size[1] // factor)))
        output = picture.width * picture.height // factor_of(picture.size, target) ** 2
        cost = estimate(picture, content, name, size=size, output=output, whole=not ended)
    limits.check_cost(cost)
    return Opened(picture, size, cost)


def open_header(content: bytes, name: str, *, limits: Limits) -> ImageFile:
    """Return a picture of the format `name`, any but HEIC. Raises what `open_picture` does."""
    stream = PatientStream(content, reads=_JPEG_HEADER_READS if name == "JPEG" else _HEADER_READS)
    return open_picture(stream, name, limits=limits)


def decode(
    opened: Opened, content: bytes, name: str, *, limits: Limits, target: int | None
) -> tuple[Image.Image, tuple[int, int]]:
    """Return the picture, upright and sRGB, and its own upright size. Raises as `read_image` does."""
    with telling_damage(content, name, limits):
        try:
            return _decode(opened, target)
        except OSError:
            if name != "JPEG" or jpeg.has_end(content) or not _lacks_end_only(content, limits):
                raise
        return _decode(open_file(content + jpeg.END, name, limits=limits, target=target), target)


def shrink(picture: Image.Image, target: int | None) -> Image.Image:
    """Return a new RGB picture on white, reduced by an integer factor as `read_image` says."""
    factor = factor_of(picture.size, target)
    if picture.mode in _MEAN_MODES and "transparency" not in picture.info:
        small = picture.reduce(factor) if factor > 1 else picture
        # What is RGB already keeps its pixels: `convert` would copy them.
        return small._new(small.im) if small.mode == "RGB" else small.convert("RGB")
    return shrink_rows(lambda top, bottom: picture.crop((0, top, picture.width, bottom)), picture.size, factor)


def shrink_rows(rows: Callable[[int, int], Image.Image], size: tuple[int, int], factor: int) -> Image.Image:
    """Return the same of a picture of this size, whose rows from one to another `rows` returns: a few at a time."""
    width, height = size
    small = Image.new("RGB", (-(-width // factor), -(-height // factor)))
    step = max(1, _STRIP_PIXELS // width // factor) * factor
    for top in range(0, height, step):
        strip = _flatten(rows(top, min(top + step, height)))
        small.paste(strip.reduce(factor) if factor > 1 else strip, (0, top // factor))
    return small


def factor_of(size: tuple[int, int], target: int | None) -> int:
    """Return by how much a picture of this size is reduced for a target."""
    if target is None:
        return 1
    return max(1, min(size) // (2 * target), math.ceil(math.sqrt(size[0] * size[1] / _OUTPUT_PIXELS)))


@contextmanager
def telling_damage(content: bytes, name: str, limits: Limits) -> Iterator[None]:
    """Raise what decoders raise as ImageTooLargeError or UnreadableImageError."""
    try:
        yield
    except _TOO_LARGE as error:
        raise ImageTooLargeError("image.over_pixels", limit=limits.max_pixels / 1e6) from error
    except _DAMAGED as error:
        raise UnreadableImageError("image.truncated" if is_cut_short(content, name) else "image.damaged") from error


def _decode(opened: Opened, target: int | None) -> tuple[Image.Image, tuple[int, int]]:
    picture, (width, height) = opened.picture, opened.size
    if isinstance(picture.fp, PatientStream):
        picture.fp.reads_left = _PIXEL_READS
    # Closed before the picture is turned, so that it is never there three times.
    with closing(picture):
        picture.load()
        # After loading: a PNG may have its EXIF at the end.
        orientation, profile = read_orientation(picture.info), picture.info.get("icc_profile")
        small = shrink(picture, target)
    upright = turn_upright(small, orientation)
    convert_to_srgb(upright, profile)
    return upright, (height, width) if orientation >= 5 else (width, height)


def _lacks_end_only(content: bytes, limits: Limits) -> bool:
    """Return whether a JPEG without an end marker has all its pixels: then no bytes after them change any."""
    if not jpeg.read_scans(content).complete:
        return False
    # The first half of the end marker may be there.
    scans = content.rstrip(b"\xff")
    return len({_checksum(scans + noise + jpeg.END, limits) for noise in _NOISE}) == 1


def _checksum(content: bytes, limits: Limits) -> int:
    checksum = 0
    with closing(open_header(content, "JPEG", limits=limits)) as picture:
        picture.load()
        for top in range(0, picture.height, 64):
            strip = picture.crop((0, top, picture.width, min(top + 64, picture.height)))
            checksum = zlib.crc32(strip.tobytes(), checksum)
    return checksum


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
