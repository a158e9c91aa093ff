"""What can go wrong, as one tree. None of it knows HTTP; the API pairs class and status in one place.

VitrineError
├── CatalogueError
│   ├── InvalidRequestError       what was asked makes no sense, field by field
│   ├── ImageError
│   │   ├── UnreadableImageError    not a picture, or a damaged one
│   │   ├── ImageTooLargeError      too many bytes or pixels
│   │   └── UnsupportedImageError   a format whose decoder is not installed
│   └── UnreachableUrlError       no picture could be fetched from an address
│       └── NotFetchedError         the same, for staff: with the cause
└── VisualSearchError             (visualsearch/exceptions.py)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class VitrineError(Exception):
    """Root of everything that Vitrine raises on purpose.

    `code` is what programs branch on; `title` and the message are for people: the cause, then the remedy.
    """

    code = "error"
    title = "Something went wrong."


class CatalogueError(VitrineError):
    """Root of the catalogue's branch."""


class InvalidRequestError(CatalogueError):
    """What was asked makes no sense; `errors` maps field names to messages."""

    code = "invalid"
    title = "The request is not valid."

    def __init__(self, errors: Mapping[str, Sequence[str]]) -> None:
        self.errors = {field: list(messages) for field, messages in errors.items()}
        super().__init__("; ".join(f"{field}: {' '.join(said)}" for field, said in self.errors.items()))


class ImageError(CatalogueError):
    """A picture that cannot be used."""


class UnreadableImageError(ImageError):
    """Not a picture, or a damaged one."""

    code = "unreadable_image"
    title = "The picture cannot be read."


class ImageTooLargeError(ImageError):
    """More bytes or pixels than allowed."""

    code = "image_too_large"
    title = "The picture is too large."


class UnsupportedImageError(ImageError):
    """A picture in a format whose decoder is not installed."""

    code = "unsupported_media_type"
    title = "Pictures of this format are not read here."


class UnreachableUrlError(CatalogueError):
    """No picture could be fetched from an address. One text for every cause, so it tells nothing of the network."""

    code = "unreachable_url"
    title = "The address cannot be reached."


class NotFetchedError(UnreachableUrlError):
    """No picture could be fetched, and why. For staff, who gave the address; never for strangers.

    `passing`: it may heal by itself. `busy`: the whole host asks to be left alone, for `wait_s` seconds if it said so.
    """

    def __init__(self, reason: str, *, passing: bool = False, busy: bool = False, wait_s: float | None = None) -> None:
        self.passing, self.busy, self.wait_s = passing, busy, wait_s
        super().__init__(reason)
