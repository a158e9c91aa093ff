"""How uploads are received: photos in memory only, files to import on the disk, and never more than they may have.

Django writes uploads above 2.5 MB to a temporary file. A shopper's photo must not touch the disk.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import MemoryFileUploadHandler, TemporaryFileUploadHandler

# A form may carry a handful of photos at once (the admin's inlines).
PHOTOS_A_REQUEST = 10


class BoundedMemoryUploadHandler(MemoryFileUploadHandler):
    """Keep a request's files in memory; refuse the request once it exceeds what photos may have.

    Raises RequestDataTooBig, which the API answers with 413 and Django's pages with 400.
    """

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
            raise RequestDataTooBig("The request is too large.")
        self.activated = True

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        if start + len(raw_data) > settings.PHOTO_MAX_BYTES:
            raise RequestDataTooBig(f"A photo may have {settings.PHOTO_MAX_BYTES / 1e6:.0f} MB at the most.")
        return super().receive_data_chunk(raw_data, start)


class BoundedTemporaryUploadHandler(TemporaryFileUploadHandler):
    """Keep a request's file in a temporary one; refuse the request once it exceeds what a file to import may have.

    Raises RequestDataTooBig. Set it on a request before its form is read.
    """

    # Boundaries, and the form's other fields.
    spare = 100_000

    def handle_raw_input(
        self,
        input_data: Any,
        META: Any,  # noqa: N803  (its name in Django)
        content_length: int,
        boundary: Any,
        encoding: Any = None,
    ) -> None:
        if content_length > settings.IMPORT_MAX_BYTES + self.spare:
            raise RequestDataTooBig("The file is too large.")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start + len(raw_data) > settings.IMPORT_MAX_BYTES:
            # Now, not when the last traceback that knows it is gone.
            self.file.close()
            raise RequestDataTooBig("The file is too large.")
        super().receive_data_chunk(raw_data, start)


class BatchUploadHandler(TemporaryFileUploadHandler):
    """Keep a batch's photos in temporary files; refuse it once one, or all together, exceed what they may have."""

    # Of each photo: its boundary and name.
    spare = 1_000

    def handle_raw_input(
        self,
        input_data: Any,
        META: Any,  # noqa: N803  (its name in Django)
        content_length: int,
        boundary: Any,
        encoding: Any = None,
    ) -> None:
        if content_length > settings.BATCH_MAX_BYTES + self.spare * settings.DATA_UPLOAD_MAX_NUMBER_FILES:
            raise RequestDataTooBig(f"A batch may have {settings.BATCH_MAX_BYTES / 1e6:.0f} MB at the most.")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start + len(raw_data) > settings.PHOTO_MAX_BYTES:
            self.file.close()
            raise RequestDataTooBig(f"A photo may have {settings.PHOTO_MAX_BYTES / 1e6:.0f} MB at the most.")
        super().receive_data_chunk(raw_data, start)
