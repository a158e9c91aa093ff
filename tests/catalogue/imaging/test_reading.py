"""Files become upright RGB pictures."""

from __future__ import annotations

import io
import sys

import numpy as np
import pytest
from PIL import Image

from catalogue.exceptions import ImageTooLargeError, UnreadableImageError, UnsupportedImageError
from catalogue.imaging import Description, Limits, describe_image, read_image
from tests.catalogue.imaging.pictures import (
    BLUE,
    GREEN,
    HEIC_TURNED,
    RED,
    draw_quarters,
    encode,
    exif_of,
    mean_difference,
    png_header,
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


def test_heic_that_its_decoder_turns_is_not_turned_again() -> None:
    pytest.importorskip("pi_heif")

    picture = read_image(HEIC_TURNED)

    assert picture.size == (64, 32)
    expected = Image.new("RGB", (64, 32), BLUE)
    expected.paste(RED, (0, 0, 32, 16))
    expected.paste(GREEN, (0, 16, 32, 32))
    assert mean_difference(picture, expected) < 4


def test_a_heic_that_is_cut_short_is_unreadable() -> None:
    pytest.importorskip("pi_heif")
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

    with pytest.raises(UnsupportedImageError, match="Send a JPEG"):
        read_image(HEIC_TURNED)


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


def test_what_has_no_mean_is_not_made_smaller() -> None:
    stripes = Image.new("P", (400, 400))
    stripes.putpalette([255, 0, 0, 0, 0, 255])
    for x in range(0, 400, 2):
        stripes.paste(1, (x, 0, x + 1, 400))

    assert read_image(encode(stripes, "GIF"), target=10).size == (400, 400)
    assert read_image(encode(stripes.convert("RGB"), "PNG", transparency=RED), target=10).size == (400, 400)


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

    for target in (None, 20):
        with pytest.raises(UnreadableImageError, match="damaged"):
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

    assert str(refusal.value) == (
        "The file is not a JPEG, PNG, WebP, GIF or AVIF picture, or it is damaged. Send one of these, or save it anew."
    )


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(UnreadableImageError, match="empty"):
        read_image(b"")


def test_a_picture_followed_by_a_script_is_read_as_a_picture() -> None:
    picture = read_image(encode(draw_quarters(), "PNG") + b"<script>alert(1)</script>")

    assert mean_difference(picture, draw_quarters()) == 0
