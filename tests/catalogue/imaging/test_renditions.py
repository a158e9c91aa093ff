"""Parts and smaller copies of pictures."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from catalogue.exceptions import InvalidRequestError
from catalogue.imaging import crop_to, read_image, render
from tests.catalogue.imaging.pictures import GREEN, draw_quarters, encode, exif_of, mean_difference


def test_a_crop_is_the_framed_part() -> None:
    part = crop_to(draw_quarters(96, 64), (0.5, 0.0, 0.5, 0.5))

    assert part.size == (48, 32)
    assert part.getcolors() == [(48 * 32, GREEN)]


def test_the_whole_picture_may_be_framed_also_a_tiny_one() -> None:
    assert crop_to(draw_quarters(96, 64), (0, 0, 1, 1)).size == (96, 64)
    assert crop_to(draw_quarters(4, 100), (0, 0.5, 1, 0.5)).size == (4, 50)


def test_fractions_that_were_rounded_up_are_taken() -> None:
    assert crop_to(draw_quarters(96, 64), (0.3334, 0.0, 0.6667, 1.0)).size == (64, 64)


@pytest.mark.parametrize(
    "box",
    [
        (-0.1, 0, 0.5, 0.5),
        (0, -0.1, 0.5, 0.5),
        (0, 0, 0, 0.5),
        (0, 0, 0.5, -0.5),
        (0.6, 0, 0.5, 0.5),
        (0, 0.6, 0.5, 0.5),
        (10, 10, 200, 200),
        (float("nan"), 0, 0.5, 0.5),
        (0, 0, float("inf"), 0.5),
        (0, 0, 0.1, 1),
        (0, 0, 1, 0.1),
    ],
)
def test_a_frame_that_makes_no_sense_is_refused(box: tuple[float, float, float, float]) -> None:
    with pytest.raises(InvalidRequestError) as refusal:
        crop_to(draw_quarters(96, 64), box)

    assert list(refusal.value.errors) == ["crop"]


def test_a_frame_that_is_too_small_is_told_its_pixels() -> None:
    with pytest.raises(InvalidRequestError, match="10 × 64 pixels; it must be at least 16"):
        crop_to(draw_quarters(100, 64), (0, 0, 0.1, 1))


@pytest.mark.parametrize("kind", ["webp", "avif"])
def test_a_rendition_is_of_the_kind_and_the_width_asked_for(kind: str) -> None:
    picture = draw_quarters(960, 640)

    rendition = Image.open(io.BytesIO(render(picture, 240, kind)))

    assert (rendition.format, rendition.size) == (kind.upper(), (240, 160))
    assert mean_difference(rendition.convert("RGB"), draw_quarters(240, 160)) < 4


def test_a_rendition_is_never_larger_than_the_picture() -> None:
    assert Image.open(io.BytesIO(render(draw_quarters(96, 64), 320))).size == (96, 64)


@pytest.mark.parametrize(("size", "rendered"), [((1_000, 1), (100, 1)), ((2, 20_000), (2, 16_383))])
def test_a_very_long_picture_has_a_rendition(size: tuple[int, int], rendered: tuple[int, int]) -> None:
    assert Image.open(io.BytesIO(render(Image.new("RGB", size), 100))).size == rendered


def test_a_rendition_carries_no_metadata() -> None:
    picture = Image.open(io.BytesIO(encode(draw_quarters(), "JPEG", exif=exif_of(1), icc_profile=b"p" * 300)))
    picture.load()

    for source in (picture, read_image(encode(picture, "JPEG", exif=exif_of(1), icc_profile=b"p" * 300))):
        data = render(source, 50)
        assert [kind for kind in (b"EXIF", b"ICCP", b"XMP ", b"VP8X") if kind in data] == []
        data = render(source, 50, "avif")
        assert [kind for kind in (b"Exif", b"prof", b"p" * 300, b"mime") if kind in data] == []
