"""Files become upright RGB pictures."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from catalogue.exceptions import ImageTooLargeError, UnreadableImageError
from catalogue.imaging import Description, Limits, decoding, describe_image, read_image
from tests.catalogue.imaging.pictures import (
    BLUE,
    RED,
    draw_quarters,
    encode,
    exif_of,
    mean_difference,
    png_header,
    png_of,
)


def test_first_frame_of_an_animation_is_read() -> None:
    first, second = draw_quarters(), Image.new("RGB", (96, 64), "black")

    for name in ("GIF", "WEBP", "PNG", "AVIF"):
        data = encode(first, name, save_all=True, append_images=[second], quality=95)
        assert mean_difference(read_image(data), first) < 4, name


@pytest.mark.parametrize("name", ["PNG", "WEBP"])
def test_transparent_parts_become_white(name: str) -> None:
    picture = draw_quarters().convert("RGBA")
    picture.paste((0, 0, 0, 0), (0, 0, 48, 32))
    picture.paste((255, 0, 0, 128), (48, 0, 96, 32))

    read = read_image(encode(picture, name, lossless=True))

    assert read.mode == "RGB"
    assert read.getpixel((10, 10)) == (255, 255, 255)
    assert read.getpixel((70, 10)) == (255, 127, 127)
    assert read.getpixel((10, 50)) == BLUE


def test_grey_with_transparency_becomes_grey_on_white() -> None:
    picture = Image.new("LA", (20, 20), (40, 255))
    picture.paste((0, 0), (0, 0, 10, 20))

    read = read_image(encode(picture, "PNG"))

    assert read.getpixel((5, 5)) == (255, 255, 255)
    assert read.getpixel((15, 5)) == (40, 40, 40)


@pytest.mark.parametrize("transparency", [0, bytes([0, 128, 255])])
def test_palette_with_transparency_becomes_colour_on_white(transparency: int | bytes) -> None:
    picture = Image.new("P", (30, 10))
    picture.putpalette([255, 0, 0, 0, 0, 255, 0, 200, 0])
    picture.paste(1, (10, 0, 20, 10))
    picture.paste(2, (20, 0, 30, 10))

    read = read_image(encode(picture, "PNG", transparency=transparency))

    assert read.getpixel((5, 5)) == (255, 255, 255)
    assert read.getpixel((15, 5)) == ((0, 0, 255) if transparency == 0 else (127, 127, 255))
    assert read.getpixel((25, 5)) == (0, 200, 0)


def test_one_transparent_colour_of_a_png_becomes_white() -> None:
    picture = draw_quarters()

    read = read_image(encode(picture, "PNG", transparency=RED))

    assert read.getpixel((10, 10)) == (255, 255, 255)
    assert read.getpixel((10, 50)) == BLUE


def test_transparent_colour_of_a_gif_becomes_white() -> None:
    picture = Image.new("P", (20, 10))
    picture.putpalette([255, 0, 0, 0, 0, 255])
    picture.paste(1, (10, 0, 20, 10))

    read = read_image(encode(picture, "GIF", transparency=0))

    assert read.getpixel((5, 5)) == (255, 255, 255)
    assert read.getpixel((15, 5)) == (0, 0, 255)


def test_sixteen_bit_grey_keeps_its_shades() -> None:
    shades = np.array([[0, 257, 32_896, 65_535]], np.uint16)

    read = read_image(encode(Image.fromarray(shades), "PNG"))

    assert [read.getpixel((x, 0)) for x in range(4)] == [(0,) * 3, (1,) * 3, (128,) * 3, (255,) * 3]


def test_black_and_white_is_read() -> None:
    picture = Image.new("1", (9, 9), 1)
    picture.paste(0, (0, 0, 4, 9))

    read = read_image(encode(picture, "PNG"))

    assert (read.mode, read.getpixel((1, 1)), read.getpixel((8, 8))) == ("RGB", (0, 0, 0), (255, 255, 255))


def test_cmyk_as_adobe_writes_it_keeps_its_colours() -> None:
    read = read_image(encode(draw_quarters().convert("CMYK"), "JPEG", quality=95))

    assert mean_difference(read, draw_quarters()) < 6


def test_nothing_but_pixels_is_kept() -> None:
    data = encode(draw_quarters(), "JPEG", exif=exif_of(1), icc_profile=b"p" * 300, comment=b"secret", dpi=(72, 72))

    assert read_image(data).info == {}


def test_target_keeps_twice_its_size_on_both_sides() -> None:
    data = encode(Image.new("RGB", (3200, 1000)), "JPEG")

    assert read_image(data, target=224).size == (1600, 500)
    assert read_image(data, target=300).size == (3200, 1000)
    assert describe_image(data) == Description(format="JPEG", width=3200, height=1000)


@pytest.mark.parametrize("name", ["PNG", "WEBP", "AVIF"])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_other_formats_are_made_smaller_by_the_same_rule(name: str, mode: str) -> None:
    data = encode(draw_quarters(960, 640).convert(mode), name, quality=95)

    picture = read_image(data, target=80)

    # A factor of 4 leaves 160 pixels on the short side, twice the target.
    assert mean_difference(picture, draw_quarters(240, 160)) < 4
    assert describe_image(data) == Description(format=name, width=960, height=640)


def test_what_has_no_mean_is_made_smaller_in_colour() -> None:
    stripes = Image.new("P", (400, 400))
    stripes.putpalette([255, 0, 0, 0, 0, 255])
    for x in range(0, 400, 2):
        stripes.paste(1, (x, 0, x + 1, 400))

    mean, on_white = Image.new("RGB", (20, 20), (128, 0, 128)), Image.new("RGB", (20, 20), (128, 128, 255))

    assert mean_difference(read_image(encode(stripes, "GIF"), target=10), mean) < 1
    assert mean_difference(read_image(encode(stripes.convert("RGB"), "PNG", transparency=RED), target=10), on_white) < 1


@pytest.mark.parametrize("mode", ["P", "RGBA", "LA", "I;16", "1"])
def test_a_picture_made_smaller_in_strips_is_the_whole_one_made_smaller(
    monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    data = encode(draw_quarters(203, 151).convert("L").convert(mode), "PNG")

    at_once = read_image(data, target=20)
    monkeypatch.setattr(decoding, "_STRIP_PIXELS", 1_000)

    assert at_once.size == (68, 51)
    assert mean_difference(read_image(data, target=20), at_once) == 0


def test_a_picture_for_a_large_target_has_thirteen_megapixels_at_the_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "_OUTPUT_PIXELS", 100 * 100)

    # A JPEG is halved by its decoder, and then once more.
    for name, size in (("JPEG", (75, 38)), ("PNG", (100, 50)), ("GIF", (100, 50))):
        assert read_image(encode(draw_quarters(300, 150), name), target=1_000).size == size, name
        assert read_image(encode(draw_quarters(300, 150), name)).size == (300, 150), name


def test_a_stream_is_read_no_further_than_the_limit() -> None:
    stream = io.BytesIO(b"\xff" * 5_000)

    with pytest.raises(ImageTooLargeError):
        read_image(stream, limits=Limits(max_bytes=1_000))

    assert stream.tell() == 1_001


def test_one_byte_decides_whether_a_file_is_too_large() -> None:
    data = encode(draw_quarters(), "PNG")

    read_image(data, limits=Limits(max_bytes=len(data)))
    with pytest.raises(ImageTooLargeError, match="MB"):
        read_image(data, limits=Limits(max_bytes=len(data) - 1))


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
def test_one_pixel_decides_whether_a_picture_is_too_large(name: str) -> None:
    data = encode(draw_quarters(), name)

    read_image(data, limits=Limits(max_pixels=96 * 64))
    with pytest.raises(ImageTooLargeError, match="96 × 64 pixels"):
        read_image(data, limits=Limits(max_pixels=96 * 64 - 1))


@pytest.mark.parametrize("lossless", [True, False])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_size_of_every_kind_of_webp_is_known_before_it_is_opened(mode: str, lossless: bool) -> None:
    data = encode(draw_quarters().convert(mode), "WEBP", lossless=lossless)

    with pytest.raises(ImageTooLargeError, match="96 × 64 pixels"):
        read_image(data, limits=Limits(max_pixels=10))


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_file_cut_short_is_refused(name: str, share: float) -> None:
    noise = Image.effect_noise((300, 200), 90).convert("RGB")
    data = encode(noise, name)

    told = "incomplete" if name in {"JPEG", "PNG", "WEBP"} else "damaged"
    for target in (None, 20):
        with pytest.raises(UnreadableImageError, match=told):
            read_image(data[: int(len(data) * share)], target=target)


@pytest.mark.parametrize(
    "data",
    [
        b"hello",
        b"\0" * 100,
        b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>",
        b"%PDF-1.7",
        b"\xff\xd8\xff",
        b"\x89PNG\r\n\x1a\n",
        b"GIF89a",
        b"RIFF\0\0\0\0WEBP",
        b"RIFF\0\0\0\0WEBPVP8X",
        b"\0\0\0\x18ftypavif",
        encode(draw_quarters(), "BMP"),
        encode(draw_quarters(), "TIFF"),
        encode(draw_quarters(), "ICO"),
        png_of(png_header(0, 5), (b"IEND", b"")),
        png_of((b"IEND", b"")),
    ],
)
def test_what_is_no_picture_of_ours_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableImageError) as refusal:
        read_image(data)

    assert refusal.value.message.code in {"image.unknown_format", "image.damaged", "image.truncated"}


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(UnreadableImageError, match="empty"):
        read_image(b"")


def test_a_picture_followed_by_a_script_is_read_as_a_picture() -> None:
    picture = read_image(encode(draw_quarters(), "PNG") + b"<script>alert(1)</script>")

    assert mean_difference(picture, draw_quarters()) == 0
