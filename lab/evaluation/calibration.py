"""Calibration of probabilities: reliability curve, expected calibration error (ECE), and AUROC.

The expected calibration error is that of Guo et al., "On Calibration of Modern Neural Networks", 2017: cases are put
into bins by the probability that the model gives its best label, and the gaps between that and the share that is right
are averaged, each bin by its number of cases.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lab.evaluation.recall import Share

BINS = 15
# Fewer than for shares: each needs the cases themselves drawn anew.
RESAMPLES = 2000


@dataclass(frozen=True, slots=True)
class ReliabilityCurve:
    """What a plot shows of the k bins that have cases, (k,) each: mean probability, share that is right, cases."""

    probability: NDArray[np.float64]
    accuracy: NDArray[np.float64]
    count: NDArray[np.int64]


def reliability_curve(
    probabilities: NDArray[np.float64], right: NDArray[np.bool_], bins: int = BINS
) -> ReliabilityCurve:
    """Return the curve of n best labels' probabilities (n,), 0 to 1, and whether each label is right (n,)."""
    places = _bins_of(probabilities, bins)
    counts = np.bincount(places, minlength=bins)
    filled = counts > 0
    probability, accuracy = (
        np.bincount(places, values, bins)[filled] / counts[filled] for values in (probabilities, right)
    )
    return ReliabilityCurve(probability, accuracy, counts[filled])


def expected_calibration_error(probabilities: NDArray[np.float64], right: NDArray[np.bool_], bins: int = BINS) -> float:
    """Return the error, 0 to 1, of n best labels' probabilities (n,), 0 to 1; `right` (n,) says which labels are."""
    gaps = np.bincount(_bins_of(probabilities, bins), probabilities - right, bins)
    return float(np.abs(gaps).sum() / len(right))


def calibration_error(probabilities: NDArray[np.float64], right: NDArray[np.bool_], *, seed: int = 1) -> Share:
    """Return the expected calibration error with its 95 % bootstrap interval over the cases.

    Of few cases it comes out too high, of resampled ones a little more so: chance too makes gaps.
    """
    gaps = np.zeros((len(right), BINS))
    gaps[np.arange(len(right)), _bins_of(probabilities, BINS)] = probabilities - right
    drawn = _drawn(len(right), np.random.default_rng(seed))
    errors = np.abs(drawn @ gaps).sum(axis=1) / len(right)
    return _figure(expected_calibration_error(probabilities, right), errors, len(right))


def tempered(probabilities: NDArray[np.float64], power: float) -> NDArray[np.float64]:
    """Return probabilities (n, labels) as a temperature lower by the factor `power` would have given them.

    A softmax at temperature T, raised to the power T, is the softmax at temperature 1.
    """
    powers = probabilities**power
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), np.float64)


def median_of(values: NDArray[np.float64], *, seed: int = 1) -> Share:
    """Return the median of values (n,), 0 to 1, with its 95 % bootstrap interval."""
    drawn = np.random.default_rng(seed).choice(values, (RESAMPLES, len(values)))
    return _figure(float(np.median(values)), np.median(drawn, axis=1), len(values))


def separation(high: NDArray[np.float64], low: NDArray[np.float64], *, seed: int = 1) -> Share:
    """Return how often one of `high` (n,) is above one of `low` (m,), level half, with its 95 % bootstrap interval.

    That is the area under the receiver operating characteristic (AUROC): 1 tells all apart, .5 none. The count is m's.
    """
    wins = (high[:, None] > low) + 0.5 * (high[:, None] == low)
    rng = np.random.default_rng(seed)
    drawn = ((_drawn(len(high), rng) @ wins) * _drawn(len(low), rng)).sum(axis=1) / wins.size
    return _figure(float(wins.mean()), drawn, len(low))


def _bins_of(probabilities: NDArray[np.float64], bins: int) -> NDArray[np.intp]:
    """Return each case's bin. A bin holds its upper edge, and the first one also 0."""
    return np.asarray(np.clip(np.ceil(probabilities * bins) - 1, 0, bins - 1), np.intp)


def _drawn(count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return how often each of `count` cases is in each resample, (RESAMPLES, count)."""
    return np.asarray(rng.multinomial(count, np.full(count, 1 / count), RESAMPLES), np.int64)


def _figure(value: float, resampled: NDArray[np.float64], count: int) -> Share:
    low, high = np.percentile(resampled, (2.5, 97.5))
    return Share(value, float(low), float(high), count)
