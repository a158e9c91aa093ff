"""HEIC pictures are read where their decoder is installed, in a process that may crash."""

from __future__ import annotations

import sys

import pytest
from PIL import Image

from catalogue.exceptions import ImageTooLargeError, UnreadableImageError, UnsupportedImageError
from catalogue.imaging import Limits, read_image
from tests.catalogue.imaging.pictures import (
    BLUE,
    GREEN,
    HEIC_TURNED,
    RED,
    mean_difference,
)


def test_heic_that_its_decoder_turns_is_not_turned_again() -> None:
    picture = read_image(HEIC_TURNED)

    assert picture.size == (64, 32)
    expected = Image.new("RGB", (64, 32), BLUE)
    expected.paste(RED, (0, 0, 32, 16))
    expected.paste(GREEN, (0, 16, 32, 32))
    assert mean_difference(picture, expected) < 4


def test_a_heic_that_is_cut_short_is_unreadable() -> None:
    at = HEIC_TURNED.index(b"mdat") - 4
    # As phones write them: what the picture itself does not need, such as a depth map, comes last.
    whole = HEIC_TURNED[:at] + (len(HEIC_TURNED) - at + 100).to_bytes(4) + HEIC_TURNED[at + 4 :] + bytes(100)

    for cut in (1, 50, 99):
        with pytest.raises(UnreadableImageError):
            read_image(whole[:-cut])
    assert read_image(whole).size == (64, 32)
    assert read_image(whole + b"SEFT and more that is no box").size == (64, 32)


def test_heic_without_its_decoder_is_unsupported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pi_heif", None)

    with pytest.raises(UnsupportedImageError, match="Save the photo as JPEG"):
        read_image(HEIC_TURNED)


def test_a_heic_that_crashes_its_decoder_is_refused() -> None:
    # The type of an item, which pi_heif takes for UTF-8: this byte crashes it.
    kind = HEIC_TURNED.index(b"Exif", HEIC_TURNED.index(b"infe"))
    data = HEIC_TURNED[:kind] + b"\xff" + HEIC_TURNED[kind + 1 :]

    with pytest.raises(UnreadableImageError):
        read_image(data)


def test_a_heic_larger_than_allowed_is_told_so() -> None:
    with pytest.raises(ImageTooLargeError, match="megapixels"):
        read_image(HEIC_TURNED, limits=Limits(max_pixels=64 * 32 - 1))
