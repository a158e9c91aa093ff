from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from visualsearch.inference.letterbox import PAD_COLOUR, frame, unframe


@pytest.fixture
def wide() -> Image.Image:
    """Return 40 × 20 pixels: a black half, then a white one."""
    picture = Image.new("RGB", (40, 20), "black")
    picture.paste("white", (20, 0, 40, 20))
    return picture


def test_squashing_keeps_the_whole_photo(wide: Image.Image) -> None:
    square = frame(wide, 20, "squash")

    assert square.shape == (20, 20, 3)
    assert (square[:, :8] == 0).all()
    assert (square[:, 12:] == 255).all()


def test_letterboxing_pads_with_grey(wide: Image.Image) -> None:
    square = frame(wide, 20, "letterbox")

    assert (square[:5] == PAD_COLOUR).all()
    assert (square[15:] == PAD_COLOUR).all()
    assert (square[5:15, :8] == 0).all()


def test_cropping_keeps_the_centre(wide: Image.Image) -> None:
    square = frame(wide, 20, "crop")

    assert (square[:, :8] == 0).all()
    assert (square[:, 12:] == 255).all()


def test_a_squashed_map_covers_the_photo_as_it_is() -> None:
    seen = np.arange(4, dtype=np.float32).reshape(2, 2)

    np.testing.assert_array_equal(unframe(seen, (40, 20), "squash", 2), seen)


def test_the_bars_of_a_letterbox_are_no_part_of_the_map() -> None:
    bars = np.zeros((4, 4), np.float32)
    bars[1:3] = 1

    np.testing.assert_array_equal(unframe(bars, (40, 20), "letterbox", 4)[1:3], np.ones((2, 4)))


def test_beside_a_centre_crop_the_nearest_value_counts() -> None:
    seen = np.array([[0, 1], [0, 1]], np.float32)

    found = unframe(seen, (40, 20), "crop", 4)

    np.testing.assert_allclose(found, [[0, 0, 1, 1]] * 4)
