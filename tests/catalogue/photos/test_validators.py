"""Staff are told what is wrong with a photo."""

from __future__ import annotations

import sys

import pytest
from django.conf import LazySettings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.utils.translation import override

from catalogue.messages import Message
from catalogue.messages.rendering import render
from catalogue.models import Photo
from catalogue.photos.validators import validate_photo
from tests.catalogue.imaging.pictures import HEIC_TURNED
from tests.factories import drawn_picture


def refusal_of(data: bytes) -> tuple[str | None, list[str]]:
    with pytest.raises(ValidationError) as refusal, override("en"):
        validate_photo(ContentFile(data, "photo.jpg"))
    return refusal.value.code, refusal.value.messages


def test_a_picture_passes_and_is_left_at_its_beginning() -> None:
    file = ContentFile(drawn_picture(), "photo.png")
    file.read()

    validate_photo(file)

    assert file.tell() == 0


def test_a_file_that_is_no_picture_is_told_so() -> None:
    assert refusal_of(b"hello") == (
        "unreadable_image",
        ["This file type isn’t supported. Send a JPEG, PNG, WebP, GIF, AVIF or HEIC image."],
    )


def test_a_picture_cut_short_is_told_so() -> None:
    assert refusal_of(drawn_picture()[:-40]) == (
        "unreadable_image",
        ["This image is incomplete: the end of the file is missing. Send the whole file."],
    )


def test_a_file_or_picture_that_is_too_large_is_told_the_limits(settings: LazySettings) -> None:
    settings.PHOTO_MAX_BYTES, settings.PHOTO_MAX_PIXELS = 1_500_000, 1_000
    smaller = "Send a smaller one: 2,000 pixels on the long side is plenty."
    pixels = "The image is 40 × 40 pixels (0.0016 megapixels); the limit is 0.001 megapixels."

    assert refusal_of(b"\xff" * 1_500_001) == ("image_too_large", [f"The file is larger than 1.5 MB. {smaller}"])
    assert refusal_of(drawn_picture(size=(40, 40))) == ("image_too_large", [f"{pixels} {smaller}"])


def test_heic_without_its_decoder_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pi_heif", None)

    assert refusal_of(HEIC_TURNED) == (
        "unsupported_media_type",
        [render(Message("image.heic_unsupported"), "en")],
    )


def test_a_stored_file_is_not_read_again() -> None:
    photo = Photo(file="gone.jpg")

    validate_photo(photo.file)
