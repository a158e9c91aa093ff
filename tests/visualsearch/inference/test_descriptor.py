from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from visualsearch.inference.descriptor import (
    ColourBins,
    Descriptor,
    FeaturePart,
    FineColour,
    Projection,
    Settings,
    Weights,
    colour_histogram,
    shape_features,
)

SETTINGS = Settings(
    size=192,
    framing="squash",
    parts=(FeaturePart(0, 2, 1.0), FeaturePart(2, 4, 0.5)),
    shape_weight=0.8,
    colour_weight=0.6,
    close=0.75,
    weak=0.5,
    temperature=1.0,
)
SHAPE = np.array([1, 0], np.float32)
COLOUR = np.array([0, 1], np.float32)


@pytest.fixture
def descriptor() -> Descriptor:
    plain = np.eye(4, 2, dtype=np.float32)
    return Descriptor(SETTINGS, Projection(np.zeros(4, np.float32), plain, np.zeros(4, np.float32), plain))


@pytest.fixture
def two_colours() -> Descriptor:
    """A descriptor with coarse and fine colours, two numbers each."""
    plain, none = np.eye(4, 2, dtype=np.float32), np.zeros(4, np.float32)
    settings = replace(
        SETTINGS,
        shape_weight=1.0,
        colour_weight=1.0,
        fine_weight=1.0,
        fine=FineColour(),
        room=Weights(1.0, 0.25),
        studio=Weights(1.0, 0.0, 1.0),
    )
    return Descriptor(settings, Projection(none, plain, none, plain, none, plain))


def test_the_parts_are_joined_by_their_weights(descriptor: Descriptor) -> None:
    np.testing.assert_allclose(descriptor.join(SHAPE, COLOUR), [0.8, 0, 0, 0.6], atol=1e-6)


# Of the same cut in another colour: as the lengths of the parts are, .64 of 1 is the cut's.
@pytest.mark.parametrize(("emphasis", "expected"), [(-1, 1.0), (-0.5, 0.64 / 0.82), (0, 0.64), (1, 0.0)])
def test_emphasis_shifts_what_counts_between_cut_and_colour(
    descriptor: Descriptor, emphasis: float, expected: float
) -> None:
    query = descriptor.query(SHAPE, COLOUR, emphasis=emphasis)

    assert query @ descriptor.join(SHAPE, COLOUR[::-1]) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("emphasis", [-1, -0.3, 0, 0.7, 1])
@pytest.mark.parametrize("studio", [False, True])
def test_the_same_photo_is_as_similar_as_can_be_whatever_counts(
    two_colours: Descriptor, emphasis: float, *, studio: bool
) -> None:
    shape, colour = SHAPE, np.array([1, 0, 0, 1], np.float32)

    query = two_colours.query(shape, colour, studio=studio, emphasis=emphasis)

    assert query @ two_colours.join(shape, colour) == pytest.approx(1, abs=1e-6)


def test_coarse_colours_count_in_a_room_and_fine_ones_before_white(two_colours: Descriptor) -> None:
    photo = np.array([1, 0, 0, 1], np.float32)
    of_one_coarse, of_one_fine = np.array([1, 0, 1, 0], np.float32), np.array([0, 1, 0, 1], np.float32)
    stored = [two_colours.join(SHAPE, colour) for colour in (of_one_coarse, of_one_fine)]

    room, studio = (two_colours.query(SHAPE, photo, studio=studio) for studio in (False, True))

    np.testing.assert_allclose([room @ one for one in stored], [1, 1 / 1.25], atol=1e-6)
    np.testing.assert_allclose([studio @ one for one in stored], [0.5, 1], atol=1e-6)


def test_photos_are_compared_by_the_mean_of_both_kinds_of_weights(two_colours: Descriptor) -> None:
    one, other = (two_colours.balanced(SHAPE, np.array(colour, np.float32)) for colour in ([1, 0, 0, 1], [1, 0, 1, 0]))

    # Shape 1, coarse colours half of .25, and half of 1 for the fine ones, which differ.
    assert one @ one == pytest.approx(1, abs=1e-6)
    assert one @ other == pytest.approx(1.125 / 1.625, abs=1e-6)


def test_the_parts_of_a_stored_vector_are_those_it_was_made_of(two_colours: Descriptor) -> None:
    colour = np.array([0.6, 0.8, 1, 0], np.float32)

    shape, both = two_colours.parts_of(two_colours.join(SHAPE, colour))

    np.testing.assert_allclose(shape, SHAPE, atol=1e-6)
    np.testing.assert_allclose(both, colour, atol=1e-6)


