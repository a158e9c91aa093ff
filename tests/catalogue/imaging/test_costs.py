"""What decoding costs is known from headers: files that would cost too much are refused before any of it is spent."""

from __future__ import annotations

import struct
from dataclasses import replace

import pytest
from PIL import Image

from catalogue.exceptions import ImageTooLargeError, UnreadableImageError
from catalogue.imaging import Limits, jpeg, read_image
from catalogue.imaging.costs import Cost
from catalogue.imaging.decoding import open_file
from catalogue.imaging.formats import sniff_format
from catalogue.imaging.limits import MAX_SECONDS
from catalogue.imaging.reading import is_costly
from tests.catalogue.imaging.pictures import draw_quarters, encode, png_header, png_of

CAMERA = (8_192, 6_144)
PIXELS = (b"IDAT", b"")


def announcing(size: tuple[int, int], data: bytes) -> bytes:
    """Return a JPEG of 96 × 64 pixels whose header announces this size."""
    at = data.index(struct.pack(">HH", 64, 96))
    return data[:at] + struct.pack(">HH", size[1], size[0]) + data[at + 4 :]


def jpeg_of(size: tuple[int, int], mode: str = "RGB", **options: object) -> bytes:
    return announcing(size, encode(draw_quarters().convert(mode), "JPEG", **options))


def with_scans(data: bytes, count: int) -> bytes:
    """Return a progressive JPEG whose last scan is repeated until there are so many."""
    last = data[data.rindex(b"\xff\xda") : -2]
    return data[:-2] + last * (count - data.count(b"\xff\xda")) + data[-2:]


def webp_of(size: tuple[int, int]) -> bytes:
    width, height = size
    body = b"WEBPVP8L" + struct.pack("<I", 6) + b"\x2f" + struct.pack("<I", (width - 1) | (height - 1) << 14) + b"\0"
    return b"RIFF" + struct.pack("<I", len(body)) + body


def gif_of(size: tuple[int, int]) -> bytes:
    data = bytearray(encode(Image.new("P", (8, 8)), "GIF"))
    struct.pack_into("<HH", data, 6, *size)
    return bytes(data)


def cost_of(data: bytes, *, target: int | None = 448) -> Cost:
    name = sniff_format(data[:64])
    assert name is not None
    opened = open_file(data, name, limits=Limits(), target=target)
    opened.picture.close()
    return opened.cost


@pytest.mark.parametrize(
    "data",
    [
        with_scans(jpeg_of(CAMERA, "L", progressive=True), 95),
        jpeg_of(CAMERA, "CMYK", progressive=True, subsampling=0),
        webp_of(CAMERA),
        png_of(png_header(*CAMERA, depth=16, colour=6), (b"IDAT", b"\0" * 15_000_000)),
    ],
    ids=["scans", "coefficients", "canvases", "bytes"],
)
def test_what_would_cost_too_much_is_refused_by_its_header(data: bytes) -> None:
    with pytest.raises(ImageTooLargeError, match="too much memory or time"):
        read_image(data, limits=replace(Limits(), max_memory=200_000_000), target=448)


@pytest.mark.parametrize(
    "data",
    [png_of(png_header(1, 50_000_000), PIXELS), gif_of((1_000, 19)), jpeg_of((60_000, 600)), webp_of((16_000, 300))],
)
def test_a_strip_is_refused_by_its_header(data: bytes) -> None:
    with pytest.raises(UnreadableImageError, match="more than 50 times the other"):
        read_image(data)


@pytest.mark.parametrize(
    "data",
    [
        jpeg_of(CAMERA, progressive=True),
        png_of(png_header(*CAMERA), PIXELS),
        png_of(png_header(*CAMERA, colour=0), PIXELS),
        gif_of(CAMERA),
        webp_of((4_000, 3_000)),
        encode(draw_quarters(), "AVIF", speed=10) + b"\0" * 6_000_000,
    ],
    ids=["progressive jpeg", "png", "grey png", "gif", "webp", "avif"],
)
def test_what_may_take_long_or_much_memory_is_decoded_elsewhere(data: bytes) -> None:
    assert is_costly(cost_of(data))


def test_photos_as_phones_and_browsers_send_them_are_decoded_at_once() -> None:
    phone = jpeg_of((4_000, 3_000)) + b"\0" * 5_000_000 + jpeg.END

    assert not is_costly(cost_of(phone))
    assert not is_costly(cost_of(jpeg_of((1_024, 768), progressive=True)))
    assert not is_costly(cost_of(png_of(png_header(1_170, 2_532, colour=6), PIXELS)))
    assert not is_costly(cost_of(webp_of((1_500, 1_500))))


def test_a_camera_s_fifty_megapixels_are_within_the_limits() -> None:
    cost = cost_of(jpeg_of(CAMERA) + b"\0" * 19_000_000 + jpeg.END)

    assert cost.seconds < MAX_SECONDS / 2
    assert cost.memory < 60_000_000


def test_frames_after_the_first_cost_nothing() -> None:
    frames = [draw_quarters().rotate(turn) for turn in range(0, 360, 40)]

    for name in ("GIF", "PNG", "WEBP"):
        one = cost_of(encode(frames[0], name))
        many = cost_of(encode(frames[0], name, save_all=True, append_images=frames[1:]))
        assert many.memory == one.memory, name


def test_scans_are_counted_by_their_markers() -> None:
    """Those of a preview within the metadata are not the picture's."""
    preview = encode(draw_quarters(), "JPEG", progressive=True)
    picture = draw_quarters()

    assert jpeg.read_scans(encode(picture, "JPEG", exif=b"Exif\0\0" + preview)).count == 1
    assert jpeg.read_scans(encode(picture, "JPEG", progressive=True)).count == preview.count(b"\xff\xda") == 10
    assert jpeg.read_scans(encode(picture, "JPEG")).samples == 1.5
    assert jpeg.read_scans(encode(picture, "JPEG", subsampling=0)).samples == 3.0
    assert jpeg.read_scans(encode(picture.convert("L"), "JPEG")).samples == 1.0


def test_scans_bring_every_bit_or_not() -> None:
    data = encode(draw_quarters(), "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")

    assert jpeg.read_scans(data).complete
    assert not jpeg.read_scans(data[:last]).complete
    assert not jpeg.read_scans(data[:100]).complete


@pytest.mark.parametrize(
    "data", [b"", b"\xff\xd8\xff", b"\xff\xd8" + b"\xff" * 50, b"\xff\xd8\xff\xda", b"\xff\xd8\xff\xc2\0"]
)
def test_markers_that_lead_nowhere_end_the_search(data: bytes) -> None:
    assert not jpeg.read_scans(data).complete
    assert not jpeg.has_end(data)
