"""Detection of garments: peaks of heat maps, overlapping boxes, and features pooled within a box."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from visualsearch.inference.garments import MOST_GARMENTS, DetectionSettings, overlap, peaks_of, pooled_within
from visualsearch.inference.letterbox import to_photo

SETTINGS = DetectionSettings(least_score=0.5, same_overlap=0.5, other_overlap=0.75)
CELLS, LABELS = 6, 3
LOW = -9.0


def heat_of(*peaks: tuple[int, int, int, float]) -> NDArray[np.float32]:
    """Return logits with peaks at (row, column, label)."""
    heat = np.full((CELLS, CELLS, LABELS), LOW, np.float32)
    for row, column, label, logit in peaks:
        heat[row, column, label] = logit
    return heat


def boxes_of(*boxes: tuple[int, int, tuple[float, float, float, float]]) -> NDArray[np.float32]:
    made = np.tile(np.array([0.4, 0.4, 0.6, 0.6], np.float32), (CELLS, CELLS, 1))
    for row, column, edges in boxes:
        made[row, column] = edges
    return made


def test_each_peak_is_a_garment_the_surest_first() -> None:
    heat = heat_of((1, 1, 0, 1.0), (4, 4, 2, 3.0))
    boxes = boxes_of((1, 1, (0.0, 0.0, 0.3, 0.4)), (4, 4, (0.5, 0.5, 1.2, 0.9)))

    shoe, dress = peaks_of(heat, boxes, SETTINGS)

    assert (int(shoe.probabilities.argmax()), int(dress.probabilities.argmax())) == (2, 0)
    assert shoe.box == pytest.approx((0.5, 0.5, 0.5, 0.4))
    assert dress.box == pytest.approx((0.0, 0.0, 0.3, 0.4))
    assert shoe.score == pytest.approx(1 / (1 + np.exp(-3)))


def test_what_is_less_sure_than_its_neighbour_is_no_garment_of_its_own() -> None:
    heat = heat_of((2, 2, 0, 3.0), (2, 3, 0, 2.0))

    assert len(peaks_of(heat, boxes_of((2, 3, (0.7, 0.7, 0.9, 0.9))), SETTINGS)) == 1


@pytest.mark.parametrize(("logit", "found"), [(0.0, 1), (-0.01, 0)])
def test_a_garment_has_at_least_the_least_score(logit: float, found: int) -> None:
    assert len(peaks_of(heat_of((2, 2, 0, logit)), boxes_of(), SETTINGS)) == found


@pytest.mark.parametrize(("other", "kept"), [(0, 1), (1, 2)])
def test_boxes_of_other_labels_may_overlap_more(other: int, kept: int) -> None:
    """A coat over a dress: their boxes have 60 % in common."""
    heat = heat_of((1, 1, 0, 3.0), (4, 4, other, 2.0))
    boxes = boxes_of((1, 1, (0.0, 0.0, 1.0, 1.0)), (4, 4, (0.0, 0.0, 1.0, 0.6)))

    assert len(peaks_of(heat, boxes, SETTINGS)) == kept


def test_boxes_that_overlap_too_much_are_of_one_garment_whatever_they_are_called() -> None:
    heat = heat_of((1, 1, 0, 3.0), (4, 4, 1, 2.0))
    boxes = boxes_of((1, 1, (0.0, 0.0, 1.0, 1.0)), (4, 4, (0.0, 0.0, 1.0, 0.8)))

    (only,) = peaks_of(heat, boxes, SETTINGS)

    assert only.probabilities.argmax() == 0


def test_a_garment_over_another_at_one_place_is_not_named_like_it() -> None:
    """Two labels peak in one cell, and have its one box: allowed to overlap, each is called by its own."""
    heat = heat_of((2, 2, 0, 3.0), (2, 2, 1, 2.0))

    coat, dress = peaks_of(heat, boxes_of(), replace(SETTINGS, other_overlap=1.0))

    assert [int(one.probabilities.argmax()) for one in (coat, dress)] == [0, 1]
    assert dress.probabilities.sum() == pytest.approx(1)
    assert dress.probabilities[0] == 0


def test_an_empty_box_is_no_garment() -> None:
    assert peaks_of(heat_of((2, 2, 0, 3.0)), boxes_of((2, 2, (0.5, 0.2, 0.5, 0.8))), SETTINGS) == []


def test_there_are_no_more_garments_than_a_search_names() -> None:
    places = [(row, column) for row in (0, 2, 4) for column in (0, 2, 4)]
    heat = heat_of(*((row, column, 0, 3.0) for row, column in places))
    boxes = boxes_of(*((row, column, (column / 6, row / 6, column / 6 + 0.1, row / 6 + 0.1)) for row, column in places))

    assert len(peaks_of(heat, boxes, SETTINGS)) == MOST_GARMENTS


def test_boxes_overlap_by_what_they_share_of_both() -> None:
    first, second = np.array([0, 0, 0.5, 1.0]), np.array([0.25, 0, 0.75, 1.0])

    assert overlap(first, second) == pytest.approx(1 / 3)
    assert overlap(first, first) == pytest.approx(1)
    assert overlap(first, np.array([0.6, 0, 0.7, 1.0])) == 0


def test_features_are_pooled_of_what_a_box_covers() -> None:
    small = np.arange(4, dtype=np.float32).reshape(2, 2, 1)
    large = np.arange(16, dtype=np.float32).reshape(4, 4, 1)

    left = pooled_within((small, large), (0.0, 0.0, 0.5, 1.0))
    middle = pooled_within((small,), (0.25, 0.0, 0.5, 0.5))

    np.testing.assert_allclose(left, [1.0, 6.5])
    np.testing.assert_allclose(middle, [0.5])
    np.testing.assert_allclose(pooled_within((large,), (0.0, 0.0, 1.0, 1.0)), [7.5])
    np.testing.assert_allclose(pooled_within((small,), (0.9, 0.9, 0.0, 0.0)), [3])


def test_a_box_of_the_square_is_found_on_the_photo() -> None:
    """Of a photo twice as wide as high the square's upper and lower quarter are padding."""
    assert to_photo((0.1, 0.25, 0.2, 0.5), (200, 100), "letterbox") == pytest.approx((0.1, 0.0, 0.2, 1.0))
    assert to_photo((0.1, 0.0, 0.2, 1.0), (200, 100), "letterbox") == pytest.approx((0.1, 0.0, 0.2, 1.0))
    assert to_photo((0.1, 0.2, 0.3, 0.4), (200, 100), "squash") == pytest.approx((0.1, 0.2, 0.3, 0.4))
