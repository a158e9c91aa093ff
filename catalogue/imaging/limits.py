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
            raise ImageTooLargeError(
                f"The file has more than {self.max_bytes / 1e6:g} MB. Send it smaller or more strongly compressed."
            )

    def check_pixels(self, width: int, height: int) -> None:
        """Raise ImageTooLargeError if a picture of `width` × `height` pixels is too large."""
        if width * height > self.max_pixels:
            raise ImageTooLargeError(
                f"The picture has {width} × {height} pixels, more than {self.max_pixels / 1e6:g} megapixels. "
                "Send it smaller; 2,000 pixels on its long side are plenty."
            )


DEFAULT_LIMITS = Limits()
