from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from tests.visualsearch.garments import GREY, RED
from visualsearch.inference.foreground import CELLS, MaskSettings, box_of, lab_of, mask_of

SETTINGS = MaskSettings()


@pytest.mark.parametrize(
    ("colour", "expected"),
    [
        ("white", (100, 0, 0)),
        ("black", (0, 0, 0)),
        ("red", (53.24, 80.09, 67.20)),
        ((119, 119, 119), (50.03, 0, 0)),
    ],
)
def test_lab_is_that_of_the_standard(colour: str, expected: tuple[float, float, float]) -> None:
    lab = lab_of(Image.new("RGB", (10, 10), colour))

    assert lab.shape == (CELLS, CELLS, 3)
    np.testing.assert_allclose(lab[0, 0], expected, atol=0.05)


def test_the_box_frames_what_stands_out_from_the_border() -> None:
    picture = Image.new("RGB", (CELLS, CELLS), GREY)
    picture.paste(RED, (16, 20, 48, 52))

    mask = mask_of(lab_of(picture), None, SETTINGS)

    assert box_of(mask, SETTINGS) == (16 / CELLS, 20 / CELLS, 32 / CELLS, 32 / CELLS)
    assert mask.max() == 1


def test_the_class_map_tells_two_things_apart() -> None:
    picture = Image.new("RGB", (CELLS, CELLS), GREY)
    picture.paste(RED, (8, 24, 24, 40))
    picture.paste(RED, (40, 24, 56, 40))
    seen = np.zeros((CELLS, CELLS), np.float32)
    seen[:, 32:] = 1

    mask = mask_of(lab_of(picture), seen, SETTINGS)

    assert box_of(mask, SETTINGS) == (40 / CELLS, 24 / CELLS, 16 / CELLS, 16 / CELLS)


def test_a_plain_picture_has_its_centre_as_foreground() -> None:
    mask = mask_of(lab_of(Image.new("RGB", (30, 30), GREY)), None, SETTINGS)

    assert mask[CELLS // 2, CELLS // 2] == mask.max() == 1
    assert mask[0, 0] < 0.3
