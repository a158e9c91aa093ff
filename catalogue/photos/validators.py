"""Checks of what staff hand in."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.utils.translation import gettext as _

from catalogue.exceptions import ImageTooLargeError, UnreadableImageError, UnsupportedImageError
from catalogue.imaging import Limits, describe_image


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
    except ImageTooLargeError as error:
        raise ValidationError(
            _("The photo is too large. It may have %(megabytes)g MB and %(megapixels)g megapixels. Save it smaller."),
            code=error.code,
            params={"megabytes": limits.max_bytes / 1e6, "megapixels": limits.max_pixels / 1e6},
        ) from error
    except UnsupportedImageError as error:
        raise ValidationError(_("HEIC photos are not read here. Save the photo as JPEG."), code=error.code) from error
    except UnreadableImageError as error:
        raise ValidationError(
            _("The file is not a JPEG, PNG, WebP, GIF or AVIF picture, or it is damaged. Save it anew as JPEG."),
            code=error.code,
        ) from error
    finally:
        file.seek(0)
