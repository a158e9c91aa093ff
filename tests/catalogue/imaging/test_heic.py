"""HEIC pictures are read where their decoder is installed, in a process that may crash."""

from __future__ import annotations

import sys

import pytest

from catalogue.exceptions import ImageTooLargeError, UnreadableImageError, UnsupportedImageError
from catalogue.imaging import Limits, describe_image, read_image
from tests.catalogue.imaging.pictures import HEIC_TURNED, heic_upright, mean_difference


def test_heic_that_its_decoder_turns_is_not_turned_again() -> None:
    picture = read_image(HEIC_TURNED)

    assert picture.size == (64, 32)
    assert mean_difference(picture, heic_upright()) < 4


def test_a_heic_is_reduced_for_whoever_needs_it_small_and_its_size_is_known() -> None:
    small = read_image(HEIC_TURNED, target=8)

    described = describe_image(HEIC_TURNED)
    assert small.size == (32, 16)
    assert mean_difference(small, heic_upright().reduce(2)) < 4
    assert (described.format, described.width, described.height) == ("HEIC", 64, 32)


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
