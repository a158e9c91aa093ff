"""A picture's colours are what its ICC profile says they are, and a bad profile changes nothing."""

from __future__ import annotations

import random
import struct
import subprocess
import sys
import textwrap

import numpy as np
import pytest
from PIL import Image, ImageCms

from catalogue.imaging import read_image, render
from tests.catalogue.imaging.pictures import HEIC_TURNED, display_p3, encode, mean_difference

# One colour in Display P3, and the same in sRGB by the standards' own matrices.
IN_P3, IN_SRGB = (200, 100, 50), (215, 93, 31)
PICTURE = Image.new("RGB", (96, 64), IN_P3)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("JPEG", {"quality": 100, "subsampling": 0}),
        ("PNG", {}),
        ("WEBP", {"lossless": True}),
        ("AVIF", {"quality": 100, "speed": 10}),
    ],
)
@pytest.mark.parametrize("target", [None, 8])
def test_a_photo_in_display_p3_is_converted_to_srgb(name: str, options: dict[str, object], target: int | None) -> None:
    data = encode(PICTURE, name, icc_profile=display_p3(), **options)

    picture = read_image(data, target=target)

    assert mean_difference(picture, Image.new("RGB", picture.size, IN_SRGB)) < 3
    assert picture.info == {}


def test_a_palette_and_transparent_parts_are_converted_too() -> None:
    palette = encode(PICTURE.quantize(), "PNG", icc_profile=display_p3())
    layer = PICTURE.convert("RGBA")
    layer.paste((0, 0, 0, 0), (48, 0, 96, 64))

    picture = read_image(encode(layer, "PNG", icc_profile=display_p3()))

    assert read_image(palette).getpixel((5, 5)) == picture.getpixel((5, 5)) == IN_SRGB
    assert picture.getpixel((90, 5)) == (255, 255, 255)


def test_srgb_stays_what_it_is() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()

    picture = read_image(encode(PICTURE, "PNG", icc_profile=profile))

    assert mean_difference(picture, PICTURE) < 1


def test_a_rendition_is_in_srgb_and_has_no_profile() -> None:
    rendition = render(read_image(encode(PICTURE, "PNG", icc_profile=display_p3())), 48)

    assert b"ICCP" not in rendition
    assert mean_difference(read_image(rendition), Image.new("RGB", (48, 32), IN_SRGB)) < 4


def test_the_profile_of_a_heic_is_used() -> None:
    picture = read_image(heic_with_profile(display_p3()))

    plain = read_image(HEIC_TURNED)
    assert picture.size == plain.size
    # The green of Display P3 is greener than that of sRGB.
    greens = [int(np.asarray(one)[24, 16, 1]) for one in (plain, picture)]
    assert greens[1] - greens[0] >= 3


@pytest.mark.parametrize(
    "profile",
    [
        b"",
        b"\xff" * 588,
        display_p3()[:300],
        display_p3().replace(b"RGB ", b"CMYK"),
        display_p3().replace(b"RGB ", b"GRAY"),
        display_p3() + bytes(70_000),
    ],
    ids=["empty", "junk", "cut short", "CMYK", "grey", "large"],
)
def test_a_profile_that_will_not_do_changes_nothing(profile: bytes) -> None:
    picture = read_image(encode(PICTURE, "PNG", icc_profile=profile))

    assert mean_difference(picture, PICTURE) == 0


# Changed bytes may crash what reads them, hence the process of its own.
MUTATE = """
    import random
    from PIL import Image
    from catalogue.imaging.profiles import convert_to_srgb
    from tests.catalogue.imaging.test_profiles import mutated

    chance = random.Random(20)
    converted = 0
    for turn in range(2_000):
        picture = Image.new("RGB", (4, 4), (200, 100, 50))
        convert_to_srgb(picture, mutated(chance))
        assert picture.mode == "RGB"
        converted += picture.getpixel((0, 0)) != (200, 100, 50)
    print(100 < converted < 1_900)
"""


def mutated(chance: random.Random) -> bytes:
    profile = bytearray(display_p3())
    for _ in range(chance.randrange(1, 8)):
        profile[chance.randrange(chance.choice([400, len(profile)]))] = chance.choice([0, 1, 127, 128, 255])
    return bytes(profile)


def test_no_changed_byte_of_a_profile_gets_past_the_reader() -> None:
    command = [sys.executable, "-c", textwrap.dedent(MUTATE)]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)

    assert (answer.returncode, answer.stdout) == (0, "True\n"), answer.stderr[-2_000:]


def heic_with_profile(profile: bytes) -> bytes:
    """Return HEIC_TURNED with its colours described by `profile`, in the place of the box that says them in numbers."""
    data = HEIC_TURNED
    at = data.index(b"colr") - 4
    old = int.from_bytes(data[at : at + 4])
    box = struct.pack(">I", 12 + len(profile)) + b"colrprof" + profile
    data = data[:at] + box + data[at + old :]
    grown = len(box) - old
    # The boxes around it, and where the data begin, move along.
    for kind in (b"ipco", b"iprp", b"meta"):
        start = data.index(kind) - 4
        data = data[:start] + struct.pack(">I", int.from_bytes(data[start : start + 4]) + grown) + data[start + 4 :]
    for place in (0x5D, 0x6F):
        (begin,) = struct.unpack_from(">I", data, place)
        data = data[:place] + struct.pack(">I", begin + grown) + data[place + 4 :]
    return data
