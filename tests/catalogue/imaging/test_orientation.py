"""Pictures are read upright, whatever way the camera was held."""

from __future__ import annotations

import pytest

from catalogue.imaging import Description, describe_image, read_image
from tests.catalogue.imaging.pictures import (
    draw_quarters,
    encode,
    exif_of,
    mean_difference,
    png_of,
    store_turned,
)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_every_orientation_is_read_upright(name: str, orientation: int) -> None:
    upright = draw_quarters()
    data = encode(store_turned(upright, orientation), name, exif=exif_of(orientation), quality=95)

    picture = read_image(data)

    assert mean_difference(picture, upright) < 4
    assert describe_image(data) == Description(format=name, width=96, height=64)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_is_read_upright_when_decoded_smaller(orientation: int) -> None:
    upright = draw_quarters(960, 640)
    data = encode(store_turned(upright, orientation), "JPEG", exif=exif_of(orientation), quality=95)

    picture = read_image(data, target=80)

    assert mean_difference(picture, draw_quarters(240, 160)) < 4


def test_orientation_after_the_pixels_of_a_png_counts() -> None:
    upright = draw_quarters()
    before = encode(store_turned(upright, 6), "PNG")
    end = before.rindex(b"IEND") - 4
    chunk = png_of((b"eXIf", exif_of(6).removeprefix(b"Exif\0\0")))[8:]

    picture = read_image(before[:end] + chunk + before[end:])

    assert mean_difference(picture, upright) == 0


def test_orientation_in_the_text_chunk_of_imagemagick_counts() -> None:
    upright = draw_quarters()
    exif = exif_of(3)
    profile = f"\nexif\n{len(exif)}\n{exif.hex()}\n".encode()
    data = encode(store_turned(upright, 3), "PNG")
    chunk = png_of((b"tEXt", b"Raw profile type exif\0" + profile))[8:]

    picture = read_image(data[:33] + chunk + data[33:])

    assert mean_difference(picture, upright) == 0


@pytest.mark.parametrize(
    "exif",
    [
        b"",
        b"Exif\0\0",
        b"Exif\0\0II*\0\xff\xff\xff\xff",
        b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + b"\x01" * 40,
        exif_of(6)[:-8],
        exif_of(6).replace(b"\x01\x12", b"\x01\x13").replace(b"\x12\x01", b"\x13\x01"),
    ],
)
@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP"])
def test_damaged_exif_is_passed_over(name: str, exif: bytes) -> None:
    upright = draw_quarters()

    picture = read_image(encode(upright, name, exif=exif, quality=95))

    assert mean_difference(picture, upright) < 4
