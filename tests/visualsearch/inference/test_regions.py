"""The vectors of a catalogue photo."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from django.conf import settings
from PIL import Image, ImageDraw

from tests.visualsearch.garments import draw_garment
from visualsearch.inference.artefact import open_model
from visualsearch.inference.descriptor import Descriptor
from visualsearch.inference.foreground import (
    FigureSettings,
    background_of,
    figure_box,
    figure_mask,
    lab_of,
    white_share,
)
from visualsearch.inference.litert import LiteRTModel
from visualsearch.inference.regions import VECTORS_A_PHOTO, crop_of, describe, regions_of

WHITE, GREY, NAVY, RED = "#ffffff", "#888888", "#1f2a4f", "#b00020"


@pytest.fixture(scope="module")
def model() -> LiteRTModel:
    return open_model(settings.ARTEFACTS_DIR / settings.VISUAL_MODEL["NAME"], interpreters=1)


def outfit(background: str = WHITE) -> Image.Image:
    """Return a red top over navy trousers, 100 × 200, in the middle of a picture of 200 × 300."""
    picture = Image.new("RGB", (200, 300), background)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((50, 50, 149, 149), fill=RED)
    draw.rectangle((50, 150, 149, 249), fill=NAVY)
    return picture


def test_a_studio_photo_is_described_whole_and_by_regions(model: LiteRTModel) -> None:
    studio, room = describe(model, [outfit(), outfit(GREY)])

    assert (studio.shape, room.shape) == ((VECTORS_A_PHOTO, 512), (1, 512))
    np.testing.assert_allclose(np.linalg.norm(studio, axis=1), 1, atol=1e-5)


def test_a_photos_vectors_do_not_depend_on_those_beside_it(model: LiteRTModel) -> None:
    photos = [outfit(), draw_garment(), outfit(GREY)]

    together = describe(model, photos)
    whole = describe(model, photos, model.predict(photos))

    for number, photo in enumerate(photos):
        alone = describe(model, [photo])[0]
        np.testing.assert_allclose(together[number], alone, atol=1e-5)
        np.testing.assert_allclose(whole[number], alone, atol=1e-5)


def test_the_parts_of_photos_are_those_of_their_inferences(model: LiteRTModel) -> None:
    photos = [outfit(), draw_garment(), outfit(GREY)]

    shapes, colours = model.parts_of(photos)

    for inference, shape, colour in zip(model.predict(photos), shapes, colours, strict=True):
        np.testing.assert_allclose(shape, inference.shape, atol=1e-6)
        np.testing.assert_allclose(colour, inference.colour, atol=1e-6)


def test_one_half_of_an_outfit_finds_it_by_its_region(model: LiteRTModel) -> None:
    """Trousers alone are nearer to the lower half than to the whole outfit."""
    trousers = Image.new("RGB", (200, 200), WHITE)
    trousers.paste(NAVY, (50, 50, 150, 150))
    asked = model.predict([trousers])[0]
    query = model.descriptor.query(asked.shape, asked.colour, studio=asked.studio)

    whole, upper, lower, _middle = (describe(model, [outfit()])[0] @ query).tolist()

    assert lower > whole > upper


def test_a_descriptor_without_regions_has_one_vector_a_photo(model: LiteRTModel) -> None:
    before = replace(model.descriptor.settings, regions=False)
    plain = LiteRTModel(model.card, Descriptor(before, model.descriptor.projection), model._network)

    assert [len(vectors) for vectors in describe(plain, [outfit(), outfit(GREY)])] == [1, 1]


def test_the_regions_of_a_figure() -> None:
    assert regions_of((0.25, 0.125, 0.5, 0.5)) == [
        (0.25, 0.125, 0.5, 0.25),
        (0.25, 0.375, 0.5, 0.25),
        (0.25, 0.25, 0.5, 0.25),
    ]


@pytest.mark.parametrize(
    ("size", "box", "cut"),
    [
        ((200, 300), (0.25, 0.5, 0.5, 0.25), (100, 75)),
        ((200, 300), (0.5, 0.5, 0.001, 0.001), (8, 8)),
        ((4, 3), (0.0, 0.0, 0.5, 0.5), (4, 3)),
        ((1, 5_000), (0.0, 0.25, 1.0, 0.5), (1, 2_500)),
    ],
)
def test_a_region_is_cut_no_smaller_than_can_be_seen(
    size: tuple[int, int], box: tuple[float, float, float, float], cut: tuple[int, int]
) -> None:
    assert crop_of(Image.new("RGB", size), box).size == cut


def test_what_stands_before_white_is_the_figure() -> None:
    lab = lab_of(outfit())

    assert white_share(lab) == 1.0
    np.testing.assert_allclose(background_of(lab), [100, 0, 0], atol=0.5)
    # A quarter of the width, a sixth of the height; a cell more at each end.
    np.testing.assert_allclose(figure_box(lab, FigureSettings()), (0.25, 1 / 6, 0.5, 2 / 3), atol=1.5 / 64)
    mask = figure_mask(lab, FigureSettings())
    assert mask[32, 32] > 0.8
    assert mask[2, 2] < 0.05


def test_white_at_a_corner_is_the_background_of_a_close_up() -> None:
    """Of the border more is garment: its median is not what lies behind."""
    close_up = Image.new("RGB", (200, 200), NAVY)
    close_up.paste(WHITE, (0, 0, 60, 60))

    np.testing.assert_allclose(background_of(lab_of(close_up)), [100, 0, 0], atol=0.5)


@pytest.mark.parametrize("background", [GREY, NAVY, "#f6f0e6"])
def test_a_room_has_no_white_border(background: str) -> None:
    assert white_share(lab_of(outfit(background))) == 0.0


def test_a_picture_of_one_colour_is_a_figure_as_a_whole() -> None:
    plain = lab_of(Image.new("RGB", (64, 64), WHITE))

    assert figure_box(plain, FigureSettings()) == (0.0, 0.0, 1.0, 1.0)
    assert figure_mask(plain, FigureSettings()).min() > 0
