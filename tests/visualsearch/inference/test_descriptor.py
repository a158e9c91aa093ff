from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from visualsearch.inference.descriptor import (
    ColourBins,
    Descriptor,
    FeaturePart,
    Projection,
    Settings,
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


def test_the_parts_are_joined_by_their_weights(descriptor: Descriptor) -> None:
    np.testing.assert_allclose(descriptor.join(SHAPE, COLOUR), [0.8, 0, 0, 0.6], atol=1e-6)


@pytest.mark.parametrize(
    ("emphasis", "expected"),
    [(-1, [1, 0, 0, 0]), (1, [0, 0, 0, 1]), (-0.5, [0.93633, 0, 0, 0.35112])],
)
def test_emphasis_shifts_the_weights_between_cut_and_colour(
    descriptor: Descriptor, emphasis: float, expected: list[float]
) -> None:
    np.testing.assert_allclose(descriptor.join(SHAPE, COLOUR, emphasis=emphasis), expected, atol=1e-5)


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
