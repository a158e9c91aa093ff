from __future__ import annotations

import numpy as np
import pytest

from lab.evaluation.calibration import (
    calibration_error,
    expected_calibration_error,
    median_of,
    reliability_curve,
    separation,
    tempered,
)

# Ten cases said with .9, of which seven are right, and ten said with .6, of which six are.
PROBABILITIES = np.repeat([0.9, 0.6], 10)
RIGHT = np.array([True] * 7 + [False] * 3 + [True] * 6 + [False] * 4)


def test_the_calibration_error_is_the_mean_gap_between_what_is_said_and_what_is_right() -> None:
    assert expected_calibration_error(PROBABILITIES, RIGHT) == pytest.approx((10 * 0.2 + 10 * 0) / 20)


def test_a_gap_is_one_gap_in_whichever_direction() -> None:
    # In one bin the gaps of +.1 and −.1 would cancel out; in two they do not.
    probabilities, right = np.repeat([0.9, 0.4], 10), np.array([True] * 8 + [False] * 2 + [True] * 5 + [False] * 5)

    assert expected_calibration_error(probabilities, right) == pytest.approx(0.1)
    assert expected_calibration_error(probabilities, right, bins=1) == pytest.approx(0.0)


def test_a_bin_holds_its_upper_edge_and_the_first_holds_zero() -> None:
    curve = reliability_curve(np.array([0.0, 0.5, 0.51, 1.0]), np.array([False, True, True, False]), bins=2)

    np.testing.assert_allclose(curve.probability, [0.25, 0.755])
    np.testing.assert_allclose(curve.accuracy, [0.5, 0.5])
    assert curve.count.tolist() == [2, 2]


def test_the_curve_leaves_out_bins_without_cases_and_holds_the_error() -> None:
    curve = reliability_curve(PROBABILITIES, RIGHT)

    assert curve.count.tolist() == [10, 10]
    np.testing.assert_allclose(curve.accuracy, [0.6, 0.7])
    gaps = np.abs(curve.probability - curve.accuracy)
    assert gaps @ curve.count / 20 == pytest.approx(expected_calibration_error(PROBABILITIES, RIGHT))


def test_the_interval_of_the_error_narrows_with_the_number_of_cases() -> None:
    few = calibration_error(PROBABILITIES, RIGHT)
    many = calibration_error(np.tile(PROBABILITIES, 50), np.tile(RIGHT, 50))

    assert (few.value, many.value) == pytest.approx((0.1, 0.1))
    assert (few.count, many.count) == (20, 1000)
    assert few.low < many.low < 0.1 < many.high < few.high
    # Of the gap of .2, in half of the cases, √(.7 × .3 / 500) / 2 = .01 is the deviation.
    assert many.high - many.low == pytest.approx(2 * 1.96 * 0.01, rel=0.5)


def test_tempering_gives_what_another_temperature_would_have_given() -> None:
    logits = np.array([[3.0, 1.0, 0.0], [0.0, 0.5, 2.0]])

    def softmax(temperature: float) -> np.ndarray:
        powers = np.exp(logits / temperature)
        return np.asarray(powers / powers.sum(axis=1, keepdims=True))

    np.testing.assert_allclose(tempered(softmax(0.6), 0.6), softmax(1.0))
    np.testing.assert_allclose(tempered(softmax(2.5), 2.5), softmax(1.0))


def test_a_median_has_its_interval_among_the_values() -> None:
    figure = median_of(np.linspace(0, 1, 101))

    assert figure.value == 0.5
    assert 0.3 < figure.low < 0.5 < figure.high < 0.7


def test_separation_counts_who_is_above_whom_and_level_half() -> None:
    figure = separation(np.array([0.9, 0.8, 0.5]), np.array([0.5, 0.6]))

    assert figure.value == pytest.approx((2 + 2 + 0.5) / 6)
    assert figure.low < figure.value < figure.high <= 1
    assert separation(np.array([0.9]), np.array([0.1])).low == 1
