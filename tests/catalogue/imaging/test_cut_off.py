"""A JPEG that lacks its end marker alone is read; one that lacks pixels is not."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from catalogue.exceptions import UnreadableImageError
from catalogue.imaging import describe_image, read_image
from tests.catalogue.imaging.pictures import encode


def photo(mode: str = "RGB") -> Image.Image:
    """Return a picture with detail in every corner, so that each byte of its file counts."""
    noise = np.random.default_rng(7).integers(0, 255, (48, 64, 3), np.uint8)
    return Image.fromarray(noise).resize((320, 240), Image.Resampling.BICUBIC).convert(mode)


KINDS = {
    "baseline": encode(photo(), "JPEG", quality=90),
    "grey": encode(photo("L"), "JPEG", quality=90),
    "cmyk": encode(photo("CMYK"), "JPEG", quality=90),
    "progressive": encode(photo(), "JPEG", quality=90, progressive=True),
    "restarts": encode(photo(), "JPEG", quality=90, restart_marker_rows=1),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("target", [None, 20])
def test_a_jpeg_without_its_end_marker_is_read(kind: str, target: int | None) -> None:
    whole = KINDS[kind]

    for cut in (1, 2):
        assert read_image(whole[:-cut], target=target).tobytes() == read_image(whole, target=target).tobytes()
    assert describe_image(whole[:-2]).width == 320


@pytest.mark.parametrize("kind", KINDS)
def test_a_jpeg_that_lacks_pixels_is_cut_off(kind: str) -> None:
    whole = KINDS[kind]

    for cut in (6, 9, 40, 1_000, len(whole) // 2):
        for read in (read_image, describe_image):
            with pytest.raises(UnreadableImageError, match="is incomplete"):
                read(whole[:-cut])


def test_a_jpeg_cut_at_a_scan_or_at_a_restart_is_cut_off() -> None:
    progressive, restarts = KINDS["progressive"], KINDS["restarts"]
    scans = [at for at in range(len(progressive)) if progressive.startswith(b"\xff\xda", at)]
    markers = [at for at in range(len(restarts)) if restarts[at] == 0xFF and 0xD0 <= restarts[at + 1] <= 0xD7]

    for data in (progressive[: scans[1]], progressive[: scans[-1]], restarts[: markers[3]], restarts[: markers[-1]]):
        with pytest.raises(UnreadableImageError):
            read_image(data, target=20)


def test_bytes_after_the_end_are_no_pixels() -> None:
    film = io.BytesIO(KINDS["baseline"] + b"ftypmp42" + bytes(10_000))

    assert read_image(film).size == (320, 240)