def test_a_query_without_any_part_is_like_nothing(descriptor: Descriptor) -> None:
    nothing = np.zeros(2, np.float32)

    assert not descriptor.query(nothing, nothing).any()


def test_by_colour_alone_nothing_is_close(descriptor: Descriptor) -> None:
    assert [descriptor.match(similarity, shape=False) for similarity in (1.0, 0.88, 0.87)] == ["weak", "weak", "none"]


def test_likeness_is_read_between_the_steps_of_the_scale(descriptor: Descriptor) -> None:
    assert [descriptor.likeness(similarity) for similarity in (-0.2, 0.3)] == [0.0, 0.3]
    scaled = Descriptor(replace(SETTINGS, scale=((0.0, 0.0), (0.5, 0.8), (1.0, 1.0))), descriptor.projection)

    assert [scaled.likeness(similarity) for similarity in (-0.2, 0.25, 0.75, 1.0)] == pytest.approx([0, 0.4, 0.9, 1])


def test_descriptors_of_before_are_read_and_what_is_written_comes_back() -> None:
    text = SETTINGS.to_json()
    new = ("fine", "fine_weight", "room", "studio", "studio_border", "regions", "scale", "kind_bonus", "standing_out")
    before = {name: value for name, value in json.loads(text).items() if name not in new}
    full = replace(SETTINGS, fine=FineColour(), room=Weights(1, 0.3), studio=Weights(1, 0, 0.8), scale=((0.0, 0.1),))

    assert Settings.from_json(json.dumps(before)) == SETTINGS
    assert Settings.from_json(full.to_json()) == full


def test_a_part_of_zeros_counts_for_nothing(descriptor: Descriptor) -> None:
    joined = descriptor.join(np.zeros((1, 2), np.float32), COLOUR[None])

    np.testing.assert_allclose(joined, [[0, 0, 0, 1]])


@pytest.mark.parametrize(
    ("similarity", "expected"), [(0.75, "close"), (0.7499, "weak"), (0.5, "weak"), (0.4999, "none"), (-1, "none")]
)
def test_a_match_is_as_strong_as_its_similarity(descriptor: Descriptor, similarity: float, expected: str) -> None:
    assert descriptor.match(similarity) == expected


def test_each_layer_counts_by_its_weight_whatever_its_scale() -> None:
    pooled = np.array([[3, 4, 0, 100]], np.float32)

    np.testing.assert_allclose(shape_features(pooled, SETTINGS.parts), [[0.6, 0.8, 0, 0.5]], atol=1e-6)


def test_a_power_below_1_lets_no_channel_drown_the_others() -> None:
    pooled = np.array([[9.0, 16.0, -1.0]], np.float32)

    found = shape_features(pooled, (FeaturePart(0, 3, 1.0),), 0.5)

    np.testing.assert_allclose(found, np.array([[3, 4, -1]]) / np.sqrt(26), atol=1e-6)


def test_a_descriptor_comes_back_from_its_files(descriptor: Descriptor, tmp_path: Path) -> None:
    descriptor.settings = replace(SETTINGS, bins=ColourBins(chroma_range=40.0))

    descriptor.save(tmp_path)
    back = Descriptor.load(tmp_path)

    assert back.settings == descriptor.settings
    assert (back.dimensions, back.shape_dimensions, back.colour_dimensions) == (4, 2, 2)
    np.testing.assert_array_equal(
        back.shape(np.ones((1, 4), np.float32)), descriptor.shape(np.ones((1, 4), np.float32))
    )


def test_a_colour_between_two_bins_counts_in_both() -> None:
    # L 50 lies between the bins 0 and 100, a 0 and b 10 on bins −10, 0 and 10.
    lab = np.array([[[50, 0, 10]]], np.float32)

    histogram = colour_histogram(lab, np.ones((1, 1), np.float32), ColourBins(lightness=2, chroma=3, chroma_range=10.0))

    expected = np.zeros((2, 3, 3))
    expected[:, 1, 2] = np.sqrt(0.5)
    np.testing.assert_allclose(histogram.reshape(2, 3, 3), expected, atol=1e-6)


def test_only_what_the_mask_covers_has_a_colour() -> None:
    lab = np.array([[[0, 0, 0], [100, 0, 0]]], np.float32)

    histogram = colour_histogram(lab, np.array([[0, 1]], np.float32), ColourBins(2, 3, 10.0))

    assert histogram.reshape(2, 3, 3)[1, 1, 1] == pytest.approx(1)
    assert np.count_nonzero(histogram) == 1
