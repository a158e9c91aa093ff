"""How large a picture may be."""

from __future__ import annotations

from dataclasses import dataclass

from catalogue.exceptions import ImageTooLargeError


@dataclass(frozen=True)
class Limits:
    """The most bytes a file may have and the most pixels it may decode to, both checked before it is decoded."""

    max_bytes: int = 20_000_000
    max_pixels: int = 50_000_000

    def check_bytes(self, size: int) -> None:
        """Raise ImageTooLargeError if a file of `size` bytes is too large."""
        if size > self.max_bytes:
            # A caller that stops reading at the limit does not know the size of the file.
            limit, megabytes = self.max_bytes / 1e6, round(size / 1e6, 1)
            if megabytes > limit:
                raise ImageTooLargeError("image.too_many_bytes", size=megabytes, limit=limit)
            raise ImageTooLargeError("image.over_bytes", limit=limit)

    def check_pixels(self, width: int, height: int) -> None:
        """Raise ImageTooLargeError if a picture of `width` × `height` pixels is too large."""
        if width * height > self.max_pixels:
            raise ImageTooLargeError(
                "image.too_many_pixels",
                width=width,
                height=height,
                megapixels=float(f"{width * height / 1e6:.4g}"),
                limit=self.max_pixels / 1e6,
            )


DEFAULT_LIMITS = Limits()
