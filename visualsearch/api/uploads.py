"""How a batch's photos are received."""

from __future__ import annotations

from django.conf import settings

from catalogue.messages import Message
from catalogue.photos.uploads import BoundedTemporaryUploadHandler, UploadLimits


class BatchUploadHandler(BoundedTemporaryUploadHandler):
    """A batch's photos."""

    def limits(self) -> UploadLimits:
        return UploadLimits(
            settings.PHOTO_MAX_BYTES,
            settings.BATCH_MAX_BYTES,
            # Of each photo: its boundary and name.
            1_000 * settings.DATA_UPLOAD_MAX_NUMBER_FILES,
            Message.of("image.over_bytes", limit=settings.PHOTO_MAX_BYTES / 1e6),
        )
