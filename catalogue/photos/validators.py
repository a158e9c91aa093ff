"""Checks of what staff hand in."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import File

from catalogue.exceptions import ImageError
from catalogue.imaging import Limits, describe_image
from catalogue.messages.rendering import render


def photo_limits() -> Limits:
    """Return the most bytes and pixels that a photo of this shop may have."""
    return Limits(max_bytes=settings.PHOTO_MAX_BYTES, max_pixels=settings.PHOTO_MAX_PIXELS)


def validate_photo(file: File[bytes]) -> None:
    """Raise ValidationError, in the reader's language, unless `file` is a picture that can be read to its end.

    The file is left at its beginning. One that is stored already is not read again.
    """
    if getattr(file, "_committed", False):
        return
    limits = photo_limits()
    file.seek(0)
    try:
        describe_image(file.read(limits.max_bytes + 1), limits=limits)
    except ImageError as error:
        raise ValidationError(render(error.message), code=error.code) from error
    finally:
        file.seek(0)
