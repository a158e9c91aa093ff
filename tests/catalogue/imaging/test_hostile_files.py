"""Files made to crash, stall or exhaust the reader are refused, quickly and in little memory."""

from __future__ import annotations

import io
import random
import struct
import subprocess
import sys
import textwrap
import time
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import FrameType

import pytest
from PIL import Image
from PIL.PngImagePlugin import ChunkStream

from catalogue.exceptions import ImageError, ImageTooLargeError, UnreadableImageError
from catalogue.imaging import read_image
from tests.catalogue.imaging.pictures import draw_quarters, encode, exif_of, png_header, png_of

PIXELS = (b"IDAT", zlib.compress(b"\0" * 31 * 10))
END = (b"IEND", b"")
# Refusing takes 0.2 s of processor time at the most; this leaves room for a busy machine, and none for what these
# files aim at.
REFUSED_WITHIN_CPU_S = 2.0


def peak_kb() -> int:
    """Return the most memory that this process held since it began, or since `begin_peak`.

    Not ru_maxrss: a child's begins with what its parent had.
    """
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0])


def begin_peak() -> int:
    """Forget the peak so far, and return what is held now."""
    Path("/proc/self/clear_refs").write_text("5")
    return peak_kb()


def webp_canvas(width: int, height: int) -> bytes:
    """Return the start of a WebP that announces a canvas; opening it would allocate it."""
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBPVP8X" + struct.pack("<I", 10) + b"\x10\0\0\0" + size
    return b"RIFF" + struct.pack("<I", len(body)) + body


def gif_canvas(width: int, height: int) -> bytes:
    data = bytearray(encode(Image.new("P", (8, 8)), "GIF"))
    struct.pack_into("<HH", data, 6, width, height)
    return bytes(data)


def gif_frame_beyond_its_canvas() -> bytes:
    data = bytearray(encode(Image.new("P", (8, 8)), "GIF"))
    frame = data.rindex(b"\x2c\0\0\0\0\x08\0\x08\0")
    struct.pack_into("<HH", data, frame + 5, 65_535, 65_535)
    return bytes(data)


@pytest.mark.parametrize(
    "data",
    [
        png_of(png_header(65_535, 65_535), PIXELS, END),
        png_of(png_header(9_000, 9_000), PIXELS, END),
        webp_canvas(16_000, 16_000),
        gif_canvas(65_535, 65_535),
        gif_canvas(9_000, 9_000),
        gif_frame_beyond_its_canvas(),
        encode(draw_quarters(), "JPEG").replace(b"\0\x40\0\x60\x03", b"\xff\xff\xff\xff\x03"),
    ],
    ids=["png", "png between the limits", "webp", "gif", "gif between the limits", "gif frame", "jpeg"],
)
def test_a_small_file_that_announces_a_huge_picture_is_too_large(data: bytes) -> None:
    before, started = begin_peak(), time.process_time()
    with pytest.raises(ImageTooLargeError):
        read_image(data)

    assert time.process_time() - started < REFUSED_WITHIN_CPU_S
    assert peak_kb() - before < 20_000


TINY_JPEG = encode(Image.new("RGB", (64, 64), "red"), "JPEG")
EMPTY_CHUNK = png_of((b"abCd", b""))[8:]


@cache
def bomb() -> bytes:
    """Return a few bytes that become 200 MB. Made when they are needed: it takes a second."""
    return zlib.compress(b"\0" * 200_000_000, 9)


@pytest.mark.parametrize(
    "made",
    [
        lambda: png_of(png_header(10, 10), (b"zTXt", b"a\0\0" + bomb()), PIXELS, END),
        lambda: png_of(png_header(10, 10), (b"iCCP", b"a\0\0" + bomb()), PIXELS, END),
        lambda: png_of(png_header(10, 10), PIXELS, (b"iTXt", b"a\0\1\0\0\0" + bomb()), END),
        lambda: png_of(png_header(10, 10)) + EMPTY_CHUNK * 1_600_000 + png_of(PIXELS, END)[8:],
        lambda: png_of(png_header(10, 10), PIXELS) + EMPTY_CHUNK * 1_600_000 + png_of(END)[8:],
        lambda: png_of(png_header(10, 10)) + png_of((b"IDAT", b""))[8:] * 1_600_000 + png_of(PIXELS, END)[8:],
        lambda: TINY_JPEG[:2] + b"\xff\xfe\0\2" * 4_900_000 + TINY_JPEG[2:],
        lambda: TINY_JPEG[:2] + b"\0" * 19_000_000 + TINY_JPEG[2:],
        lambda: b"GIF89a\x08\0\x08\0\0\0\0" + b"!\xfe\1a\0" * 3_900_000,
    ],
    ids=["text", "profile", "late text", "chunks", "late chunks", "pieces", "comments", "junk", "gif comments"],
)
def test_a_file_made_to_waste_time_or_memory_is_refused(made: Callable[[], bytes]) -> None:
    data = made()
    before, started = begin_peak(), time.process_time()
    with pytest.raises(UnreadableImageError):
        read_image(data)

    assert time.process_time() - started < REFUSED_WITHIN_CPU_S
    assert peak_kb() - before < 100_000


