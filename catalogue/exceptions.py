"""What can go wrong, as one tree. None of it knows HTTP; the API pairs class and status in one place.

VitrineError
├── CatalogueError
│   ├── InvalidRequestError       what was asked makes no sense, field by field
│   ├── ImageError
│   │   ├── UnreadableImageError    not a picture, or a damaged one
│   │   ├── ImageTooLargeError      too many bytes or pixels
│   │   ├── UnsupportedImageError   a format whose decoder is not installed
│   │   └── BusyError               not now: too many costly ones wait, or nobody waits for this one
│   └── UnreachableUrlError       no picture could be fetched from an address
│       └── NotFetchedError         the same, for staff: with the cause
└── VisualSearchError             (visualsearch/exceptions.py)

StoreUnreachableError           an OSError: the store of files does not answer, as a disk may not

Each carries a Message, a code and parameters; catalogue/messages has the words, in the reader's language.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from catalogue.messages import Message, Param, english

# What the server tells of requests that do not reach the application (shop/http/).
BUSY, TOO_SLOW = "request.busy", "request.too_slow"


class StoreUnreachableError(OSError):
    """The store of files does not answer, or refuses. It may answer in a moment."""


class VitrineError(Exception):
    """Root of everything that Vitrine raises on purpose.

    `code` is the type of problem, what programs branch on. `message` says what happened; as text it is English, for
    logs, and `catalogue.messages.rendering` has it in the reader's language.
    """

    code = "error"

    def __init__(self, reason: str | Message, /, **params: Param) -> None:
        """Take a code of the registry with its parameters, or a message that another error carried."""
        self.message = reason if isinstance(reason, Message) else Message.of(reason, **params)
        super().__init__(self.message)

    def __str__(self) -> str:
        return english(self.message)


class CatalogueError(VitrineError):
    """Root of the catalogue's branch."""


class InvalidRequestError(CatalogueError):
    """What was asked makes no sense; `errors` maps field names to messages, or to a form's text in the reader's own."""

    code = "invalid"

    def __init__(self, errors: Mapping[str, Sequence[Message | str]]) -> None:
        self.errors = {field: list(messages) for field, messages in errors.items()}
        super().__init__("request.fields")

    def __str__(self) -> str:
        def words(message: Message | str) -> str:
            return english(message) if isinstance(message, Message) else str(message)

        return "; ".join(f"{field}: {' '.join(map(words, messages))}" for field, messages in self.errors.items())


class ImageError(CatalogueError):
    """A picture that cannot be used."""


class UnreadableImageError(ImageError):
    """Not a picture, or a damaged one."""

    code = "unreadable_image"


class ImageTooLargeError(ImageError):
    """More bytes or pixels than allowed."""

    code = "image_too_large"


class UnsupportedImageError(ImageError):
    """A picture in a format whose decoder is not installed."""

    code = "unsupported_media_type"


class BusyError(ImageError):
    """A picture that may be read later: there was no place for it in time. Raised within requests only."""

    code = "busy"


class UnreachableUrlError(CatalogueError):
    """No picture could be fetched from an address. One text for every cause, so it tells nothing of the network."""

    code = "unreachable_url"


class NotFetchedError(UnreachableUrlError):
    """No picture could be fetched, and why. For staff, who gave the address; never for strangers.

    `passing`: it may heal by itself. `busy`: the whole host asks to be left alone, for `wait_s` seconds if it said so.
    """

    def __init__(
        self,
        reason: str | Message,
        /,
        *,
        passing: bool = False,
        busy: bool = False,
        wait_s: float | None = None,
        **params: Param,
    ) -> None:
        self.passing, self.busy, self.wait_s = passing, busy, wait_s
        super().__init__(reason, **params)
