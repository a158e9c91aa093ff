"""Upload handlers with size limits: photos in memory only, import files on disk.

By default Django writes uploads above 2.5 MB to a temporary file, but a shopper's photo must never be on disk.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import MemoryFileUploadHandler, TemporaryFileUploadHandler

from catalogue.messages import Message, english

# The admin's inlines send several photos in one form.
PHOTOS_A_REQUEST = 10


class UploadTooLargeError(RequestDataTooBig):
    """A request, or a file in it, exceeds its size limit. `message` is the error for the client."""

    def __init__(self, message: Message) -> None:
        self.message = message
        super().__init__(english(message))


def too_many_bytes(size: int, limit: int) -> Message:
    return Message.of("request.files_too_large", size=round(size / 1e6, 1), limit=limit / 1e6)


class BoundedMemoryUploadHandler(MemoryFileUploadHandler):
    """Keep a request's files in memory, and reject the request once it exceeds the limits of photos.

    Raises UploadTooLargeError, to which the API responds with 413 and Django's pages with 400.
    """

    # Most photos are one piece: each takes 40 microseconds.
    chunk_size = 262_144
    received = 0

    def handle_raw_input(
        self,
        input_data: Any,
        META: Any,  # noqa: N803  (its name in Django)
        content_length: int,
        boundary: Any,
        encoding: Any = None,
    ) -> None:
        if content_length > settings.PHOTO_MAX_BYTES * PHOTOS_A_REQUEST:
            raise UploadTooLargeError(too_many_bytes(content_length, settings.PHOTO_MAX_BYTES * PHOTOS_A_REQUEST))
        self.activated = True

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        if start + len(raw_data) > settings.PHOTO_MAX_BYTES:
            raise UploadTooLargeError(Message.of("image.over_bytes", limit=settings.PHOTO_MAX_BYTES / 1e6))
        return super().receive_data_chunk(raw_data, start)


class RefusedFile(UploadedFile):  # type: ignore[type-arg]  # no [] at run time
    """In place of a file that a form cannot have: its name, and why."""

    def __init__(self, name: str | None, message: Message) -> None:
        self.message = message
        super().__init__(None, name, size=0)


class FormPhotosUploadHandler(BoundedMemoryUploadHandler):
    """Upload handler of a form with photos: one that is too large is left out, and the form says so beside its name."""

    over = False

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        self.over = False
        super().new_file(*args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        try:
            return None if self.over else super().receive_data_chunk(raw_data, start)
        except UploadTooLargeError:
            self.over, self.file = True, BytesIO()
            return None

    def file_complete(self, file_size: int) -> Any:
        if not self.over:
            return super().file_complete(file_size)
        return RefusedFile(self.file_name or "?", Message.of("image.over_bytes", limit=settings.PHOTO_MAX_BYTES / 1e6))


class BoundedTemporaryUploadHandler(TemporaryFileUploadHandler, ABC):
    """Write a request's files to temporary ones, and reject it once one of them, or their sum, exceeds its limit.

    Raises UploadTooLargeError. Set a subclass on a request before its form is read.
    """

    @abstractmethod
    def limits(self) -> UploadLimits:
        """Return the limits of the request's files."""

    def handle_raw_input(
        self,
        input_data: Any,
        META: Any,  # noqa: N803  (its name in Django)
        content_length: int,
        boundary: Any,
        encoding: Any = None,
    ) -> None:
        limits = self.limits()
        if content_length > limits.all_bytes + limits.spare_bytes:
            raise UploadTooLargeError(too_many_bytes(content_length, limits.all_bytes))

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        limits = self.limits()
        if start + len(raw_data) > limits.file_bytes:
            # Closed now: the traceback would keep the temporary file open.
            self.file.close()
            raise UploadTooLargeError(limits.file_too_large)
        super().receive_data_chunk(raw_data, start)


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """Limits in bytes of each file, of all files, and of the form around them; the error of too large a file."""

    file_bytes: int
    all_bytes: int
    spare_bytes: int
    file_too_large: Message


class ImportUploadHandler(BoundedTemporaryUploadHandler):
    """Upload handler of a file to import."""

    def limits(self) -> UploadLimits:
        limit = settings.IMPORT_MAX_BYTES
        return UploadLimits(limit, limit, 100_000, Message.of("request.import_too_large", limit=limit / 1e6))