@pytest.mark.parametrize("chunk", [b"abCd", b"IDAT"])
def test_a_png_of_a_million_empty_chunks_is_given_up_after_a_few(chunk: bytes) -> None:
    data = png_of(png_header(10, 10), PIXELS) + png_of((chunk, b""))[8:] * 1_000_000
    looked_at = 0

    def count(frame: FrameType, event: str, argument: object) -> None:
        nonlocal looked_at
        looked_at += event == "call" and frame.f_code is ChunkStream.read.__code__

    sys.setprofile(count)
    try:
        with pytest.raises(UnreadableImageError):
            read_image(data)
    finally:
        sys.setprofile(None)

    assert 100 < looked_at < 40_000


def test_a_progressive_jpeg_of_endless_scans_is_refused() -> None:
    data = encode(draw_quarters(), "JPEG", progressive=True)
    scan = data.rindex(b"\xff\xda")

    with pytest.raises(UnreadableImageError):
        read_image(data[:-2] + data[scan:-2] * 200 + data[-2:])


def test_long_metadata_of_a_gif_is_passed_over() -> None:
    data = encode(draw_quarters(), "GIF", comment=b"x" * 500_000)

    assert read_image(data).size == (96, 64)


def test_a_profile_of_any_size_is_passed_over() -> None:
    data = encode(draw_quarters(), "JPEG", icc_profile=b"\xff" * 2_000_000)

    assert read_image(data).size == (96, 64)


# Changed bytes may crash a decoder, so they are read in a process of their own, with the memory of a small server.
MUTATE = """
    import random, resource, sys
    resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
    from catalogue.exceptions import ImageError
    from catalogue.imaging import read_image
    from tests.catalogue.imaging.test_hostile_files import good_files, mutate

    chance = random.Random(20)
    files = good_files()
    read = refused = 0
    for turn in range(1_000):
        data = mutate(chance.choice(files), chance)
        try:
            picture = read_image(data, target=chance.choice([None, 20]))
        except ImageError:
            refused += 1
        else:
            assert picture.mode == "RGB"
            read += 1
    print(read > 100, refused > 100)
"""


def good_files() -> list[bytes]:
    picture, grey = draw_quarters(), draw_quarters().convert("L")
    exif = exif_of(6)
    again = [picture.rotate(90), picture.rotate(180)]
    return [
        encode(picture, "JPEG", exif=exif),
        encode(picture, "JPEG", progressive=True),
        encode(picture.convert("CMYK"), "JPEG"),
        encode(picture, "PNG", exif=exif),
        encode(picture.quantize(), "PNG", transparency=bytes(range(4))),
        encode(grey.convert("I;16"), "PNG"),
        encode(picture, "PNG", save_all=True, append_images=again),
        encode(picture, "WEBP", exif=exif),
        encode(picture.convert("RGBA"), "WEBP", lossless=True),
        encode(picture, "WEBP", save_all=True, append_images=again),
        encode(picture, "GIF", save_all=True, append_images=again, comment=b"x" * 700),
        encode(picture, "AVIF", exif=exif, speed=10),
        encode(picture.convert("RGBA"), "AVIF", speed=10),
    ]


def mutate(good: bytes, chance: random.Random) -> bytes:
    data = bytearray(good)
    at = chance.randrange(len(data))
    match chance.randrange(5):
        case 0:
            del data[at:]
        case 1:
            del data[at : at + chance.randrange(1, 40)]
        case 2:
            data[at:at] = chance.randbytes(chance.randrange(1, 40))
        case kind:
            for _ in range(chance.randrange(1, 8)):
                data[chance.randrange(len(data) if kind == 3 else min(len(data), 200))] = chance.choice([0, 127, 255])
    return bytes(data)


def test_no_changed_byte_gets_past_the_reader() -> None:
    for warnings in ("default", "error"):
        command = [sys.executable, "-W", warnings, "-c", textwrap.dedent(MUTATE)]
        answer = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)

        assert answer.returncode == 0, answer.stderr[-2_000:]
        assert answer.stdout == "True True\n"


def test_reading_leaves_no_setting_of_pillow_changed() -> None:
    before = Image.MAX_IMAGE_PIXELS

    for data in (png_of(png_header(60_000, 60_000), PIXELS, END), TINY_JPEG[:300], b"x"):
        with pytest.raises(ImageError):
            read_image(io.BytesIO(data))

    assert before == Image.MAX_IMAGE_PIXELS
