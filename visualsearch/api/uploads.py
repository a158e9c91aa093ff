"""Upload handler of batches."""

from __future__ import annotations

from django.conf import settings

from catalogue.messages import Message
from catalogue.photos.uploads import BoundedTemporaryUploadHandler, UploadLimits


class BatchUploadHandler(BoundedTemporaryUploadHandler):
    """Writes a batch's photos to temporary files, within limits per photo and per batch."""

    def limits(self) -> UploadLimits:
        return UploadLimits(
            settings.PHOTO_MAX_BYTES,
            settings.BATCH_MAX_BYTES,
            # Allowance for the multipart boundary and headers of each photo.
            1_000 * settings.DATA_UPLOAD_MAX_NUMBER_FILES,
            Message.of("image.over_bytes", limit=settings.PHOTO_MAX_BYTES / 1e6),
        )
