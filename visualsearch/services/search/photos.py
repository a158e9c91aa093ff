"""Reading the photo that somebody searches with: bounded before it is received, and (catalogue.imaging) decoded."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from PIL.Image import Image

from catalogue.exceptions import ImageTooLargeError
from catalogue.imaging import crop_to, read_image
from catalogue.photos.validators import photo_limits
from visualsearch.services.indexing.embedding import DECODE_SIZE

# What a body has beside the photo: boundaries, options, JSON's own signs.
BODY_SPARE = 100_000
# Of a crop, in fractions of the photo: a narrower one is decoded no finer.
NARROWEST_CROP = 0.05

# x, y, width, height as fractions of the upright picture.
Crop = tuple[float, float, float, float]


def check_length(length: int, *, as_text: bool = False) -> None:
    """Refuse a request's body that is longer than any photo, before it is read. Raises ImageTooLargeError.

    `as_text`: the photo is in it as base64, which is a third longer.
    """
    if length > settings.PHOTO_MAX_BYTES * (4 / 3 if as_text else 1) + BODY_SPARE:
        limit = settings.PHOTO_MAX_BYTES / 1e6
        raise ImageTooLargeError("request.body_too_large", size=round(length / 1e6, 1), limit=limit)


def upload_bytes(file: UploadedFile[Any]) -> bytes:
    """Return the bytes of an uploaded photo. Raises ImageTooLargeError if they are too many."""
    photo_limits().check_bytes(file.size or 0)
    return bytes(file.read())


def decode_upload(file: UploadedFile[Any], *, width: int, crop: Crop | None = None) -> Image:
    """Return an uploaded picture, or a part of it, upright, decoded no larger than a rendition of this width needs."""
    return decode_photo(upload_bytes(file), crop, target=width)


def decode_photo(content: bytes, crop: Crop | None = None, *, target: int = DECODE_SIZE) -> Image:
    """Return the upright picture, or the part of it that the crop frames. Raises what the imaging engine raises.

    Decoded no larger than `target` pixels on a side need, except where a crop wants the detail.
    """
    if crop is None:
        return read_image(content, limits=photo_limits(), target=target)
    wanted = round(target / max(min(crop[2], crop[3]), NARROWEST_CROP))
    return crop_to(read_image(content, limits=photo_limits(), target=wanted), crop)
