"""How large a picture may be, and what decoding it may cost."""

from __future__ import annotations

from dataclasses import dataclass

from catalogue.exceptions import ImageTooLargeError, UnreadableImageError
from catalogue.imaging.costs import Cost

# No photo is a strip. One of 1 × 50,000,000 pixels takes a gigabyte, since every row costs memory of its own.
MAX_ASPECT = 50
# Twice what the costliest photo takes that people send (50 megapixels as a progressive JPEG of 20 MB). A JPEG of 95
# scans would take six seconds.
MAX_SECONDS = 3.0


@dataclass(frozen=True)
class Limits:
    """What a picture may have at the most; all of it is checked before it is decoded.

    The bytes of the file, the pixels that it decodes to, and the bytes of memory that decoding takes.
    """

    max_bytes: int = 20_000_000
    # Cameras of "50 megapixels" have up to 51.3.
    max_pixels: int = 52_000_000
    max_memory: int = 256_000_000

    def check_bytes(self, size: int) -> None:
        """Raise ImageTooLargeError if a file of `size` bytes is too large."""
        if size > self.max_bytes:
            # A caller that stops reading at the limit does not know the size of the file.
            limit, megabytes = self.max_bytes / 1e6, round(size / 1e6, 1)
            if megabytes > limit:
                raise ImageTooLargeError("image.too_many_bytes", size=megabytes, limit=limit)
            raise ImageTooLargeError("image.over_bytes", limit=limit)

    def check_pixels(self, width: int, height: int) -> None:
        """Raise ImageTooLargeError if a picture is too large, UnreadableImageError if it is a strip."""
        if width * height > self.max_pixels:
            raise ImageTooLargeError(
                "image.too_many_pixels",
                width=width,
                height=height,
                megapixels=float(f"{width * height / 1e6:.4g}"),
                limit=self.max_pixels / 1e6,
            )
        if max(width, height) > MAX_ASPECT * min(width, height):
            raise UnreadableImageError("image.too_narrow", width=width, height=height, limit=MAX_ASPECT)

    def check_cost(self, cost: Cost) -> None:
        """Raise ImageTooLargeError if decoding takes too much processor time or memory."""
        if cost.seconds > MAX_SECONDS or cost.memory > self.max_memory:
            raise ImageTooLargeError("image.too_costly")


DEFAULT_LIMITS = Limits()
