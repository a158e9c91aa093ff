"""Validators of uploaded photos."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import File

from catalogue.exceptions import ImageError
from catalogue.imaging import Limits, describe_image
from catalogue.messages.rendering import render


def photo_limits() -> Limits:
    """Return the settings' limits of a photo's bytes and pixels, and of the memory that decoding takes."""
    return Limits(settings.PHOTO_MAX_BYTES, settings.PHOTO_MAX_PIXELS, settings.PHOTO_MAX_MEMORY)


def validate_photo(file: File[bytes]) -> None:
    """Raise ValidationError, in the active language, unless `file` is a picture that can be decoded completely.

    The file's position is reset to its start. A file that is stored already is not read again.
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
