"""What a picture may have at the most: each limit is reached, and then passed by one."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from catalogue.exceptions import ImageTooLargeError, InvalidRequestError, UnreadableImageError
from catalogue.imaging import (
    Limits,
    crop_to,
    decoding,
    describe_image,
    heic,
    jpeg,
    profiles,
    read_image,
    render,
    renditions,
)
from catalogue.imaging.costs import Cost
from catalogue.imaging.limits import MAX_SECONDS
from tests.catalogue.imaging.pictures import display_p3, draw_quarters, encode

JPEG, PNG = encode(draw_quarters(), "JPEG"), encode(draw_quarters(), "PNG")
PIXELS = 96 * 64


@pytest.mark.parametrize("read", [read_image, describe_image])
@pytest.mark.parametrize("file", [False, True])
def test_a_file_has_so_many_bytes_and_a_picture_so_many_pixels(read: Any, *, file: bool) -> None:
    def given() -> Any:
        return io.BytesIO(PNG) if file else PNG

    assert read(given(), limits=Limits(max_bytes=len(PNG), max_pixels=PIXELS))
    with pytest.raises(ImageTooLargeError, match="The file is larger than"):
        read(given(), limits=Limits(max_bytes=len(PNG) - 1))
    with pytest.raises(ImageTooLargeError, match="96 × 64 pixels"):
        read(given(), limits=Limits(max_pixels=PIXELS - 1))


def test_the_limits_are_those_of_cameras_of_fifty_megapixels() -> None:
    limits = Limits()
    limits.check_bytes(20_000_000)
    for width, height in ((8_192, 6_144), (8_272, 6_200), (8_000, 6_500)):
        limits.check_pixels(width, height)

    with pytest.raises(ImageTooLargeError, match="larger than 20 MB"):
        limits.check_bytes(20_000_001)
    with pytest.raises(ImageTooLargeError, match="the limit is 52"):
        limits.check_pixels(8_000, 6_501)


def test_one_side_is_fifty_times_the_other_at_the_most() -> None:
    for width, height in ((500, 10), (10, 500), (1, 50)):
        Limits().check_pixels(width, height)

        with pytest.raises(UnreadableImageError, match="more than 50 times the other"):
            Limits().check_pixels(width + width // height, height + height // width)


def test_decoding_takes_so_much_time_and_memory() -> None:
    limits = Limits(max_memory=1_000)
    limits.check_cost(Cost(MAX_SECONDS, 1_000))

    for cost in (Cost(MAX_SECONDS * 1.01, 0), Cost(0, 1_001)):
        with pytest.raises(ImageTooLargeError, match="too much memory or time"):
            limits.check_cost(cost)


def test_bytes_may_be_read_so_often() -> None:
    stream = decoding.PatientStream(b"abc", reads=2)

    assert [stream.read(1), stream.read(1)] == [b"a", b"b"]
    with pytest.raises(UnreadableImageError):
        stream.read(1)


@pytest.mark.parametrize(
    ("name", "data", "other"),
    [("_JPEG_HEADER_READS", JPEG, PNG), ("_HEADER_READS", PNG, JPEG), ("_PIXEL_READS", PNG, b"")],
)
def test_each_part_of_a_file_is_read_so_often(
    monkeypatch: pytest.MonkeyPatch, name: str, data: bytes, other: bytes
) -> None:
    """Whatever that takes of these files, one less is too few, and the limit is far from it."""
    most = getattr(decoding, name)

    def is_read(reads: int, file: bytes) -> bool:
        monkeypatch.setattr(decoding, name, reads)
        try:
            read_image(file)
        except UnreadableImageError:
            return False
        return True

    needed = next(reads for reads in range(most) if is_read(reads, data))

    assert 0 < needed < most / 20
    assert not is_read(needed - 1, data)
    # It bounds no other part.
    assert not other or is_read(0, other)


def test_a_progressive_jpeg_has_so_many_scans(monkeypatch: pytest.MonkeyPatch) -> None:
    data = encode(draw_quarters(), "JPEG", progressive=True)
    scans = data.count(b"\xff\xda")
    assert scans > 1

    monkeypatch.setattr(jpeg, "_MAX_SCANS", scans)
    assert read_image(data).size == (96, 64)
    monkeypatch.setattr(jpeg, "_MAX_SCANS", scans - 1)

    with pytest.raises(UnreadableImageError):
        read_image(data)


def test_a_frame_holds_sixteen_pixels_a_side() -> None:
    picture = draw_quarters(100, 100)

    assert crop_to(picture, (0, 0, 0.16, 0.16)).size == (renditions.MIN_CROP_PX,) * 2 == (16, 16)
    for box in ((0, 0, 0.15, 0.16), (0, 0, 0.16, 0.15)):
        with pytest.raises(InvalidRequestError, match="it must be at least 16 on each side"):
            crop_to(picture, box)


@pytest.mark.parametrize("box", [(0.5, 0.0, 0.5, 1.0), (0.0, 0.5, 1.0, 0.5)])
def test_a_frame_reaches_a_thousandth_past_the_edge(box: tuple[float, float, float, float]) -> None:
    x, y, width, height = box
    wide = x > 0

    def past(more: float) -> tuple[float, float, float, float]:
        return (x, y, width + more, height) if wide else (x, y, width, height + more)

    assert crop_to(draw_quarters(), past(0.0009)).size == crop_to(draw_quarters(), box).size
    with pytest.raises(InvalidRequestError, match="extends beyond the image"):
        crop_to(draw_quarters(), past(0.0011))


@pytest.mark.parametrize(("height", "size"), [(16_383, (4, 16_383)), (16_384, (4, 16_383)), (32_766, (2, 16_383))])
def test_a_rendition_is_no_higher_than_a_webp_may_be(height: int, size: tuple[int, int]) -> None:
    with Image.open(io.BytesIO(render(Image.new("RGB", (4, height)), 320))) as rendition:
        assert rendition.size == size


def test_a_profile_is_used_up_to_its_longest(monkeypatch: pytest.MonkeyPatch) -> None:
    profile = display_p3()
    data = encode(Image.new("RGB", (8, 8), (200, 100, 50)), "PNG", icc_profile=profile)

    monkeypatch.setattr(profiles, "_MAX_BYTES", len(profile))
    converted = read_image(data).getpixel((0, 0))
    monkeypatch.setattr(profiles, "_MAX_BYTES", len(profile) - 1)
    as_it_was = read_image(data).getpixel((0, 0))

    assert (converted, as_it_was) == ((215, 93, 31), (200, 100, 50))


@pytest.mark.parametrize(("before", "noticed"), [(0, True), (2, True), (3, False)])
def test_so_many_boxes_of_a_heic_are_looked_at(monkeypatch: pytest.MonkeyPatch, *, before: int, noticed: bool) -> None:
    """A file of more is passed to its decoder, which notices by itself."""
    monkeypatch.setattr(heic, "_MAX_BOXES", 3)
    empty, cut_short = (8).to_bytes(4) + b"free", (100).to_bytes(4) + b"mdat"

    assert heic._is_cut_short(empty * before + cut_short) is noticed
